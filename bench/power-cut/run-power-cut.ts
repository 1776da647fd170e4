import { mkdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { type RandomNumbers, randomNumbers } from "../networks/random-numbers.ts";
import { checkRebuilt } from "./check-rebuilt.ts";
import { DiskModel, survivals } from "./disk-model.ts";
import type { RecordedRun } from "./record-run.ts";
import type { LogRecord } from "./write-log.ts";

export interface PowerCutOptions {
  readonly seed: number;
  readonly cuts: number;
  /** Records to leave out, as if the process had not done it: what shows that the test can fail. Nothing that was not flushed survives then. */
  readonly leaveOut?: (record: LogRecord) => boolean;
  /** Stops at the first cut with something wrong. */
  readonly untilWrong?: boolean;
  readonly onViolation?: (violation: string) => void;
  readonly onProgress?: (done: number) => void;
}

export interface PowerCutReport {
  readonly cuts: number;
  /** What was wrong, a sentence a cut. */
  readonly violations: readonly string[];
}

/** Opening stores is mostly waiting for their threads. */
const atOnce = 3;

/**
 * Cuts the power at `cuts` moments of a recorded run, rebuilds the data directory as the disk may hold it then, and checks what the stores make
 * of it. Moments: when an answer leaves, before and after a flush, and anywhere else.
 */
export async function runPowerCut(run: RecordedRun, options: PowerCutOptions): Promise<PowerCutReport> {
  const { seed, cuts, leaveOut, untilWrong = false } = options;
  const random = randomNumbers(seed);
  const sentAt = firstAnswers(run.records);
  const model = new DiskModel(run.root);
  const violations: string[] = [];
  const moments = drawMoments(run.records, cuts, leaveOut === undefined ? 0 : run.records.length / 2, random);
  const checks = new Set<Promise<void>>();
  let applied = 0;
  let begun = 0;
  let done = 0;
  for (const moment of moments) {
    for (; applied < moment; applied += 1) {
      const record = run.records[applied] as LogRecord;
      if (leaveOut?.(record) !== true) model.apply(record);
    }
    const survival = leaveOut !== undefined || random.next() < 0.3 ? "nothing" : random.pick(survivals);
    begun += 1;
    const rebuilt = join(run.root, "..", `rebuilt${begun}`);
    await mkdir(rebuilt);
    await model.rebuild(rebuilt, survival, random);
    const check = (async () => {
      const found = await checkRebuilt(join(rebuilt, "data"), run.promises, {
        records: moment,
        isAcknowledged: (exchange) => exchange !== null && (sentAt.get(exchange.address) ?? Number.POSITIVE_INFINITY) < moment,
      });
      await rm(rebuilt, { recursive: true });
      if (found.length > 0) {
        const violation = `${describe(run, moment)}, ${survival} survives: ${sentence(found)}`;
        violations.push(violation);
        options.onViolation?.(violation);
      }
      done += 1;
      options.onProgress?.(done);
    })();
    checks.add(check);
    // Waited for below; until then a failure must not end the process.
    check.catch(() => {}).finally(() => checks.delete(check));
    if (checks.size >= atOnce) await Promise.race(checks);
    if (untilWrong && violations.length > 0) break;
  }
  await Promise.all(checks);
  return { cuts: done, violations };
}

function sentence(found: readonly string[]): string {
  const more = found.length > 5 ? `; and ${found.length - 5} more` : "";
  return `${found.slice(0, 5).join("; ")}${more}`;
}

/** At which record the answer to each address began to leave. */
function firstAnswers(records: readonly LogRecord[]): Map<number, number> {
  const sentAt = new Map<number, number>();
  for (const [i, record] of records.entries()) {
    if (record.kind === "sent" && record.start.startsWith("HTTP/1.1 2") && !sentAt.has(record.peer)) sentAt.set(record.peer, i);
  }
  return sentAt;
}

/** In ascending order, none before `from`; each is the number of records before the cut. */
function drawMoments(records: readonly LogRecord[], cuts: number, from: number, random: RandomNumbers): number[] {
  const at = (kinds: readonly LogRecord["kind"][]): number[] =>
    records.flatMap(({ kind }, i) => (i >= from && kinds.includes(kind) ? [i] : []));
  const answers = at(["sent"]);
  const flushes = at(["sync", "sync-directory"]);
  return Array.from({ length: cuts }, () => {
    const drawn = random.next();
    if (drawn < 0.35) return random.pick(answers) + 1;
    if (drawn < 0.65) return random.pick(flushes) + 1;
    if (drawn < 0.8) return random.pick(flushes);
    return Math.floor(from) + random.below(records.length - Math.floor(from) + 1);
  }).sort((a, b) => a - b);
}

function describe(run: RecordedRun, moment: number): string {
  const last = run.records[moment - 1];
  const what = last === undefined ? "" : ` (${last.kind}${"path" in last ? ` ${relative(run.root, last.path)}` : ""})`;
  return `cut after record ${moment} of ${run.records.length}${what}`;
}
