/** Decides whether an identifier and a key belong together. */
import { createHmac, randomBytes } from "node:crypto";
import type { IdentityType } from "@alchemiscale/contract";
import type { Identity, StateStore } from "@alchemiscale/statestore";
import { type LoginRank, pairOf } from "./failed-logins.ts";
import { KeyChecks } from "./key-checks.ts";

const rememberedMilliseconds = 60_000;
const rememberedLogins = 10_000;
/** The hash of a random key that was thrown away, so that an unknown identifier costs as much as a wrong key. */
const hashOfNobody = "$2b$12$fnCyV/y.HhRtAsxeVBDqc.ItBGMRHs8K/BrCrqet1MbffHpI6foY2";

/** Where a login comes from, and how soon its turn is. */
export interface LoginOrigin {
  readonly address: string;
  readonly rank: LoginRank;
}

/**
 * Checks logins against the identities of one API. What a key was found to be is remembered for a minute under a keyed hash that is bound
 * to the stored bcrypt hash, `disabled` and `expires`, so that a fleet of services logging in at once, with the right key or with an old
 * one, does not cost 0.2 s of CPU each. The identity is read anew each time: disabling, expiry and a new key take effect at once.
 */
export class CredentialCheck {
  readonly #store: StateStore;
  readonly #type: IdentityType;
  readonly #checks: KeyChecks;
  readonly #processKey = randomBytes(32);
  /** Proof → what it was found to be, and until when. Oldest first. Wrong ones apart: guesses must not displace right keys. */
  readonly #right = new Map<string, number>();
  readonly #wrong = new Map<string, number>();
  /** The same key sent many times at once is compared once. */
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(store: StateStore, type: IdentityType, checks: KeyChecks = new KeyChecks()) {
    this.#store = store;
    this.#type = type;
    this.#checks = checks;
  }

  /** The identity, or null for an unknown, disabled or expired one and for a wrong key; all take the same time. */
  async identityOf(identifier: string, key: string, origin: LoginOrigin = { address: "", rank: 1 }): Promise<Identity | null> {
    const identity = identifier.includes("\0") ? null : await this.#store.identities.get(this.#type, identifier);
    const right = await this.#isRight(identifier, key, identity, origin);
    return identity === null || !right || !mayLogIn(identity) ? null : identity;
  }

  async #isRight(identifier: string, key: string, identity: Identity | null, origin: LoginOrigin): Promise<boolean> {
    const now = Date.now();
    forget(this.#right, now);
    forget(this.#wrong, now);
    const hashed = identity?.hashedKey ?? hashOfNobody;
    const proof = createHmac("sha256", this.#processKey)
      .update(JSON.stringify([this.#type, identifier, key, hashed, identity?.disabled, identity?.expires]))
      .digest("base64");
    if (this.#right.has(proof)) return true;
    if (this.#wrong.has(proof)) return false;
    let running = this.#running.get(proof);
    if (running === undefined) {
      running = this.#compare(proof, key, hashed, pairOf(origin.address, identifier), origin.rank);
      this.#running.set(proof, running);
    }
    return await running;
  }

  async #compare(proof: string, key: string, hashed: string, pair: string, rank: LoginRank): Promise<boolean> {
    try {
      const right = await this.#checks.isKeyOf(key, hashed, pair, rank);
      const known = right ? this.#right : this.#wrong;
      for (const oldest of known.keys()) {
        if (known.size < rememberedLogins) break;
        known.delete(oldest);
      }
      known.set(proof, Date.now() + rememberedMilliseconds);
      return right;
    } finally {
      this.#running.delete(proof);
    }
  }

  /** Findings that are kept in memory; for tests. */
  get remembered(): number {
    return this.#right.size + this.#wrong.size;
  }
}

/** Neither disabled nor expired, as of now. */
export function mayLogIn(identity: Pick<Identity, "disabled" | "expires">): boolean {
  return !identity.disabled && (identity.expires === null || identity.expires > Date.now() * 1000);
}

function forget(known: Map<string, number>, now: number): void {
  for (const [proof, until] of known) {
    if (until > now) return;
    known.delete(proof);
  }
}
