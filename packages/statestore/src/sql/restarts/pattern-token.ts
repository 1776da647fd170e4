import { createHash } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";

/** The token of a TaskRestartPattern: md5 of the pattern followed by the hub's ScopedKey (§2.2). */
export function patternToken(pattern: string, hub: ScopedKey): string {
  return createHash("md5").update(pattern).update(hub).digest("hex");
}
