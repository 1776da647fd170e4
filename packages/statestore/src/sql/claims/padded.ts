import type { ScopedKey } from "@alchemiscale/contract";

/** Exactly `count` entries: the Tasks, then nulls. */
export function padded(tasks: readonly ScopedKey[], count: number): (ScopedKey | null)[] {
  return Array.from({ length: Math.max(0, count) }, (_, i) => tasks[i] ?? null);
}
