import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { letThreadsCollect, restWhenQuiet } from "./resting.ts";

function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("a server that has worked rests once it is quiet, and not again before it has worked again", async () => {
  letThreadsCollect();
  let rests = 0;
  let rested = (): void => {};
  const nextRest = (): Promise<void> =>
    new Promise((resolve) => {
      rested = resolve;
    });
  const first = nextRest();
  const resting = restWhenQuiet(() => {
    rests += 1;
    rested();
  }, 50);
  // The event loop is what is watched, so it has to turn while the test waits.
  const keepAlive = setInterval(() => {}, 1000);
  try {
    await first;
    const second = nextRest();
    work(350);
    expect(rests).toBe(1);
    await second;
    expect(rests).toBe(2);
  } finally {
    resting.stop();
    clearInterval(keepAlive);
  }
});
