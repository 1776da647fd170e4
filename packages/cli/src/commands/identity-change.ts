/** `identity set-key`, `disable`, `enable` and `expire`: one thing of an identity, at the store itself. */
import { text } from "node:stream/consumers";
import type { IdentityType } from "@alchemiscale/contract";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { CommandFailure, UsageError } from "../usage-error.ts";

interface NamedIdentity extends StoreOptions {
  readonly identityType: IdentityType;
  readonly identifier: string;
}

export async function identitySetKey(options: NamedIdentity & { readonly key: string }): Promise<void> {
  const key = options.key === "-" ? (await text(process.stdin)).replace(/\r?\n$/, "") : options.key;
  const { hashKey, UnusableKey } = await import("@alchemiscale/server");
  const hashed = await hashKey(key).catch((error: unknown) => {
    throw error instanceof UnusableKey ? new UsageError(`--key: ${error.message}`) : error;
  });
  const { identityType: type, identifier } = options;
  known(options, await withStateStore(options, (store) => store.identities.setKey(type, identifier, hashed, {})));
}

export async function identitySetDisabled(disabled: boolean, options: NamedIdentity): Promise<void> {
  const { identityType: type, identifier } = options;
  known(options, await withStateStore(options, (store) => store.identities.setDisabled(type, identifier, disabled, {})));
}

export async function identityExpire(options: NamedIdentity & { readonly when: string }): Promise<void> {
  const { identityType: type, identifier, when } = options;
  const expires = when === "never" ? null : Date.parse(when) * 1000;
  if (expires !== null && (Number.isNaN(expires) || !/(?:Z|[+-]\d{2}:\d{2})$/.test(when))) {
    throw new UsageError(`--when ${JSON.stringify(when)} must be an instant such as 2030-12-31T00:00:00Z, or never`);
  }
  known(options, await withStateStore(options, (store) => store.identities.setExpires(type, identifier, expires, {})));
}

function known({ identityType, identifier }: NamedIdentity, found: boolean): void {
  if (!found) throw new CommandFailure(`there is no ${identityType} identity ${JSON.stringify(identifier)}`);
}
