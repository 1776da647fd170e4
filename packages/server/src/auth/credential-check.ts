/** Decides whether an identifier and a key belong together. */
import { createHmac, randomBytes } from "node:crypto";
import type { IdentityType } from "@alchemiscale/contract";
import type { Identity, StateStore } from "@alchemiscale/statestore";
import { isKeyOf } from "./key-hash.ts";

const rememberedMilliseconds = 60_000;
const rememberedLogins = 10_000;
/** The hash of a random key that was thrown away, so that an unknown identifier costs as much as a wrong key. */
const hashOfNobody = "$2b$12$fnCyV/y.HhRtAsxeVBDqc.ItBGMRHs8K/BrCrqet1MbffHpI6foY2";

/**
 * Checks logins against the identities of one API. A pair that was right is remembered for a minute as a keyed hash bound to the
 * stored bcrypt hash, so that a fleet of services logging in at once does not cost 0.2 s of CPU each; the identity is read anew each
 * time, so that disabling, expiry and a new key take effect at once.
 */
export class CredentialCheck {
  readonly #store: StateStore;
  readonly #type: IdentityType;
  readonly #processKey = randomBytes(32);
  /** Proof of a right login → when to forget it. Oldest first. */
  readonly #right = new Map<string, number>();

  constructor(store: StateStore, type: IdentityType) {
    this.#store = store;
    this.#type = type;
  }

  /** The identity, or null for an unknown, disabled or expired one and for a wrong key; all take the same time. */
  async identityOf(identifier: string, key: string): Promise<Identity | null> {
    const identity = identifier.includes("\0") ? null : await this.#store.identities.get(this.#type, identifier);
    if (identity === null) {
      await isKeyOf(key, hashOfNobody);
      return null;
    }
    if (!(await this.#isRight(identity, key))) return null;
    const expired = identity.expires !== null && identity.expires <= Date.now() * 1000;
    return identity.disabled || expired ? null : identity;
  }

  async #isRight(identity: Identity, key: string): Promise<boolean> {
    const now = Date.now();
    this.#forget(now);
    const proof = createHmac("sha256", this.#processKey)
      .update(JSON.stringify([this.#type, identity.identifier, key, identity.hashedKey]))
      .digest("base64");
    if (this.#right.has(proof)) return true;
    if (!(await isKeyOf(key, identity.hashedKey))) return false;
    if (this.#right.size < rememberedLogins) this.#right.set(proof, now + rememberedMilliseconds);
    return true;
  }

  #forget(now: number): void {
    for (const [proof, until] of this.#right) {
      if (until > now) return;
      this.#right.delete(proof);
    }
  }
}
