import { ChainError } from "../errors.ts";
import type { BytePath, Interest, ValueKind } from "../stream/json-byte-scanner.ts";

/**
 * What a scanner of keyed chains does with a value of the outer levels: it enters the chain and its pairs, keeps a key, and has `object` for
 * the object of a pair.
 * @throws {ChainError} where that is no keyed chain.
 */
export function pairInterest(path: BytePath, kind: ValueKind, object: Interest): Interest {
  switch (path.length) {
    case 0:
      if (kind !== "array") throw new ChainError("not-a-chain", "", "A keyed chain is a JSON array of [key, object] pairs");
      return "enter";
    case 1:
      if (kind !== "array") throw malformedPair(`[${path[0]}]`);
      return "enter";
    default:
      if (path[1] === 0 && kind === "string") return "keep";
      if (path[1] !== 1 || kind !== "object") throw malformedPair(`[${path[0]}]`);
      return object;
  }
}

export function malformedPair(where: string): ChainError {
  return new ChainError("malformed-pair", where, "Each element of a keyed chain must be a pair [key, object]");
}
