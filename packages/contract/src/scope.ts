/** A scope: the place `org-campaign-project` that a thing lives in, or a set of such places when components are wildcards. */

declare const scopeBrand: unique symbol;

/** Canonical text of a scope, `o-c-p`; wildcards are `*` and only at the end (`o-*-*`). Equality and order are by this text. */
export type Scope = string & { readonly [scopeBrand]: "Scope" };

export interface ScopeParts {
  readonly org: string | null;
  readonly campaign: string | null;
  readonly project: string | null;
}

/** A text or an object that is no scope. `value` is what was given. */
export class InvalidScope extends Error {
  override readonly name = "InvalidScope";
  readonly value: unknown;

  constructor(message: string, value: unknown) {
    super(message);
    this.value = value;
  }
}

const componentNames = ["org", "campaign", "project"] as const;
const componentPattern = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * Reads the text form, `org-campaign-project` with exactly two hyphens.
 * @throws {InvalidScope} for a wrong number of parts, a bad component, or a component below a wildcard (user-api §2.1).
 */
export function parseScope(text: string): Scope {
  const parts = text.split("-");
  const [org, campaign, project] = parts;
  if (parts.length !== 3 || org === undefined || campaign === undefined || project === undefined) {
    throw new InvalidScope(
      `scope ${JSON.stringify(text)} must have the form org-campaign-project, with exactly two hyphens (it has ${parts.length} part${parts.length === 1 ? "" : "s"})`,
      text,
    );
  }
  return scopeFromParts({ org, campaign, project });
}

/**
 * Builds a scope from its components; `*`, null and undefined are wildcards. `*` becomes null *before* the hierarchy is checked.
 * @throws {InvalidScope}
 */
export function scopeFromParts(parts: {
  readonly org?: string | null | undefined;
  readonly campaign?: string | null | undefined;
  readonly project?: string | null | undefined;
}): Scope {
  const texts: string[] = [];
  let wildcard: string | undefined;
  for (const name of componentNames) {
    const component = parts[name] ?? "*";
    if (component === "*") {
      wildcard ??= name;
    } else if (typeof component !== "string" || !componentPattern.test(component)) {
      throw new InvalidScope(
        `'${name}' must either start with an alphabetical and contain only alphanumeric or underscore ('_') thereafter OR must be a single asterisk ('*'); it is ${JSON.stringify(component)}`,
        parts,
      );
    } else if (wildcard !== undefined) {
      throw new InvalidScope(
        `Invalid scope hierarchy: '${name}' is ${JSON.stringify(component)} below the wildcard '${wildcard}'; give '${wildcard}' too, or leave '${name}' out`,
        parts,
      );
    }
    texts.push(component);
  }
  return texts.join("-") as Scope;
}

/**
 * Reads the JSON form `{"org","campaign","project"}` of a request body; absent and null members are wildcards.
 * @throws {InvalidScope} also for a value that is no object and for members that a scope does not have (compute-api D20).
 */
export function scopeFromJson(value: unknown): Scope {
  const entries = jsonMembers(value);
  if (entries === undefined)
    throw new InvalidScope("a scope must be an object with the members org, campaign and project", value);
  const parts: Record<(typeof componentNames)[number], string | null> = { org: null, campaign: null, project: null };
  for (const [name, component] of entries) {
    if (name !== "org" && name !== "campaign" && name !== "project") {
      throw new InvalidScope(`a scope has no member ${JSON.stringify(name)}; its members are org, campaign and project`, value);
    }
    if (component !== null && typeof component !== "string") {
      throw new InvalidScope(`'${name}' of a scope must be a string or null`, value);
    }
    parts[name] = component;
  }
  return scopeFromParts(parts);
}

/** The components; null is a wildcard. */
export function scopeParts(scope: Scope): ScopeParts {
  const [org = "*", campaign = "*", project = "*"] = scope.split("-");
  const component = (text: string) => (text === "*" ? null : text);
  return { org: component(org), campaign: component(campaign), project: component(project) };
}

/** True when no component is a wildcard: the scope names one place. */
export function isSpecific(scope: Scope): boolean {
  return !scope.includes("*");
}

function jsonMembers(value: unknown): Iterable<[string, unknown]> | undefined {
  if (value instanceof Map) return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value);
}
