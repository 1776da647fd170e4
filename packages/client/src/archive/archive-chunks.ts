/** An AlchemicalArchive as the text of its keyed chain, piece by piece. */
import { gufeKeyOf } from "@alchemiscale/contract";
import { ArchiveWriter, type KeyedChain, keyedChainFromText, sliceKeyedChain } from "@alchemiscale/gufe";
import type { RetrievedResult } from "../results/retrieved-result.ts";

/** Undoes one zstd frame; throws where the bytes are none. */
export type Decompress = (bytes: Uint8Array) => Uint8Array;

/** Anything that JSON can say. */
export type Metadata = Readonly<Record<string, unknown>>;

export interface ArchiveParts {
  /** Keyed chain text. */
  network(): Promise<string>;
  readonly results: AsyncIterable<RetrievedResult>;
  readonly decompress: Decompress;
  /** JSON text of an object. */
  readonly metadata: string;
}

/** Results in the order in which they come: one of them is held, and the keys of all objects. */
export async function* archiveChunks({ network, results, decompress, metadata }: ArchiveParts): AsyncGenerator<string, void> {
  const writer = new ArchiveWriter(chainOf(await network()));
  yield* writer.network();
  for await (const { transformation, bytes } of results) {
    yield* writer.result(gufeKeyOf(transformation), chainOf(textOf(bytes, decompress)));
  }
  yield* writer.end(metadata);
}

/** Old servers may have kept results in the older nested form. */
function chainOf(text: string): KeyedChain {
  return text.trimStart().startsWith("[") ? sliceKeyedChain(text) : keyedChainFromText(text);
}

/** Results of old servers are not compressed. */
function textOf(bytes: Uint8Array, decompress: Decompress): string {
  const isZstd = bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(isZstd ? decompress(bytes) : bytes);
}
