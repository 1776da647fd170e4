/** A worker whose event loop stands still answers nobody and would stay for ever: gunicorn's `timeout`. */
import cluster, { type Worker } from "node:cluster";
import type { Logger } from "pino";

const question = "alchemiscale: are you there?";
const answer = "alchemiscale: I am";

/**
 * Kills a worker whose event loop has not answered for so many seconds; 0: never. To be called when it serves.
 * The time is counted in turns of our own loop, so that after a sleep of the whole machine nobody seems to have been silent.
 */
export function watchWorker(worker: Worker, seconds: number, logger: Logger): void {
  if (seconds === 0) return;
  const turns = Math.max(2, Math.ceil(seconds));
  let silent = 0;
  worker.on("message", (message: unknown) => {
    if (message === answer) silent = 0;
  });
  const timer = setInterval(
    () => {
      if (silent === turns) {
        clearInterval(timer);
        logger.error({ worker: worker.process.pid, seconds }, "a worker has not answered for its timeout and is killed");
        worker.process.kill("SIGKILL");
        return;
      }
      // One that has ended meanwhile is no fault.
      if (silent === 0) worker.send(question, () => {});
      silent += 1;
    },
    (seconds * 1000) / turns,
  );
  timer.unref();
  worker.once("exit", () => clearInterval(timer));
}

/** The other end, in a worker; nothing elsewhere. */
export function answerWatcher(): void {
  if (!cluster.isWorker) return;
  process.on("message", (message) => {
    if (message === question) process.send?.(answer, () => {});
  });
}
