import { InvalidScope, parseScope, type Scope } from "@alchemiscale/contract";
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
