import { expect, it } from "vitest";
import {
  assumedNoise,
  compareStrategies,
  contenders,
  defaultAssumptions,
  hoursToError,
  starNetwork,
  tyk2LikeNetwork,
} from "../index.ts";

const comparison = (network: ReturnType<typeof starNetwork>, names: readonly string[]) =>
  compareStrategies({
    network,
    noise: (replicate) => assumedNoise(network, defaultAssumptions, String(replicate)),
    contenders: contenders.filter(({ name }) => names.includes(name)),
    replicates: 24,
    seed: "test",
    maxGpuHours: 900,
    maxTasksPerTransformation: 3,
    scaling: "exponential",
    points: 60,
  });

it("uncertainty reaches an error of 0.3 with at most 70 % of the GPU hours of connectivity on the TYK2-like network", () => {
  const [connectivity, uncertainty] = comparison(tyk2LikeNetwork(), ["connectivity", "uncertainty"]).map((curve) =>
    hoursToError(curve, 0.3),
  );
  expect(uncertainty).toBeLessThanOrEqual(0.7 * (connectivity ?? 0));
});

it("campaigns are the same when run again, and errors fall", () => {
  const first = comparison(starNetwork(), ["random", "stacked"]);
  expect(comparison(starNetwork(), ["random", "stacked"])).toEqual(first);
  for (const { error } of first) {
    const known = error.filter((value) => value !== null);
    expect(known.at(-1)).toBeLessThan(known[0] ?? 0);
  }
});

it("reads the hours between points, and null where the level is not kept", () => {
  const curve = { name: "", gpuHours: [1, 2, 3, 4], error: [null, 0.6, 0.4, 0.3] };
  expect(hoursToError(curve, 0.5)).toBeCloseTo(2.5);
  expect(hoursToError(curve, 0.7)).toBe(2);
  expect(hoursToError(curve, 0.2)).toBeNull();
});
