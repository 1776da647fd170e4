import { createHash } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";

/** The token of a network's hub and of its mark: md5 of the network's ScopedKey (§2.2). */
export function hubToken(network: ScopedKey): string {
  return createHash("md5").update(network).digest("hex");
}
