import { text } from "node:stream/consumers";
import type { IdentityType } from "@alchemiscale/contract";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { note } from "../terminal/print.ts";
import { UsageError } from "../usage-error.ts";

export interface IdentityAddOptions extends StoreOptions {
  readonly identityType: IdentityType;
  readonly identifier: string;
  readonly key: string;
}

/** `identity add`: creates an identity, or gives it a new key and clears its scopes (user-api §8). */
export async function identityAdd(options: IdentityAddOptions): Promise<void> {
  const key = options.key === "-" ? (await text(process.stdin)).replace(/\r?\n$/, "") : options.key;
  if (options.identifier === "") throw new UsageError("--identifier is empty");
  const { hashKey, UnusableKey } = await import("@alchemiscale/server");
  const hashed = await hashKey(key).catch((error: unknown) => {
    throw error instanceof UnusableKey ? new UsageError(`--key: ${error.message}`) : error;
  });
  await withStateStore(options, (store) => store.identities.put(options.identityType, options.identifier, hashed));
  const { identityType: type, identifier } = options;
  note(
    type === "admin"
      ? `Added admin identity ${identifier}. It administers a running server: alchemiscale admin --help`
      : `Added ${type} identity ${identifier}. It sees nothing before it has scopes: alchemiscale identity add-scope -t ${type} -i ${identifier} -s ORG-CAMPAIGN-PROJECT`,
  );
}
