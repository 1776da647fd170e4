import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileRecorder, NoRecorder } from "./compile-recorder.ts";
import { type RecordedRun, recordRun } from "./record-run.ts";
import { runPowerCut } from "./run-power-cut.ts";
import type { LogRecord } from "./write-log.ts";

/** As `npm run power-cut`, in little. */
const seed = Number(process.env.ALCHEMISCALE_TEST_SEED ?? randomInt(2 ** 31));

const missing = await compileRecorder().then(
  () => undefined,
  (error: unknown) => {
    if (error instanceof NoRecorder) return error.message;
    throw error;
  },
);
if (missing !== undefined) console.log(`the power cut is not tested: ${missing}`);

describe.skipIf(missing !== undefined)(`a loss of power (seed ${seed})`, () => {
  let run: RecordedRun;

  beforeAll(async () => {
    run = await recordRun({ seed, servers: 2, seconds: 2 });
  }, 120_000);
  afterAll(() => run?.remove());

  test("loses nothing that was acknowledged, and leaves nothing half there", { timeout: 180_000 }, async () => {
    expect(run.promises.tasks.some(({ exchange }) => exchange !== null)).toBe(true);
    expect(run.promises.results.some(({ exchange }) => exchange !== null)).toBe(true);
    expect((await runPowerCut(run, { seed, cuts: 30 })).violations).toEqual([]);
  });

  test.each<[what: string, leaveOut: (record: LogRecord) => boolean]>([
    ["the database's log", (record) => record.kind === "sync" && record.path.endsWith("-wal")],
    ["the bytes of results", (record) => record.kind === "sync" && record.path.includes("/objects/")],
    ["the names of results", (record) => record.kind === "sync-directory" && record.path.includes("/objects/")],
  ])("would lose something if %s were not flushed", { timeout: 120_000 }, async (_, leaveOut) => {
    const { violations } = await runPowerCut(run, { seed, cuts: 10, leaveOut, untilWrong: true });
    expect(violations.length).toBeGreaterThan(0);
  });
});
