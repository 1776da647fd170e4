import { expect, test } from "vitest";
import { RandomStream } from "./random-stream.ts";
import { resamples } from "./resamples.ts";

test("the same text gives the same stream, another text another one", () => {
  const draw = (text: string) => {
    const stream = RandomStream.of(text);
    return Array.from({ length: 5 }, () => stream.uniform());
  };
  expect(draw("ProtocolDAGResult-1")).toEqual(draw("ProtocolDAGResult-1"));
  expect(draw("ProtocolDAGResult-1")).not.toEqual(draw("ProtocolDAGResult-2"));
});

test("uniform numbers have the mean and spread of their distribution, and normal ones theirs", () => {
  const stream = RandomStream.of("any");
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const uniform = Array.from({ length: 20_000 }, () => stream.uniform());
  expect(mean(uniform)).toBeCloseTo(0.5, 2);
  expect(mean(uniform.map((u) => (u - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
  const normal = Array.from({ length: 20_000 }, () => stream.normal());
  expect(Math.abs(mean(normal))).toBeLessThan(0.03);
  expect(Math.abs(mean(normal.map((x) => x * x)) - 1)).toBeLessThan(0.05);
});

test("resamples draw every index about equally often", () => {
  const counts = [0, 0, 0, 0, 0];
  for (const indices of resamples(RandomStream.of("any"), 5, 2000)) for (const i of indices) counts[i] = (counts[i] ?? 0) + 1;
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
});
