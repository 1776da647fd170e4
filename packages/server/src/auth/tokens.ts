/** Access tokens: JWT, HS256, bound to one kind of identity and so to one API (user-api §3). */
import { createSecretKey, type KeyObject } from "node:crypto";
import { type IdentityType, InvalidScope, parseScope, type Scope } from "@alchemiscale/contract";
import { errors, jwtVerify, SignJWT } from "jose";

/** Who a token speaks for. The scopes are those of the moment it was issued. */
export interface Caller {
  readonly identity: string;
  readonly scopes: readonly Scope[];
}

/** A token that does not hold: forged, expired, of the other API, or malformed. */
export class InvalidToken extends Error {
  override readonly name = "InvalidToken";
}

/** Distinct tokens in use at a time are few; the bound only keeps a flood of logins from growing the memory. */
const rememberedTokens = 10_000;

export class Tokens {
  readonly #key: KeyObject;
  readonly #audience: string;
  readonly #lifetimeSeconds: number;
  /** Verifying a signature costs 60 µs; a token is verified once and its expiry checked at each use. */
  readonly #verified = new Map<string, { caller: Caller; expires: number }>();

  constructor(options: { readonly audience: IdentityType; readonly secret: string; readonly lifetimeSeconds: number }) {
    this.#key = createSecretKey(Buffer.from(options.secret, "utf8"));
    this.#audience = `alchemiscale-${options.audience}`;
    this.#lifetimeSeconds = options.lifetimeSeconds;
  }

  async issue(caller: Caller): Promise<string> {
    return await new SignJWT({ scopes: caller.scopes })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setSubject(caller.identity)
      .setAudience(this.#audience)
      .setExpirationTime(nowSeconds() + this.#lifetimeSeconds)
      .sign(this.#key);
  }

  /** @throws {InvalidToken} */
  async verify(token: string): Promise<Caller> {
    let known = this.#verified.get(token);
    if (known === undefined) {
      known = await this.#check(token);
      if (this.#verified.size >= rememberedTokens) this.#forgetOldest();
      this.#verified.set(token, known);
    }
    if (nowSeconds() > known.expires) {
      this.#verified.delete(token);
      throw new InvalidToken("expired");
    }
    return known.caller;
  }

  async #check(token: string): Promise<{ caller: Caller; expires: number }> {
    try {
      // One second of tolerance: a token holds while floor(now) ≤ exp, and jose ends it at now = exp.
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ["HS256"],
        audience: this.#audience,
        requiredClaims: ["exp", "sub"],
        clockTolerance: 1,
      });
      const scopes = payload.scopes;
      if (typeof payload.sub !== "string" || typeof payload.exp !== "number" || !Array.isArray(scopes)) {
        throw new InvalidToken("a claim is missing");
      }
      return {
        caller: { identity: payload.sub, scopes: scopes.map((scope) => parseScope(String(scope))) },
        expires: payload.exp,
      };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof InvalidScope)
        throw new InvalidToken("not valid", { cause: error });
      throw error;
    }
  }

  #forgetOldest(): void {
    for (const oldest of this.#verified.keys()) {
      this.#verified.delete(oldest);
      return;
    }
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
