import { copyFile, glob, lstat, mkdir, readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";

/** What is kept of a Task's files beside its result. */
export interface KeepRules {
  /** stdout and stderr of the units. */
  readonly output: boolean;
  /** Patterns of paths below the ProtocolDAG's shared directory, such as `*` + `/*.log` (its first level is a directory for each attempt). */
  readonly files: readonly string[];
  /** Bytes of one file; larger ones are left out. */
  readonly fileBytes: number;
  /** Bytes of all files of a Task; what comes after is left out. */
  readonly totalBytes: number;
}

export interface KeptFile {
  /** Names the file beside the result. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

export interface Collected {
  readonly files: readonly KeptFile[];
  /** Names of those that are too large. */
  readonly leftOut: readonly string[];
}

/** Files of the attempts' output (in `logs`) as they are, and copies of those of `shared`, which will be removed, in `into`. Empty ones are no files. */
export async function collectKeptFiles(
  rules: KeepRules,
  places: { readonly logs: string; readonly shared: string; readonly into: string },
): Promise<Collected> {
  const files: KeptFile[] = [];
  const leftOut: string[] = [];
  let total = 0;
  const fits = (name: string, bytes: number): boolean => {
    if (bytes > rules.fileBytes || total + bytes > rules.totalBytes) {
      leftOut.push(name);
      return false;
    }
    total += bytes;
    return true;
  };
  if (rules.output) {
    for (const name of (await readdir(places.logs).catch(() => [])).sort()) {
      const path = join(places.logs, name);
      const { size } = await lstat(path);
      if (size > 0 && fits(name, size)) files.push({ name, path, bytes: size });
    }
  }
  if (rules.files.length > 0) {
    const root = await realpath(places.shared).catch(() => null);
    const matched = new Set<string>();
    if (root !== null) for await (const name of glob([...rules.files], { cwd: root })) matched.add(name);
    for (const name of [...matched].sort()) {
      const path = join(root ?? "", name);
      const info = await lstat(path).catch(() => null);
      // No link leads out, neither a file's own nor a directory's above it.
      if (info === null || !info.isFile() || info.size === 0) continue;
      if (!(await realpath(path)).startsWith(`${root}${sep}`) || !fits(name, info.size)) continue;
      await mkdir(places.into, { recursive: true });
      const copy = join(places.into, String(files.length));
      await copyFile(path, copy);
      files.push({ name, path: copy, bytes: info.size });
    }
  }
  return { files, leftOut };
}
