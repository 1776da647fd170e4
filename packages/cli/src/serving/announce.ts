import cluster from "node:cluster";
import { print } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";

/** What a server says when it is ready. */
export interface Running {
  readonly userAddress: string | null;
  readonly computeAddress: string | null;
  readonly metricsAddress: string | null;
  /** For people: label and value. */
  readonly lines: readonly (readonly [label: string, value: string])[];
}

/** Tells people, and whoever started this process and waits. A worker tells its parent alone, which speaks for all. */
export function announce(running: Running): void {
  if (cluster.isWorker) {
    process.send?.(running);
    return;
  }
  print(style("bold", "alchemiscale is running"));
  for (const [label, value] of running.lines) print(`  ${style("dim", label.padEnd(15))} ${value}`);
  print(style("dim", "Stop it with Ctrl-C."));
  const { userAddress, computeAddress, metricsAddress } = running;
  process.send?.({ userAddress, computeAddress, metricsAddress }, () => process.disconnect?.());
}
