import { gasConstant, harmonicBar } from "@alchemiscale/analysis";
import { describe, expect, test } from "vitest";
import { type Schedule, switchingWork, type Well, wellDifference } from "./switching.ts";
import { type Direction, trajectoryStream } from "./trajectory-stream.ts";

const temperature = 298.15;
const schedule: Schedule = { steps: 100, timestep: 0.5, diffusionCoefficient: 0.01, temperature };
const pairs: [string, Well, Well][] = [
  ["stiffer", { forceConstant: 5, center: [0, 0, 0], offset: 0 }, { forceConstant: 14, center: [0.05, 0.05, 0], offset: -2.5 }],
  ["shifted", { forceConstant: 10, center: [0], offset: 0 }, { forceConstant: 12, center: [0.25], offset: 1 }],
];

function works(start: Well, end: Well, seed: string, direction: Direction, n: number, how = schedule): number[] {
  return Array.from({ length: n }, (_, index) => switchingWork(start, end, how, trajectoryStream(seed, direction, index)));
}

function estimate(a: Well, b: Well, seed: string, n: number, how = schedule) {
  return harmonicBar(works(a, b, seed, "forward", n, how), works(b, a, seed, "reverse", n, how));
}

test("random numbers are uniform and normal, and those of one stream are not those of another", () => {
  const stream = trajectoryStream("7", "forward", 0);
  const uniforms = Array.from({ length: 20_000 }, () => stream.uniform());
  expect(mean(uniforms)).toBeCloseTo(0.5, 1.8);
  expect(uniforms.every((value) => value >= 0 && value < 1)).toBe(true);
  const normals = Array.from({ length: 20_000 }, () => stream.normal());
  expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(normals.length));
  expect(Math.abs(mean(normals.map((value) => value ** 2)) - 1)).toBeLessThan(4 * Math.sqrt(2 / normals.length));
  expect(trajectoryStream("7", "forward", 1).uniform()).not.toBe(trajectoryStream("7", "reverse", 1).uniform());
  expect(trajectoryStream("7", "forward", 1).uniform()).toBe(trajectoryStream("7", "forward", 1).uniform());
});

describe.each(pairs)("wells that are %s", (_, a, b) => {
  const exact = wellDifference(a, b, temperature) / (gasConstant * temperature);

  test("give the exact difference within four standard errors", () => {
    const { difference, error } = estimate(a, b, "2026", 2000);
    expect(Math.abs(difference - exact)).toBeLessThan(4 * error);
    expect(error).toBeLessThan(0.05);
  });

  test("give it whatever the timestep, even when nothing moves", () => {
    const frozen = { ...schedule, timestep: 1e-9, steps: 3 };
    const { difference, error } = estimate(a, b, "5", 2000, frozen);
    expect(Math.abs(difference - exact)).toBeLessThan(4 * error);
  });

  test("dissipate work: the mean work is above the difference both ways", () => {
    expect(mean(works(a, b, "1", "forward", 500))).toBeGreaterThan(exact);
    expect(mean(works(b, a, "1", "reverse", 500))).toBeGreaterThan(-exact);
  });

  test("over 200 repeats the errors describe the spread: pulls have a standard deviation between 0.8 and 1.25", () => {
    const pulls = Array.from({ length: 200 }, (_, repeat) => {
      const { difference, error } = estimate(a, b, `repeat ${repeat}`, 100, { ...schedule, steps: 50 });
      return (difference - exact) / error;
    });
    const average = mean(pulls);
    const deviation = Math.sqrt(mean(pulls.map((pull) => (pull - average) ** 2)));
    expect(deviation).toBeGreaterThan(0.8);
    expect(deviation).toBeLessThan(1.25);
    expect(Math.abs(average)).toBeLessThan(4 / Math.sqrt(200));
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
