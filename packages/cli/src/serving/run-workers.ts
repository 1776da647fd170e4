/**
 * Several processes that share one port. This one opens the port and hands each connection to a worker; a worker is this command again,
 * serving as if it were alone. It knows neither stores nor requests, so there is little in it that could fail.
 */
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import type { Logger } from "pino";
import { print } from "../terminal/print.ts";
import { CommandFailure } from "../usage-error.ts";
import { announce, type Running } from "./announce.ts";
import type { ApiSettings } from "./api-settings.ts";
import { firstSignal } from "./first-signal.ts";
import { watchWorker } from "./watch-worker.ts";
import { environmentOfWorker } from "./worker-role.ts";

/** A worker that lives for less is not begun again at once. */
const soundMilliseconds = 10_000;
const longestPause = 10_000;
/** Beyond the grace that a worker gives its requests. */
const patienceMilliseconds = 10_000;

/**
 * Resolves when it has been asked to end and all workers have ended; also, with the exit code set, when the first one did not come up.
 * A worker that ends on its own is replaced, and so is one that hangs.
 * @throws {CommandFailure} when workers had to be killed.
 */
export async function runWorkers(settings: ApiSettings, logger: Logger): Promise<void> {
  const { workers, graceSeconds = 25, timeoutSeconds = 30 } = settings;
  const signalled = firstSignal();
  const alive = new Map<number, Worker>();
  const pauses = new Set<NodeJS.Timeout>();
  let ending = false;
  signalled.then(() => {
    ending = true;
  });

  const begin = (slot: number): Worker => {
    const worker = cluster.fork(environmentOfWorker({ slot, settings }));
    alive.set(slot, worker);
    worker.on("exit", () => alive.delete(slot));
    worker.once("message", () => watchWorker(worker, timeoutSeconds, logger));
    return worker;
  };
  const keep = (slot: number, worker: Worker, failures = 0): void => {
    const begun = performance.now();
    worker.once("exit", (code, signal) => {
      if (ending) return;
      const lived = performance.now() - begun;
      const failed = lived < soundMilliseconds ? failures + 1 : 0;
      const pause = failed === 0 ? 0 : Math.min(longestPause, 100 * 2 ** (failed - 1));
      logger.error({ worker: worker.process.pid, code, signal, pause }, "a worker has ended; another one takes its place");
      const timer = setTimeout(() => {
        pauses.delete(timer);
        if (!ending) keep(slot, begin(slot), failed);
      }, pause);
      pauses.add(timer);
    });
  };

  cluster.setupPrimary({ silent: false });
  // One first: what is wrong with the settings or the stores is then said once, and the schema is made once.
  const first = begin(0);
  const running = await Promise.race([readiness(first), signalled]);
  if (running === null) {
    // It has said why, where it could.
    if (first.process.exitCode === null) throw new CommandFailure(`the first worker was ended by ${first.process.signalCode}`);
    process.exitCode = first.process.exitCode || 1;
    return;
  }
  if (running !== undefined) {
    keep(0, first);
    const others = Array.from({ length: workers - 1 }, (_, i) => {
      const worker = begin(i + 1);
      keep(i + 1, worker);
      return readiness(worker);
    });
    await Promise.race([Promise.all(others), signalled]);
    if (!ending) announce({ ...running, lines: [...running.lines, ["workers", String(workers)]] });
  }

  await signalled;
  for (const pause of pauses) clearTimeout(pause);
  print("Ending …");
  const left = [...alive.values()];
  for (const worker of left) worker.process.kill("SIGTERM");
  const impatient = setTimeout(
    () => {
      logger.error({ workers: [...alive.values()].map((worker) => worker.process.pid) }, "workers did not end and are killed");
      for (const worker of alive.values()) worker.process.kill("SIGKILL");
    },
    graceSeconds * 1000 + patienceMilliseconds,
  );
  const ends = await Promise.all(left.map(async (worker) => (worker.isDead() ? [0] : await once(worker, "exit"))));
  clearTimeout(impatient);
  if (ends.some(([, signal]) => signal === "SIGKILL")) throw new CommandFailure("workers had to be killed");
}

/** What a worker says once it serves; null when it ends before. */
async function readiness(worker: Worker): Promise<Running | null> {
  return await new Promise((resolve) => {
    worker.once("message", (message: Running) => resolve(message));
    worker.once("exit", () => resolve(null));
  });
}
