import { constants } from "node:fs";
import { access, mkdir, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import type { AlchemiscaleClient } from "../alchemiscale-client.ts";
import { ProgressReporter } from "../progress.ts";
import type { RetrievalOptions } from "../results/result-retriever.ts";
import type { ResultFacts } from "../results/retrieved-result.ts";

export interface GatherOptions extends Omit<RetrievalOptions, "after" | "skip"> {
  /** Failures, too; true unless told. */
  readonly failures?: boolean;
}

/** What came of it. */
export interface Gathered {
  /** Results that were asked for and written now. */
  readonly written: number;
  /** Those that were there already. */
  readonly present: number;
  /** Those whose bytes the server has lost, and that `onMissing` was told of. */
  readonly missing: number;
  /** Bytes written now. */
  readonly bytes: number;
}

/**
 * The results of a network as files: `<transformation>/transformation.json` (keyed chain), `<transformation>/results/<result>.json.zst` and
 * `<transformation>/failures/…`, named by gufe keys; all of them can be read by gufe.
 *
 * A file that is there is whole, and is not asked for again: what was interrupted, also by `kill -9`, goes on where it was. As many results
 * are in memory as are asked for at once.
 * @throws as {@link AlchemiscaleClient.getNetworkResults}, and what the file system throws.
 *
 * {@includeCode ../../../../examples/client/gather-results.ts}
 */
export async function gatherResults(
  client: AlchemiscaleClient,
  network: ScopedKey,
  directory: string,
  options: GatherOptions = {},
): Promise<Gathered> {
  const { failures = true, onMissing, onProgress, ...retrieval } = options;
  const { signal, retries } = retrieval;
  const counts = { written: 0, present: 0, missing: 0, bytes: 0 };
  const prepared = new Map<ScopedKey, Promise<void>>();
  const prepare = async (transformation: ScopedKey) => {
    const folder = folderOf(directory, transformation);
    await Promise.all(["results", "failures"].map((name) => mkdir(join(folder, name), { recursive: true })));
    await Promise.all(["", "results", "failures"].map((name) => dropTemporary(join(folder, name))));
    const file = join(folder, "transformation.json");
    if (await isThere(file)) return;
    await writeWhole(file, await client.getTransformation(transformation, { signal, retries }));
  };
  const prepareOnce = (transformation: ScopedKey) => {
    const known = prepared.get(transformation);
    if (known !== undefined) return known;
    const work = prepare(transformation);
    prepared.set(transformation, work);
    return work;
  };
  const progress = new ProgressReporter("gather", network, [onProgress]);
  const listing = {
    ...retrieval,
    skip: async (facts: ResultFacts) => {
      const there = await isThere(fileOf(directory, facts));
      if (there) {
        counts.present += 1;
        progress.advance(1);
      }
      return there;
    },
    ...(onMissing !== undefined && {
      onMissing: (missing: Parameters<typeof onMissing>[0]) => {
        counts.missing += 1;
        progress.advance(1);
        onMissing(missing);
      },
    }),
    // The total, which the retrieval learns.
    ...(onProgress !== undefined && {
      onProgress: (() => {
        let known: number | null = null;
        return ({ total }: { readonly total: number | null }) => {
          if (total !== null && total !== known) progress.expect(total);
          known = total;
        };
      })(),
    }),
  };
  const work = async () => {
    const results = failures ? client.getNetworkOutcomes(network, listing) : client.getNetworkResults(network, listing);
    for await (const result of results) {
      await prepareOnce(result.transformation);
      await writeWhole(fileOf(directory, result), result.bytes);
      counts.written += 1;
      counts.bytes += result.bytes.length;
      progress.advance(1, result.bytes.length);
    }
    return counts;
  };
  return progress.during(work());
}

function folderOf(directory: string, transformation: ScopedKey): string {
  return join(directory, gufeKeyOf(transformation));
}

function fileOf(directory: string, { transformation, ref, ok }: ResultFacts): string {
  return join(folderOf(directory, transformation), ok ? "results" : "failures", `${gufeKeyOf(ref)}.json.zst`);
}

const temporaryEnd = ".part";

async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}${temporaryEnd}`;
  try {
    const handle = await open(temporary, "w");
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What one that was killed has left behind; not that of one that still writes. */
async function dropTemporary(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /\.(\d+)\.part$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await unlink(join(folder, name)).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
