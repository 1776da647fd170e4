/** The directory that holds everything of a server with embedded stores. */
import { chmodSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { makeDurableDirectory } from "@alchemiscale/statestore/durable-directory";
import envPaths from "env-paths";
import { environmentVariable } from "../environment.ts";
import { UsageError } from "../usage-error.ts";

/** Absolute paths. */
export interface DataDirectory {
  readonly path: string;
  readonly stateFile: string;
  readonly objectDirectory: string;
  readonly secretFile: string;
  readonly lockFile: string;
  /** What the running server says about itself, for other commands and for people. */
  readonly serverFile: string;
}

/** `--data`, else `ALCHEMISCALE_DATA`, else the platform's user data directory. Nothing is created. */
export function locateDataDirectory(option: string | undefined): DataDirectory {
  if (option === "") throw new UsageError("--data is empty; give it a directory");
  const path = resolve(option ?? environmentVariable("ALCHEMISCALE_DATA") ?? envPaths("alchemiscale", { suffix: "" }).data);
  return {
    path,
    stateFile: join(path, "state.sqlite"),
    objectDirectory: join(path, "objects"),
    secretFile: join(path, "jwt-secret"),
    lockFile: join(path, "serve.lock"),
    serverFile: join(path, "server.json"),
  };
}

/**
 * Creates the directory, which only its owner may open. One that was there keeps its content and loses the rights of others:
 * it holds the hashes of keys and the secret that signs tokens.
 * @throws {UsageError} when the path cannot be a directory of ours.
 */
export function createDataDirectory(directory: DataDirectory): void {
  if (!isAbsolute(directory.path)) throw new UsageError(`data directory ${directory.path} must be absolute`);
  try {
    makeDurableDirectory(directory.path);
    if ((statSync(directory.path).mode & 0o077) !== 0) chmodSync(directory.path, 0o700);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `cannot use ${directory.path} as the data directory: ${reason}; choose another with --data or ALCHEMISCALE_DATA`,
    );
  }
}
