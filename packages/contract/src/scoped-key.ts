/** A ScopedKey: the name of one stored object, its gufe key and the one place it lives in. */
import { InvalidScope, isSpecific, type Scope, scopeFromParts } from "./scope.ts";

declare const scopedKeyBrand: unique symbol;

/** `<Class>-<token>-<org>-<campaign>-<project>`, five parts. Equality and order are by this text. */
export type ScopedKey = string & { readonly [scopedKeyBrand]: "ScopedKey" };

/** The JSON form, members in the order of the wire. */
export interface ScopedKeyParts {
  readonly gufe_key: string;
  readonly org: string;
  readonly campaign: string;
  readonly project: string;
}

/** A value that is no ScopedKey. The message begins with the text that Python clients know (user-api §4). */
export class InvalidScopedKey extends Error {
  override readonly name = "InvalidScopedKey";
  readonly value: unknown;

  constructor(reason: string, value: unknown) {
    super(`input does not appear to be a \`ScopedKey\`: ${reason}`);
    this.value = value;
  }
}

const gufeKeyPattern = /^[A-Za-z0-9_]+-[A-Za-z0-9_]+$/;

/**
 * Reads the text form. The token need not be a hash: tasks have random ones, and the letters' case is kept.
 * @throws {InvalidScopedKey} for a wrong number of parts, a character outside `[A-Za-z0-9_]`, an empty part, or a wildcard.
 */
export function parseScopedKey(text: string): ScopedKey {
  const parts = text.split("-");
  const [prefix, token, org, campaign, project] = parts;
  if (
    parts.length !== 5 ||
    prefix === undefined ||
    token === undefined ||
    org === undefined ||
    campaign === undefined ||
    project === undefined
  ) {
    throw new InvalidScopedKey(
      `${shown(text)} must have the form <Class>-<token>-<org>-<campaign>-<project>, with five parts (it has ${parts.length})`,
      text,
    );
  }
  return checked({ gufe_key: `${prefix}-${token}`, org, campaign, project }, text);
}

/**
 * Reads the JSON form `{"gufe_key","org","campaign","project"}`, or the text form where an object is usual. Other members are ignored.
 * @throws {InvalidScopedKey}
 */
export function scopedKeyFromJson(value: unknown): ScopedKey {
  if (typeof value === "string") return parseScopedKey(value);
  const member = memberReader(value);
  if (member === undefined) {
    throw new InvalidScopedKey("an object with the members gufe_key, org, campaign and project, or a text, was expected", value);
  }
  const text = (name: string) => {
    const part = member(name);
    if (typeof part !== "string") throw new InvalidScopedKey(`the member ${name} must be a string`, value);
    return part;
  };
  return checked({ gufe_key: text("gufe_key"), org: text("org"), campaign: text("campaign"), project: text("project") }, value);
}

/**
 * The key of an object in a place.
 * @throws {InvalidScopedKey} for a gufe key of another form, or a scope with a wildcard.
 */
export function scopedKey(gufeKey: string, scope: Scope): ScopedKey {
  if (!gufeKeyPattern.test(gufeKey)) throw new InvalidScopedKey(`${shown(gufeKey)} is no gufe key <Class>-<token>`, gufeKey);
  if (!isSpecific(scope)) throw new InvalidScopedKey(`the scope ${scope} has a wildcard; an object lives in one place`, scope);
  return `${gufeKey}-${scope}` as ScopedKey;
}

/** The JSON form. */
export function scopedKeyParts(key: ScopedKey): ScopedKeyParts {
  const [prefix = "", token = "", org = "", campaign = "", project = ""] = key.split("-");
  return { gufe_key: `${prefix}-${token}`, org, campaign, project };
}

/** `<Class>-<token>`. */
export function gufeKeyOf(key: ScopedKey): string {
  return key.slice(0, key.indexOf("-", key.indexOf("-") + 1));
}

/** The class name, for type checks without a look-up. */
export function qualnameOf(key: ScopedKey): string {
  return key.slice(0, key.indexOf("-"));
}

/** The place; always specific. */
export function scopeOf(key: ScopedKey): Scope {
  return key.slice(key.indexOf("-", key.indexOf("-") + 1) + 1) as Scope;
}

function checked(parts: ScopedKeyParts, value: unknown): ScopedKey {
  if (!gufeKeyPattern.test(parts.gufe_key)) {
    throw new InvalidScopedKey(
      `${shown(parts.gufe_key)} is no gufe key; it must be <Class>-<token>, each of letters, digits and underscores`,
      value,
    );
  }
  let scope: Scope;
  try {
    scope = scopeFromParts(parts);
  } catch (error) {
    if (error instanceof InvalidScope) throw new InvalidScopedKey(error.message, value);
    throw error;
  }
  if (!isSpecific(scope)) throw new InvalidScopedKey(`the scope ${scope} has a wildcard; an object lives in one place`, value);
  return `${parts.gufe_key}-${scope}` as ScopedKey;
}

function memberReader(value: unknown): ((name: string) => unknown) | undefined {
  if (value instanceof Map) return (name) => value.get(name);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return (name) => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
