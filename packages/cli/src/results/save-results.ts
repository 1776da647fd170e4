import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gufeKeyOf } from "@alchemiscale/contract";
import type { ResultReceiver } from "./transformation-results.ts";

/**
 * Saves what arrives below a directory: `<transformation>/transformation.json`, `<transformation>/results/<result>.json.zst` and
 * `<transformation>/failures/…`, all of which gufe can read. A file that is there is whole.
 */
export function resultSaver(directory: string): ResultReceiver {
  return async (transformation, chain, { reference, ok, bytes }) => {
    const folder = join(directory, gufeKeyOf(transformation));
    const results = join(folder, ok ? "results" : "failures");
    await mkdir(results, { recursive: true });
    await writeWhole(join(folder, "transformation.json"), chain);
    await writeWhole(join(results, `${gufeKeyOf(reference)}.json.zst`), bytes);
  };
}

/** Writes under another name first: a file that is there is whole. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}
