import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import type { HeldResults, ResultReceiver } from "./transformation-results.ts";

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

/** What was saved below a directory before; the client's `gatherResults` has the same layout. */
export function savedResults(directory: string): HeldResults {
  const fileOf = (transformation: ScopedKey, reference: ScopedKey, ok: boolean) =>
    join(directory, gufeKeyOf(transformation), ok ? "results" : "failures", `${gufeKeyOf(reference)}.json.zst`);
  return {
    has: (...result) =>
      access(fileOf(...result)).then(
        () => true,
        () => false,
      ),
    read: (...result) => readFile(fileOf(...result)),
  };
}

/** Writes under another name first: a file that is there is whole. */
export async function writeWhole(file: string, content: string | Uint8Array | AsyncIterable<string | Uint8Array>): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
