import fc from "fast-check";
import { expect, test } from "vitest";
import { inBatches } from "./in-batches.ts";
import { mapAhead } from "./map-ahead.ts";

test("outcomes come in order, and never more are under way than asked for", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), async (pauses, atOnce) => {
      let running = 0;
      let most = 0;
      const found: number[] = [];
      const mapped = mapAhead(pauses.entries(), atOnce, async ([position, pause]) => {
        running += 1;
        most = Math.max(most, running);
        for (let i = 0; i < pause; i += 1) await Promise.resolve();
        running -= 1;
        return position;
      });
      for await (const position of mapped) found.push(position);
      expect(found).toEqual([...pauses.keys()]);
      expect(most).toBeLessThanOrEqual(atOnce);
      if (pauses.length > 0) expect(most).toBeGreaterThan(0);
    }),
  );
});

test("leaving the loop, or a failure, aborts what is under way and closes the source", async () => {
  for (const fails of [false, true]) {
    let aborted = 0;
    let closed = false;
    async function* source() {
      try {
        for (let i = 0; ; i += 1) yield i;
      } finally {
        closed = true;
      }
    }
    const mapped = mapAhead(source(), 3, async (i, signal) => {
      if (i === 0) {
        if (fails) throw new Error("the first fails");
        return i;
      }
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted += 1;
      return i;
    });
    const loop = async () => {
      for await (const _ of mapped) break;
    };
    if (fails) await expect(loop()).rejects.toThrow("the first fails");
    else await loop();
    expect([aborted, closed]).toEqual([2, true]);
  }
});

test("batches are answered in order, and one that fails ends the others", async () => {
  const items = Array.from({ length: 2501 }, (_, i) => i);
  const sizes: number[] = [];
  const double = async (batch: readonly number[]) => {
    sizes.push(batch.length);
    return batch.map((item) => 2 * item);
  };
  expect(await inBatches(items, 1000, double)).toEqual(items.map((item) => 2 * item));
  expect(sizes).toEqual([1000, 1000, 501]);
  expect(await inBatches([], 1000, double)).toEqual([]);
  await expect(inBatches(items, 0, double)).rejects.toThrow(/batchSize must be an integer of at least 1; it is 0/);
  let calls = 0;
  let aborted = 0;
  const failing = async (_: readonly number[], signal: AbortSignal): Promise<number[]> => {
    calls += 1;
    if (calls === 1) throw new Error("no");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    aborted += 1;
    return [];
  };
  await expect(inBatches(items, 10, failing)).rejects.toThrow("no");
  expect([calls, aborted]).toEqual([8, 7]);
});
