import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { ExecutorTask } from "./executor.ts";

const prefix = "alchemiscale-task-";
const recordFile = "task.json";

/** A process, so that its number is not taken for a later one's. */
interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When it was started, by the kernel's clock; null where that cannot be known. */
  readonly started: string | null;
}

/** Beside the files of a Task: whose they are, and what they were made from. */
interface TaskRecord {
  readonly task: string;
  readonly owner: Owner;
  /** Hash of the Transformation, the extended result and the executor with its versions. */
  readonly inputs: string;
  /** Directories of the ProtocolDAG, to be removed with this one. */
  readonly directories: readonly string[];
}

/** Where an executor keeps the files of one Task. */
export interface TaskDirectory {
  readonly path: string;
  /** An earlier process left it behind, with the files of the same Task made from the same inputs. */
  readonly resumed: boolean;
  /** Directories elsewhere that belong to the Task, and are removed when nobody takes it up again. */
  own(directories: readonly string[]): Promise<void>;
  /** Leaves it to a later process. */
  leave(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * The directory of a Task below `scratch_basedir`. Its name is the Task's, so that a service that is started again on this host finds what
 * the one before has left; what belongs to a process that is alive, or to another host, is left alone and gets a neighbour.
 * `executor` says what made the files: name and versions. Another one does not go on with them.
 */
export async function openTaskDirectory(task: ExecutorTask, executor: string): Promise<TaskDirectory> {
  const base = join(resolve(task.scratchBasedir), `${prefix}${task.task}`);
  const inputs = createHash("sha256")
    .update(JSON.stringify([executor, task.transformation]))
    .update(task.extended ?? "none")
    .digest("hex");
  if (made(base)) return opened(base, task.task, inputs, false);
  const aside = `${base}.${randomBytes(6).toString("hex")}`;
  const before = await readRecord(base);
  if (before !== null && (await mayBeAlive(before.owner))) {
    await mkdir(aside);
    return opened(aside, task.task, inputs, false);
  }
  // Of several that come at once, one gets it.
  try {
    await rename(base, aside);
  } catch {
    await mkdir(aside, { recursive: true });
    return opened(aside, task.task, inputs, false);
  }
  const resumed = before?.inputs === inputs;
  if (!resumed) {
    await removeAll([aside, ...(before?.directories ?? [])]);
    await mkdir(aside);
  }
  const path = await rename(aside, base).then(
    () => base,
    () => aside,
  );
  return opened(path, task.task, inputs, resumed, resumed ? before.directories : []);
}

/**
 * Removes what services on this host have left behind and nobody has taken up for `seconds`.
 * @returns the names of the Tasks.
 */
export async function sweepTaskDirectories(scratchBasedir: string, seconds: number): Promise<string[]> {
  const removed: string[] = [];
  const names = await readdir(scratchBasedir).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const path = join(resolve(scratchBasedir), name);
    const [record, info] = await Promise.all([readRecord(path), stat(join(path, recordFile)).catch(() => null)]);
    if (record === null || info === null || Date.now() - info.mtimeMs < 1000 * seconds) continue;
    if (await mayBeAlive(record.owner)) continue;
    await removeAll([path, ...record.directories]);
    removed.push(record.task);
  }
  return removed;
}

async function opened(
  path: string,
  task: string,
  inputs: string,
  resumed: boolean,
  before: readonly string[] = [],
): Promise<TaskDirectory> {
  let directories = before;
  // A few small files: one call of the system's takes less than asking another thread for each of them.
  const write = (owner: Owner) => {
    const record: TaskRecord = { task, owner, inputs, directories };
    const partial = join(path, `${recordFile}.partial`);
    writeFileSync(partial, JSON.stringify(record));
    renameSync(partial, join(path, recordFile));
  };
  const self = await thisProcess();
  write(self);
  return {
    path,
    resumed,
    async own(more) {
      directories = [...new Set([...directories, ...more])];
      write(self);
    },
    // Of a process that does not exist.
    leave: async () => write({ ...self, pid: 0 }),
    async remove() {
      rmSync(path, { recursive: true, force: true });
      await removeAll(directories);
    },
  };
}

function made(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

async function readRecord(path: string): Promise<TaskRecord | null> {
  try {
    const record: Partial<TaskRecord> = JSON.parse(await readFile(join(path, recordFile), "utf8"));
    const { task, owner, inputs, directories } = record;
    if (typeof task !== "string" || typeof inputs !== "string" || !Array.isArray(directories) || owner === undefined) return null;
    return { task, owner, inputs, directories };
  } catch {
    return null;
  }
}

let own: Owner | null = null;

async function thisProcess(): Promise<Owner> {
  own ??= { host: hostname(), pid: process.pid, started: await startOf(process.pid) };
  return own;
}

async function mayBeAlive(owner: Owner): Promise<boolean> {
  // Scratch space may be shared between hosts: of another one nothing can be known.
  if (owner.host !== hostname()) return true;
  if (owner.pid === 0) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return owner.started === (await startOf(owner.pid));
}

/** Boot and clock tick at which a process was started; null where the system does not say. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const fields = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may have blanks in it.
    return `${boot.trim()} ${fields.slice(fields.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return null;
  }
}
