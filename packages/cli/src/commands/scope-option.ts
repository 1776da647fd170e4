import { InvalidScope, isSpecific, parseScope, type Scope } from "@alchemiscale/contract";
import { UsageError } from "../usage-error.ts";

/** @throws {UsageError} naming the scope that is none. */
export function scopeOption(text: string): Scope {
  try {
    return parseScope(text);
  } catch (error) {
    if (error instanceof InvalidScope) throw new UsageError(`--scope: ${error.message}`);
    throw error;
  }
}

/** @throws {UsageError} naming the scope that is none, or has a wildcard. */
export function placeOption(text: string): Scope {
  const scope = scopeOption(text);
  if (isSpecific(scope)) return scope;
  throw new UsageError(`--scope: ${scope} has a wildcard; a network lives in one place: give org, campaign and project`);
}
