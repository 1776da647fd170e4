/** Tokens of every kind that a server must accept or refuse, made without its help. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface Forgery {
  readonly secret: string;
  readonly alg?: "HS256" | "HS384" | "HS512" | "RS256" | "none";
  /** Instead of those that hold for an hour; undefined leaves a claim out. */
  readonly claims: Readonly<Record<string, unknown>>;
}

const hashes = { HS256: "sha256", HS384: "sha384", HS512: "sha512" } as const;
let rsaKey: KeyObject | undefined;

export function forgedToken({ secret, alg = "HS256", claims }: Forgery): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const all = { sub: "somebody", exp: Math.floor(Date.now() / 1000) + 3600, scopes: [], ...claims };
  const signed = `${part({ alg, typ: "JWT" })}.${part(all)}`;
  if (alg === "none") return `${signed}.`;
  if (alg === "RS256") {
    rsaKey ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    return `${signed}.${sign("sha256", Buffer.from(signed), rsaKey).toString("base64url")}`;
  }
  return `${signed}.${createHmac(hashes[alg], secret).update(signed).digest("base64url")}`;
}
