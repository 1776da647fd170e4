import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { badRequest } from "../../transport/http-error.ts";

export function isNetworkKey(key: ScopedKey): boolean {
  return qualnameOf(key) === "AlchemicalNetwork";
}

/** @throws {HttpError} 400 with the text that clients know, where the key is of another class */
export function requireNetwork(key: ScopedKey): void {
  if (!isNetworkKey(key)) throw badRequest("`network` ScopedKey does not correspond to an `AlchemicalNetwork`");
}
