import { createHash } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import { hubToken } from "../networks/hub-token.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";

/** The token of a restart pattern: md5 of its text and the ScopedKey of the hub, joined (§2.2). One a (pattern, hub). */
export function patternToken(pattern: string, network: ScopedKey): string {
  const [, scope] = splitKey(network);
  const hub = joinKey(`TaskHub-${hubToken(network)}`, scope);
  return createHash("md5").update(`${pattern}${hub}`).digest("hex");
}
