import { parseScopedKey } from "@alchemiscale/contract";
import { expect, test } from "vitest";
import { planSeeds } from "./seed-plan.ts";

const task = (n: number) => parseScopedKey(`Task-${n.toString(16).padStart(32, "0")}-o-c-p`);
const transformation = (n: number) => parseScopedKey(`Transformation-${n.toString(16).padStart(32, "0")}-o-c-p`);
const created = (first: number) =>
  Array.from({ length: 12 }, (_, n) => ({ task: task(first + n), transformation: transformation(n % 4) }));

test("a run with the same seed gives the n-th Task of a transformation the same seed, whatever the Tasks' keys", () => {
  expect(Object.values(planSeeds(7, created(0)))).toEqual(Object.values(planSeeds(7, created(100))));
});

test("no two Tasks share a seed, nor do runs with different seeds", () => {
  const seeds = [...Object.values(planSeeds(7, created(0))), ...Object.values(planSeeds(8, created(0)))];
  expect(new Set(seeds).size).toBe(24);
});
