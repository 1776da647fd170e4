import { joinKeyedChainChunks, joinPackedChunks, type PackedObjects } from "@alchemiscale/gufe";
import type { ObjectText } from "@alchemiscale/statestore";
import { JsonStream } from "../transport/json-reply.ts";

/** A keyed chain as a reply, from the stored texts. */
export function chainReply(entries: readonly ObjectText[]): JsonStream {
  return new JsonStream(joinKeyedChainChunks(entries), textLength(entries));
}

/** The same from packed objects. */
export function packedChainReply(packed: PackedObjects): JsonStream {
  return new JsonStream(joinPackedChunks(packed), packed.texts.length);
}

/** Characters of the texts: a lower bound of the bytes of the chain. */
export function textLength(entries: readonly ObjectText[]): number {
  return entries.reduce((sum, entry) => sum + entry.text.length, 0);
}
