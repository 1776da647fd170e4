/** The steps of a long command, told as they happen. */
import { print } from "../terminal/print.ts";
import { showsProgress, startProgress } from "../terminal/progress.ts";
import { style } from "../terminal/style.ts";

export interface StepProgress {
  update(done: number, detail?: string): void;
}

/** Prints what was done, with a tick and the time that it took. */
export async function step<T>(work: () => Promise<T>, done: (value: T) => string): Promise<T> {
  const start = performance.now();
  const value = await work();
  printDone(done(value), start);
  return value;
}

/** The same with a bar; where there is no terminal, a line now and then. */
export async function longStep<T>(
  label: string,
  total: number,
  work: (progress: StepProgress) => Promise<T>,
  done: (value: T) => string,
): Promise<T> {
  const start = performance.now();
  const bar = startProgress(`  ${label}`, total);
  let told = start;
  const progress: StepProgress = {
    update(count, detail = "") {
      bar.update(count, detail);
      if (showsProgress() || performance.now() - told < 2000) return;
      told = performance.now();
      print(`  ${label}: ${count} of ${total} ${detail}`.trimEnd());
    },
  };
  let value: T;
  try {
    value = await work(progress);
  } finally {
    bar.stop();
  }
  printDone(done(value), start);
  return value;
}

function printDone(text: string, start: number): void {
  const seconds = (performance.now() - start) / 1000;
  print(`${style("green", "✔")} ${text}${style("dim", seconds < 0.05 ? "" : `  ${seconds.toFixed(1)} s`)}`);
}
