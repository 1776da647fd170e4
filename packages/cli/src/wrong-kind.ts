import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { UsageError } from "./usage-error.ts";

/** A key of something else than what a command is about. */
export function wrongKind(key: ScopedKey, wanted: readonly string[]): UsageError {
  return new UsageError(
    `${key} is ${withArticle(qualnameOf(key))}; the key of ${wanted.map(withArticle).join(" or ")} is needed`,
  );
}

/** `an AlchemicalNetwork`, `a Task`. */
export function withArticle(qualname: string): string {
  return `${/^[AEIOU]/.test(qualname) ? "an" : "a"} ${qualname}`;
}
