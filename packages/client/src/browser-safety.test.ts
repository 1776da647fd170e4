import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** All modules that the door imports, directly or not, and what they import from outside the package. */
function reachable(from: URL, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(from.href)) return seen;
  const outside: string[] = [];
  seen.set(from.href, outside);
  for (const [, specifier = ""] of readFileSync(from, "utf8").matchAll(/^(?:import|export|\}).*? from "([^"]+)";$/gm)) {
    if (specifier.startsWith(".")) reachable(new URL(specifier, from), seen);
    else outside.push(specifier);
  }
  return seen;
}

test("the main door needs nothing of Node, so it runs in browsers", () => {
  const modules = reachable(new URL("./index.ts", import.meta.url));
  expect(modules.size).toBeGreaterThan(20);
  expect(new Set([...modules.values()].flat())).toEqual(new Set(["@alchemiscale/contract", "@alchemiscale/gufe"]));
  for (const module of modules.keys()) expect(readFileSync(new URL(module), "utf8")).not.toMatch(/\bBuffer\.|\bprocess\./);
});
