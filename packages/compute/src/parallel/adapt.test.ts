import { describe, expect, test } from "vitest";
import { type Adapted, adapt, coreRules, gpuRules, type Sample, unadapted } from "./adapt.ts";
import { parseGpuStatus } from "./nvidia-smi.ts";

/** A GPU on which a unit alone is busy for `each` percent of the time, in turns with its CPU, and takes `memory` of it. */
function play(each: number, memory: number, most: number, seconds: number, start: Adapted = unadapted(1)): Adapted[] {
  const states: Adapted[] = [start];
  let state = start;
  let trace: Sample[] = [];
  for (let at = 0; at < seconds; at += 5) {
    const running = state.units;
    // Frames come and go: nvidia-smi shows a few percent more or less each time.
    const wobble = ((at / 5) % 3) - 1;
    const utilization = Math.max(0, Math.min(100, each * running) + wobble);
    trace.push({ at, utilization, memory: memory * running, running });
    const next = adapt(state, trace, gpuRules(most));
    if (next.units !== state.units) {
      trace = [];
      states.push(next);
    }
    state = next;
  }
  return states;
}

const steps = (states: readonly Adapted[]) => states.map(({ units }) => units);

describe("the number of units on a GPU", () => {
  test("stays one where one keeps it busy", () => {
    expect(steps(play(96, 0.1, 4, 3600))).toEqual([1]);
  });

  test("grows while there is something left to use, and stops where nothing is", () => {
    expect(steps(play(30, 0.1, 8, 3600))).toEqual([1, 2, 3]);
    expect(steps(play(45, 0.1, 8, 3600))).toEqual([1, 2]);
    expect(steps(play(10, 0.01, 4, 3600))).toEqual([1, 2, 3, 4]);
  });

  test("is never more than the memory allows", () => {
    expect(steps(play(20, 0.4, 8, 3600))).toEqual([1, 2]);
  });

  test("goes back at once where memory is nearly used up, and does not come again for half an hour", () => {
    const start: Adapted = { units: 3, tooMany: null, before: 40 };
    const tight = adapt(start, [{ at: 0, utilization: 50, memory: 0.97, running: 3 }], gpuRules(4));
    expect(tight).toEqual({ units: 2, tooMany: { units: 3, at: 0 }, before: null });
    const calm = (at: number): Sample[] =>
      Array.from({ length: 20 }, (_, i) => ({ at: at + 5 * i, utilization: 50, memory: 0.5, running: 2 }));
    expect(adapt(tight, calm(100), gpuRules(4)).units).toBe(2);
    expect(adapt(tight, calm(2000), gpuRules(4)).units).toBe(3);
  });

  test("goes back where one more brought nothing, as units that wait for the disk do", () => {
    const trace = Array.from({ length: 20 }, (_, i) => ({ at: 5 * i, utilization: 41, memory: 0.2, running: 2 }));
    expect(adapt({ units: 2, tooMany: null, before: 40 }, trace, gpuRules(4))).toMatchObject({ units: 1, tooMany: { units: 2 } });
  });

  test("does not change for what was seen while places were free", () => {
    const trace = Array.from({ length: 40 }, (_, i) => ({ at: 5 * i, utilization: 5, memory: 0.1, running: i % 2 }));
    expect(adapt(unadapted(1), trace, gpuRules(4)).units).toBe(1);
    expect(adapt(unadapted(1), [], gpuRules(4)).units).toBe(1);
  });
});

test("cores take more units than there are only while the processors rest", () => {
  const seen = (utilization: number): Sample[] =>
    Array.from({ length: 10 }, (_, i) => ({ at: 2 * i, utilization, memory: 0.3, running: 2 }));
  expect(adapt(unadapted(2), seen(55), coreRules(2)).units).toBe(3);
  expect(adapt(unadapted(2), seen(97), coreRules(2)).units).toBe(2);
  expect(adapt({ ...unadapted(4), before: null }, seen(55), coreRules(2)).units).toBe(4);
});

test("what nvidia-smi prints is read, also where a GPU does not tell", () => {
  const text = "0, GPU-5f1c, 87, 10240, 81920\n1, GPU-77aa, [N/A], [N/A], [N/A]\n";
  expect(parseGpuStatus(text)).toEqual([
    { index: "0", uuid: "GPU-5f1c", utilization: 87, memory: 0.125 },
    { index: "1", uuid: "GPU-77aa", utilization: null, memory: null },
  ]);
});
