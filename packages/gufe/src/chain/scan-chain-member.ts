import { JsonSyntaxError } from "../errors.ts";
import { JsonReader, Token } from "../json/json-reader.ts";
import type { KeyedChain } from "./keyed-chain.ts";
import { sliceNextChain } from "./slice-keyed-chain.ts";

/** The members of a JSON object, one of them a keyed chain. */
export interface ChainMember {
  /** The raw texts of the other members, by name. */
  readonly members: ReadonlyMap<string, string>;
  /** Undefined where the object has no such member. */
  readonly chain: KeyedChain | undefined;
}

/**
 * `scanMembers` and `sliceKeyedChain` of the member `name` in one pass: reading a text twice is most of the cost of a large one. Throws as they do, at
 * the first fault in the text; where that is in the chain, the `where` of the error counts characters from the start of the object.
 */
export function scanChainMember(text: string, name: string, options: { strict?: boolean } = {}): ChainMember {
  const reader = new JsonReader(text);
  const members = new Map<string, string>();
  let chain: KeyedChain | undefined;
  if (reader.next() !== Token.objectStart) {
    throw new JsonSyntaxError("not-an-object", `character ${reader.start}`, "Expected a JSON object");
  }
  while (reader.next() === Token.name) {
    const member = reader.stringValue();
    const first = reader.next();
    if (member === name) {
      chain = sliceNextChain(reader, first, options);
    } else {
      const start = reader.start;
      members.set(member, text.slice(start, reader.skipRest(first)));
    }
  }
  reader.next();
  return { members, chain };
}
