/** Progress on standard error: a bar on a terminal, nothing elsewhere. */
import { SingleBar } from "cli-progress";
import { environmentVariable } from "../environment.ts";
import { styleError } from "./style.ts";

export interface Progress {
  /** `detail` is shown behind the bar. */
  update(done: number, detail?: string): void;
  stop(): void;
}

/** True where a bar would be shown. */
export function showsProgress(stream: NodeJS.WriteStream = process.stderr): boolean {
  return stream.isTTY === true && environmentVariable("TERM") !== "dumb";
}

/** A bar of `total` steps with a label; call `stop` in the end, also after an error. */
export function startProgress(label: string, total: number): Progress {
  if (!showsProgress()) return { update() {}, stop() {} };
  const bar = new SingleBar({
    stream: process.stderr,
    format: `${label} ${styleError("cyan", "{bar}")} {value}/{total} {detail}`,
    barCompleteChar: "━",
    barIncompleteChar: " ",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    gracefulExit: false,
  });
  // A process ended by a signal must leave the cursor visible.
  const stop = () => bar.stop();
  process.once("exit", stop);
  bar.start(total, 0, { detail: "" });
  return {
    update: (done, detail = "") => bar.update(done, { detail }),
    stop: () => {
      process.removeListener("exit", stop);
      stop();
    },
  };
}

/** A bar for what a client tells of its progress, from when it knows how much there is to do; call `stop` in the end. */
export function startProgressOf(label: string): {
  readonly onProgress: (event: { readonly done: number; readonly total: number | null }) => void;
  readonly stop: () => void;
} {
  let bar: Progress | undefined;
  let known: number | null = null;
  return {
    onProgress: ({ done, total }) => {
      // What is asked for first may be something small, with a total of its own.
      if (total !== null && total !== known) {
        bar?.stop();
        bar = startProgress(label, total);
        known = total;
      }
      bar?.update(done);
    },
    stop: () => bar?.stop(),
  };
}
