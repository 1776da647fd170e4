/** A door of its own: who needs a directory before anything else is there does not load the store for it. */
import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a directory (mode 700) and what is missing above it, such that they survive a loss of power. SQLite flushes the names in the directory
 * of its files, never the name of the directory itself.
 * @throws what the file system says
 */
export function makeDurableDirectory(directory: string): void {
  const path = resolve(directory);
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) {
    // Who made it may have died before flushing. Where that was, and where we may not look, it is long on the disk.
    try {
      flushNames(dirname(path));
    } catch {}
    return;
  }
  for (let made = path; ; made = dirname(made)) {
    flushNames(dirname(made));
    if (made === resolve(first) || made === dirname(made)) return;
  }
}

/** Flushes a directory, so that the names in it survive a loss of power. */
export function flushNames(directory: string): void {
  // Windows cannot open a directory for flushing.
  if (process.platform === "win32") return;
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
