import { normalize } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keptFilePath } from "./kept-file-path.ts";

test("names stay as they are where they can", () => {
  expect(keptFilePath("0000-A-1-attempt-0.stdout")).toBe("0000-A-1-attempt-0.stdout");
  expect(keptFilePath("shared_A-1/größe x.log")).toBe("shared_A-1/größe x.log");
  expect(keptFilePath("../../etc/passwd")).toBe("%2E%2E/%2E%2E/etc/passwd");
  expect(keptFilePath("/a//b%\n")).toBe("%/a/%/b%25%0A");
});

test("no name leads out of the directory, and no two to one place", () => {
  const name = fc.array(fc.constantFrom(".", "/", "%", "a", "\\", "2E"), { minLength: 1 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(name, name, (one, other) => {
      const path = keptFilePath(one);
      expect(normalize(path)).toBe(path);
      expect(path).not.toMatch(/^\/|(^|\/)\.\.?(\/|$)/);
      if (one !== other) expect(keptFilePath(other)).not.toBe(path);
    }),
  );
});
