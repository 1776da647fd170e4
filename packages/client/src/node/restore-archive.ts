import { createWriteStream, openAsBlob } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createZstdCompress, zstdCompress } from "node:zlib";
import { isSpecific, type NetworkState, type Scope, type ScopedKey, scopedKey } from "@alchemiscale/contract";
import { type AlchemiscaleClient, ScopeNotSpecific } from "../alchemiscale-client.ts";
import type { CallOptions } from "../api-connection.ts";
import { ApiError, isUnknownRoute } from "../client-error.ts";
import { anySignal } from "../in-batches.ts";
import { mapAhead } from "../map-ahead.ts";
import { type ProgressListener, ProgressReporter } from "../progress.ts";
import type { ChainInFile, OpenArchive } from "./open-archive.ts";

export interface RestoreOptions extends CallOptions {
  /** Of the network, where it is not there yet; `active` unless told. */
  readonly state?: NetworkState;
  /** Transformations whose results are sent at once; 4 unless told. */
  readonly concurrency?: number;
  readonly onProgress?: ProgressListener;
}

export interface Restored {
  readonly network: ScopedKey;
  /** False where the network was there already; it is left as it is. */
  readonly submitted: boolean;
  /** Results that were sent. */
  readonly imported: number;
  /** Results that were there. */
  readonly present: number;
}

/** The server takes no results from elsewhere: it is a Python server, or an older one of ours. */
export class ImportNotPossible extends Error {
  override readonly name = "ImportNotPossible";
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`the server at ${url} takes no results from elsewhere; only servers of this software do, from this release on`, {
      cause,
    });
    this.url = url;
  }
}

/** Chains above this many bytes are compressed into a file. */
const memoryLimit = 16 * 2 ** 20;

/**
 * Brings a network with its results from an archive to a server. What is there already is neither sent nor changed: done again, also after `kill -9`, it goes
 * on where it was. One result of each of a few Transformations is in memory, or in a temporary file where it is large.
 * @throws {ScopeNotSpecific} {@link ImportNotPossible}, {@link ApiError}, `ConnectionError`
 */
export async function restoreArchive(
  client: AlchemiscaleClient,
  archive: OpenArchive,
  scope: Scope,
  options: RestoreOptions = {},
): Promise<Restored> {
  if (!isSpecific(scope)) throw new ScopeNotSpecific(scope);
  const { signal, retries, state = "active", concurrency = 4, onProgress } = options;
  const call = { signal, retries };
  const { contents } = archive;
  const network = scopedKey(contents.network, scope);
  const progress = new ProgressReporter("restore", network, [onProgress], archive.count);
  const work = async (): Promise<Restored> => {
    const there = await resultsThere(client, network, call);
    if (there === null)
      await client.createNetwork(await text(archive.chain(contents.network).chunks()), scope, { ...call, state });
    const counts = { imported: 0, present: 0 };
    const transformations = mapAhead(contents.results, concurrency, async ([key, results], stop) => {
      const transformation = scopedKey(key, scope);
      for (const result of results) {
        const isThere = there?.has(`${transformation} ${result}`) === true;
        const bytes = isThere
          ? 0
          : await send(client, transformation, archive.chain(result), { retries, signal: anySignal(signal, stop) });
        counts[isThere ? "present" : "imported"] += 1;
        progress.advance(1, bytes);
      }
    });
    for await (const _ of transformations);
    return { network, submitted: there === null, ...counts };
  };
  return progress.during(work());
}

/** Transformation and gufe key of each result that the server has; null without the network. */
async function resultsThere(client: AlchemiscaleClient, network: ScopedKey, call: CallOptions): Promise<Set<string> | null> {
  const there = new Set<string>();
  try {
    for await (const { transformation, result } of client.networkResults(network, { ...call, metadataOnly: true })) {
      there.add(`${transformation} ${result}`);
    }
    return there;
  } catch (error) {
    if (isUnknownRoute(error)) throw new ImportNotPossible(client.connection.url, error);
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** @returns the bytes that were sent. */
async function send(
  client: AlchemiscaleClient,
  transformation: ScopedKey,
  chain: ChainInFile,
  call: CallOptions,
): Promise<number> {
  await using frame = await frameOf(chain);
  try {
    await client.importResult(transformation, frame.blob, call);
  } catch (error) {
    if (isUnknownRoute(error)) throw new ImportNotPossible(client.connection.url, error);
    throw error;
  }
  return frame.blob.size;
}

interface Frame extends AsyncDisposable {
  readonly blob: Blob;
}

/** One zstd frame that states its size, as Python needs it. */
async function frameOf({ bytes, chunks }: ChainInFile): Promise<Frame> {
  if (bytes <= memoryLimit) {
    const frame = await promisify(zstdCompress)(await buffer(chunks()), { pledgedSrcSize: bytes });
    return { blob: new Blob([new Uint8Array(frame)]), [Symbol.asyncDispose]: async () => {} };
  }
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-result-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const file = join(directory, "result.zst");
    await pipeline(chunks, createZstdCompress({ pledgedSrcSize: bytes }), createWriteStream(file));
    return { blob: await openAsBlob(file), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
