import { parseScopedKey } from "@alchemiscale/contract";
import { describe, expect, test } from "vitest";
import { overlaps } from "./executions.ts";

const task = parseScopedKey("Task-1-o-c-p");
const run = (service: string, begin: number, end: number | null) => ({ task, service, begin, end });

describe("executions of one Task at the same time", () => {
  test("one after the other is in order, also without a pause between", () => {
    expect(overlaps([run("b", 10, 20), run("a", 0, 10)], [], 5)).toEqual([]);
  });

  test("are found, and judged by whether the first service was live", () => {
    const both = [run("a", 0, 30), run("b", 20, 40)];
    expect(overlaps(both, [{ service: "a", at: 16 }], 5)).toMatchObject([{ services: ["a", "b"], at: 20, firstWasLive: true }]);
    expect(overlaps(both, [{ service: "a", at: 14 }], 5)).toMatchObject([{ firstWasLive: false }]);
    expect(overlaps(both, [{ service: "a", at: 21 }], 5)).toMatchObject([{ firstWasLive: false }]);
  });

  test("one that never ended overlaps all later ones", () => {
    expect(overlaps([run("a", 0, null), run("b", 1, 2), run("c", 3, 4)], [], 5)).toHaveLength(2);
  });

  test("a service that gets its own Task again is no second service", () => {
    expect(overlaps([run("a", 0, null), run("a", 1, 2)], [], 5)).toEqual([]);
  });
});
