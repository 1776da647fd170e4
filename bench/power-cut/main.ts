/**
 * The power is cut at many moments of what real servers did, and what the disk may hold then is opened (docs/architecture.md).
 *
 *   npm run power-cut [-- --cuts 2000 --servers 3 --seconds 10 --seed N]
 *
 * Prints the seed and every violation; exit code 1 when there is one.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { recordRun } from "./record-run.ts";
import { runPowerCut } from "./run-power-cut.ts";

const { values } = parseArgs({
  options: {
    cuts: { type: "string", default: "2000" },
    servers: { type: "string", default: "3" },
    seconds: { type: "string", default: "10" },
    seed: { type: "string" },
  },
});
const seed = values.seed === undefined ? randomInt(2 ** 31) : positive("seed", values.seed);
const cuts = positive("cuts", values.cuts);

const begun = performance.now();
const say = (text: string): void => console.log(`[${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s] ${text}`);
say(`seed ${seed}`);
const run = await recordRun({ seed, servers: positive("servers", values.servers), seconds: positive("seconds", values.seconds) });
try {
  const flushes = run.records.filter(({ kind }) => kind === "sync" || kind === "sync-directory").length;
  const { networks, tasks, results } = run.promises;
  say(
    `recorded: ${run.records.length} records with ${flushes} flushes; ${networks.length} networks, ${tasks.length} requests for Tasks, ${results.length} results`,
  );
  const onProgress = (done: number): void => {
    if (done % 200 === 0) say(`${done} of ${cuts} cuts`);
  };
  const onViolation = (violation: string): void => console.log(`VIOLATION: ${violation}`);
  const { violations } = await runPowerCut(run, { seed, cuts, onProgress, onViolation });
  say(violations.length === 0 ? "Nothing acknowledged was lost." : `${violations.length} violations; repeat with --seed ${seed}`);
  process.exitCode = violations.length === 0 ? 0 : 1;
} finally {
  await run.remove();
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) {
    console.error(`--${name} must be a number above 0, not ${text}`);
    process.exit(2);
  }
  return value;
}
