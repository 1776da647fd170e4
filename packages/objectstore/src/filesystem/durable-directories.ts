import { mkdir, open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Flushes a directory, so that the names in it survive a loss of power. */
export const flushDirectory = async (path: string): Promise<void> => {
  // Windows cannot open a directory for flushing, and needs no flush for a rename.
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

/** Makes a directory and what is missing above it, such that they survive a loss of power. */
export const makeDurableDirectory = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) {
    // Who made it may have died before flushing. Where that was, and where we may not look, it is long on the disk.
    await flushDirectory(dirname(path)).catch(() => {});
    return;
  }
  for (let made = path; ; made = dirname(made)) {
    await flushDirectory(dirname(made));
    if (made === resolve(first) || made === dirname(made)) return;
  }
};

/** A function that makes directories below `root` such that they survive a loss of power; remembers those it has made. */
export const durableDirectories = (root: string): ((segments: readonly string[]) => Promise<string>) => {
  const known = new Map<string, Promise<void>>();

  const ensure = (path: string): Promise<void> => {
    if (path === root) return Promise.resolve();
    const present = known.get(path);
    if (present !== undefined) return present;
    const made = (async () => {
      await ensure(dirname(path));
      await mkdir(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
      // Also where it was there already: who made it may have died before flushing.
      await flushDirectory(dirname(path));
    })();
    if (known.size > 50_000) known.clear();
    known.set(path, made);
    made.catch(() => known.delete(path));
    return made;
  };

  return async (segments) => {
    const path = join(root, ...segments);
    await ensure(path);
    return path;
  };
};
