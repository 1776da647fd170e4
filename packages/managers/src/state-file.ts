/** What a manager that runs one cycle at a time keeps between them, and the lock that keeps two from running at once. */
import { open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { type ComputeManagerId, parseComputeManagerId } from "@alchemiscale/contract";
import type { LocalService } from "./local-platform.ts";

export interface ManagerState {
  readonly id: ComputeManagerId | null;
  readonly services: readonly LocalService[];
}

/** Another process works on the same state. */
export class AnotherRunning extends Error {
  override readonly name = "AnotherRunning";

  constructor(lock: string, pid: string) {
    super(`process ${pid} is at work (${lock}); it is left to it`);
  }
}

/** Runs `work` with the state of a file, and keeps what it returns. @throws {AnotherRunning} */
export async function withState(
  file: string,
  work: (state: ManagerState, keep: (state: ManagerState) => Promise<void>) => Promise<void>,
): Promise<void> {
  const lock = `${file}.lock`;
  await takeLock(lock);
  try {
    await work(await readState(file), async (state) => {
      await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
      await rename(`${file}.new`, file);
    });
  } finally {
    await rm(lock, { force: true });
  }
}

async function readState(file: string): Promise<ManagerState> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { id: null, services: [] };
    throw error;
  }
  const { id, services } = JSON.parse(text) as { readonly id: string | null; readonly services: readonly LocalService[] };
  return { id: id === null ? null : parseComputeManagerId(id), services };
}

async function takeLock(lock: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const file = await open(lock, "wx");
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const pid = await readFile(lock, "utf8").catch(() => "");
      if (attempt > 0 || isAlive(Number(pid))) throw new AnotherRunning(lock, pid);
      // Left behind by one that was killed.
      await rm(lock, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
