import { expect, test } from "vitest";
import { outsideOf } from "../../../scripts/reachable-modules.ts";

test("the main door needs nothing of Node, so it runs in browsers", () => {
  const { modules, outside } = outsideOf(new URL("./index.ts", import.meta.url));
  expect(modules).toBeGreaterThan(20);
  expect(outside).toEqual(new Set(["@alchemiscale/contract", "@alchemiscale/gufe"]));
});
