/** One kind of identities and how they log in: users, compute identities, administrators. */
import type { IdentityType } from "@alchemiscale/contract";
import type { StateStore } from "@alchemiscale/statestore";
import { CredentialCheck } from "./credential-check.ts";
import { FailedLogins } from "./failed-logins.ts";
import type { KeyChecks } from "./key-checks.ts";
import { Tokens } from "./tokens.ts";

export interface LoginRealm {
  /** Good in this realm only: the type is their audience. */
  readonly tokens: Tokens;
  readonly credentials: CredentialCheck;
  readonly failedLogins: FailedLogins;
}

export interface LoginRealmOptions {
  readonly stateStore: StateStore;
  readonly secret: string;
  readonly lifetimeSeconds: number;
  /** Shared by all realms of the process. */
  readonly keyChecks: KeyChecks;
  readonly closing: AbortSignal;
}

export function loginRealm(type: IdentityType, options: LoginRealmOptions): LoginRealm {
  return {
    tokens: new Tokens({ audience: type, secret: options.secret, lifetimeSeconds: options.lifetimeSeconds }),
    credentials: new CredentialCheck(options.stateStore, type, options.keyChecks),
    failedLogins: new FailedLogins(options.closing),
  };
}
