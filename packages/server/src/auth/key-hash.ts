/** Hashes of the keys of identities: bcrypt as the Python server writes it, so that identities carry over (user-api §3). */
import { compare, hash } from "@node-rs/bcrypt";

const cost = 12;
const longestKey = 4096;

/** A key that no identity can have: `rule` says why. */
export class UnusableKey extends Error {
  override readonly name = "UnusableKey";
  readonly rule: string;

  constructor(rule: string) {
    super(`the key cannot be used: ${rule}`);
    this.rule = rule;
  }
}

function brokenRule(key: string): string | null {
  if (key.length === 0) return "it is empty";
  if (key.length > longestKey) return `it is longer than ${longestKey} characters`;
  if (key.includes("\0")) return "it contains a NUL character";
  return null;
}

/**
 * Hashes a key, off the event loop (about 0.2 s). Only the first 72 bytes of its UTF-8 count, as everywhere with bcrypt.
 * @throws {UnusableKey}
 */
export async function hashKey(key: string): Promise<string> {
  const rule = brokenRule(key);
  if (rule !== null) throw new UnusableKey(rule);
  return await hash(key, { cost });
}

/** Whether a key is the one of the hash; off the event loop. A key that no identity can have is never right. */
export async function isKeyOf(key: string, hashed: string): Promise<boolean> {
  if (brokenRule(key) !== null) return false;
  try {
    return await compare(key, hashed);
  } catch {
    return false;
  }
}
