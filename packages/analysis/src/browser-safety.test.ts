import { expect, test } from "vitest";
import { outsideOf } from "../../../scripts/reachable-modules.ts";

test("the door needs nothing but gufe: no Node, so it runs in browsers", () => {
  const { modules, outside } = outsideOf(new URL("./index.ts", import.meta.url));
  expect(modules).toBeGreaterThan(30);
  expect(outside).toEqual(new Set(["@alchemiscale/gufe"]));
});
