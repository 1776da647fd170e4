/** Removes kept files that are too old or too many, in their time. */
import type { ListedObject, ObjectStore } from "@alchemiscale/objectstore";
import { filesToRemove, keptFilesPrefix, type Retention } from "./kept-files.ts";

/** @returns how many files went, and their bytes. */
export async function sweepKeptFiles(
  store: ObjectStore,
  retention: Retention,
  now: Date = new Date(),
): Promise<{ readonly files: number; readonly bytes: number }> {
  if (retention.days === null && retention.bytes === null) return { files: 0, bytes: 0 };
  const listed: ListedObject[] = [];
  for await (const file of store.list(keptFilesPrefix)) listed.push(file);
  const gone = filesToRemove(listed, retention, now);
  for (const { path } of gone) await store.delete(path);
  return { files: gone.length, bytes: gone.reduce((sum, { size }) => sum + size, 0) };
}
