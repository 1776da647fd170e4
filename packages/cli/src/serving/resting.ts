/**
 * Memory of a server. The engine lets its heaps grow as long as the machine has room: after a burst of work a server held twice the memory that it
 * needed, for ever. Their growth is bounded where the process starts (the bin); and a server that has worked and now has nothing to do collects its
 * garbage to the last, and gives the space back.
 */
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** At most this share of the time may the event loop have been busy in a quiet spell. */
const quiet = 0.02;
/** Less work than this leaves little behind, in milliseconds of a busy event loop. */
const worthwhileMilliseconds = 300;

/** Lets the threads that are started from now on collect garbage when they are told to, and more often what has just been made: there are up to six of them. */
export function letThreadsCollect(): void {
  setFlagsFromString("--expose-gc");
  setFlagsFromString("--max-semi-space-size=2");
}

/** Watches for quiet after work; then collects garbage here and calls `others`. It keeps no process alive. */
export function restWhenQuiet(others: () => void, watchMilliseconds = 5_000): { stop(): void } {
  const collect = runInNewContext("gc") as NodeJS.GCFunction;
  let before = performance.eventLoopUtilization();
  let worked = worthwhileMilliseconds;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { active, utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    worked += active;
    if (utilization > quiet || worked < worthwhileMilliseconds) return;
    others();
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    before = performance.eventLoopUtilization();
    worked = 0;
  }, watchMilliseconds).unref();
  return { stop: () => clearInterval(timer) };
}
