import { mkdir, mkdtemp, readFile, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { randomNumbers } from "../networks/random-numbers.ts";
import { addIdentities, startServer } from "../servers/alchemiscale-server.ts";
import { runCommand } from "../servers/command-line.ts";
import { compileRecorder } from "./compile-recorder.ts";
import { DiskModel } from "./disk-model.ts";
import { Promises } from "./promises.ts";
import { runRecordedWorkload } from "./recorded-workload.ts";
import { type LogRecord, readWriteLog } from "./write-log.ts";

/** What real processes wrote, flushed and answered, and what their clients were promised. */
export interface RecordedRun {
  /** Below it lies the data directory, `data`. */
  readonly root: string;
  readonly records: readonly LogRecord[];
  readonly promises: Promises;
  remove(): Promise<void>;
}

/**
 * Makes identities, then runs servers one after another on their directory with clients at work, and records all of it. Every server but the
 * last is asked to end; the last is killed in the middle of its work. While each is at work, commands of other processes write to its database.
 * @param servers two or more
 * @param seconds of work of each server
 * @throws {NoRecorder} {@link NotFollowed}
 */
export async function recordRun(options: {
  readonly seed: number;
  readonly servers: number;
  readonly seconds: number;
}): Promise<RecordedRun> {
  const library = await compileRecorder();
  const directory = await realpath(await mkdtemp(join(tmpdir(), "alchemiscale-power-")));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const root = join(directory, "disk");
    const log = join(directory, "log");
    await mkdir(root);
    const data = join(root, "data");
    const environment = { LD_PRELOAD: library, POWER_CUT_ROOT: root, POWER_CUT_LOG: log };
    const promises = new Promises();
    const identities = await addIdentities(data, environment);
    // Of a command that has ended, all that it wrote lies in the log.
    const made: { readonly type: "user" | "compute"; readonly identifier: string; readonly logBytes: number }[] = [];
    const noteMade = async (type: "user" | "compute", identifier: string): Promise<void> => {
      made.push({ type, identifier, logBytes: (await stat(log)).size });
    };
    await noteMade("user", identities.user.identifier);
    await noteMade("compute", identities.compute.identifier);
    for (let run = 1; run <= options.servers; run += 1) {
      const server = await startServer({ data, environment });
      const ending = new AbortController();
      const working = runRecordedWorkload({
        userUrl: server.userUrl,
        computeUrl: server.computeUrl,
        identities,
        promises,
        random: randomNumbers(options.seed + run),
        run,
        signal: ending.signal,
      });
      await Promise.race([Promise.all([wait(options.seconds * 1000), addAnother(data, `other${run}`, environment)]), working]);
      await noteMade("user", `other${run}`);
      ending.abort();
      if (run < options.servers) {
        // Clients stop first, as they would hang up in the middle of an answer.
        await working;
        await server.stop();
        await compareWithDisk(readWriteLog(await readFile(log)), root);
      } else {
        await server.kill();
        await working;
      }
    }
    const content = await readFile(log);
    const records = readWriteLog(content);
    for (const { type, identifier, logBytes } of made) {
      promises.identities.push({ type, identifier, records: readWriteLog(content.subarray(0, logBytes)).length });
    }
    return { root, records, promises, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Another process on the same files, while the server is at work. */
async function addAnother(data: string, identifier: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const who = ["-t", "user", "-i", identifier, "--data", data];
  await runCommand(["identity", "add", ...who, "-k", "other-key"], environment);
  await runCommand(["identity", "add-scope", ...who, "-s", "cut-other-*"], environment);
}

/**
 * The log must lead to the files as they are: then nothing was written that it does not have. Asked after servers that ended by themselves: one
 * that is killed may have written what it did not come to record.
 */
async function compareWithDisk(records: readonly LogRecord[], root: string): Promise<void> {
  const model = new DiskModel(root);
  for (const record of records) model.apply(record);
  const files = model.files();
  if (files.size === 0) throw new Error("nothing was recorded: is LD_PRELOAD ignored here?");
  for (const [path, content] of files) {
    if (path.endsWith("-shm")) continue;
    const there = await readFile(join(root, path));
    if (!there.equals(content)) {
      const { size } = await stat(join(root, path));
      throw new Error(`the log does not lead to ${path} as it is: ${content.length} bytes recorded, ${size} there`);
    }
  }
}
