import fc from "fast-check";
import { expect, test } from "vitest";
import { filesToRemove, nameToSegment, segmentToName } from "./kept-files.ts";

test("any name becomes a segment, and a name again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
      const segment = nameToSegment(name);
      expect(segment).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.=+@-]*$/);
      expect(segmentToName(segment)).toBe(name);
    }),
  );
  expect(nameToSegment("shared_A-1/x y.log")).toBe("fshared_A-1=2fx=20y.log");
});

test("the too old go, then the oldest until the rest fits", () => {
  const file = (day: string, size: number) => ({ path: `keptfiles/${day}/o/c/p/R-1/fa`, size });
  const files = [file("2026-03-03", 10), file("2026-01-01", 10), file("2026-03-01", 10), file("2026-03-02", 10)];
  const now = new Date("2026-03-04T12:00:00Z");
  const days = (retention: Parameters<typeof filesToRemove>[1]) =>
    filesToRemove(files, retention, now).map(({ path }) => path.split("/")[1]);
  expect(days({ days: null, bytes: null })).toEqual([]);
  expect(days({ days: 30, bytes: null })).toEqual(["2026-01-01"]);
  expect(days({ days: 2, bytes: null })).toEqual(["2026-01-01", "2026-03-01"]);
  expect(days({ days: 30, bytes: 25 })).toEqual(["2026-01-01", "2026-03-01"]);
});
