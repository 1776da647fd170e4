/** A search that may take for ever, in a thread that is ended when it takes too long. */
import { Worker } from "node:worker_threads";

const deadlineMs = 100;
/** Starting the thread does not count against the pattern. */
const startMs = 2000;

const code = `
  const { parentPort, workerData } = require("node:worker_threads");
  const state = new Int32Array(workerData);
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
  parentPort.on("message", ({ source, flags, text, shared }) => {
    const reply = new Int32Array(shared);
    let found = false;
    try { found = new RegExp(source, flags).test(text); } catch {}
    Atomics.store(reply, 0, found ? 2 : 1);
    Atomics.notify(reply, 0);
  });
`;

let running: Worker | null = null;

/** True when the pattern is found within 100 ms. Waits for that long at most, holding the thread that calls. */
export function searchWithDeadline(pattern: RegExp, text: string): boolean {
  const worker = running ?? start();
  running = worker;
  const shared = new SharedArrayBuffer(4);
  const reply = new Int32Array(shared);
  worker.postMessage({ source: pattern.source, flags: pattern.flags, text, shared });
  if (Atomics.wait(reply, 0, 0, deadlineMs) === "timed-out") {
    running = null;
    void worker.terminate();
  }
  return Atomics.load(reply, 0) === 2;
}

function start(): Worker {
  const shared = new SharedArrayBuffer(4);
  const state = new Int32Array(shared);
  const worker = new Worker(code, {
    eval: true,
    workerData: shared,
    name: "statestore patterns",
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  worker.unref();
  Atomics.wait(state, 0, 0, startMs);
  return worker;
}
