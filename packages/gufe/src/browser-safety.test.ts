import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** All modules that the door imports, directly or not, and what they import from outside the package. */
function reachable(from: URL, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(from.href)) return seen;
  const outside: string[] = [];
  seen.set(from.href, outside);
  for (const [, specifier] of readFileSync(from, "utf8").matchAll(/(?:from|import) "([^"]+)"/g)) {
    if ((specifier as string).startsWith(".")) reachable(new URL(specifier as string, from), seen);
    else outside.push(specifier as string);
  }
  return seen;
}

test("the main door needs nothing but hashes: no Node, so it runs in browsers", () => {
  const modules = reachable(new URL("./index.ts", import.meta.url));
  expect(modules.size).toBeGreaterThan(30);
  expect(new Set([...modules.values()].flat())).toEqual(new Set(["@noble/hashes/legacy.js", "@noble/hashes/utils.js"]));
  for (const module of modules.keys()) expect(readFileSync(new URL(module), "utf8")).not.toMatch(/\bBuffer\.|\bprocess\./);
});
