/** Where the running server of a data directory can be reached: a hint for other commands, never the truth about whether it runs. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { DataDirectory } from "./data-directory.ts";

export interface ServerNote {
  readonly pid: number;
  readonly userAddress: string;
  readonly computeAddress: string;
}

export function writeServerFile(directory: DataDirectory, note: ServerNote): void {
  const temporary = `${directory.serverFile}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  renameSync(temporary, directory.serverFile);
}

/** Null where there is none, or none that can be read. */
export function readServerFile(directory: DataDirectory): ServerNote | null {
  try {
    const note: unknown = JSON.parse(readFileSync(directory.serverFile, "utf8"));
    if (typeof note !== "object" || note === null) return null;
    const { pid, userAddress, computeAddress } = note as Partial<ServerNote>;
    if (typeof pid !== "number" || typeof userAddress !== "string" || typeof computeAddress !== "string") return null;
    return { pid, userAddress, computeAddress };
  } catch {
    return null;
  }
}

export function removeServerFile(directory: DataDirectory): void {
  rmSync(directory.serverFile, { force: true });
}
