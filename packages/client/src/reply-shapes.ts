/** Checks of replies that are not gufe content. Each gives undefined for a value of another shape. */
import { InvalidScopedKey, isTaskStatus, type ScopedKey, scopedKeyFromJson, type TaskStatus } from "@alchemiscale/contract";

export type StatusCounts = Partial<Record<TaskStatus, number>>;

/** A ScopedKey as text or as object; both occur. */
export function asScopedKey(value: unknown): ScopedKey | undefined {
  try {
    return scopedKeyFromJson(value);
  } catch (error) {
    if (error instanceof InvalidScopedKey) return undefined;
    throw error;
  }
}

export function asScopedKeys(value: unknown): ScopedKey[] | undefined {
  return listOf(value, asScopedKey);
}

export function asScopedKeysOrNulls(value: unknown): (ScopedKey | null)[] | undefined {
  return listOf(value, (item) => (item === null ? null : asScopedKey(item)));
}

export function asKeyWeights(value: unknown): Map<ScopedKey, number> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const weights = new Map<ScopedKey, number>();
  for (const [key, weight] of Object.entries(value)) {
    const scopedKey = asScopedKey(key);
    if (typeof weight !== "number" || scopedKey === undefined) return undefined;
    weights.set(scopedKey, weight);
  }
  return weights;
}

export function asStatusCounts(value: unknown): StatusCounts | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const counts: StatusCounts = {};
  for (const [status, count] of Object.entries(value)) {
    if (!isTaskStatus(status) || typeof count !== "number") return undefined;
    counts[status] = count;
  }
  return counts;
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function asBoolean(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

export function listOf<T>(value: unknown, item: (value: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const element of value) {
    const checked = item(element);
    if (checked === undefined) return undefined;
    items.push(checked);
  }
  return items;
}

export function asScopedKeyOrNull(value: unknown): ScopedKey | null | undefined {
  return value === null ? null : asScopedKey(value);
}

/** Each key with the one that it points to. */
export function asParents(value: unknown): Map<ScopedKey, ScopedKey | null> | undefined {
  const object = asObject(value);
  if (object === undefined) return undefined;
  const parents = new Map<ScopedKey, ScopedKey | null>();
  for (const [text, pointedTo] of Object.entries(object)) {
    const key = asScopedKey(text);
    const parent = asScopedKeyOrNull(pointedTo);
    if (key === undefined || parent === undefined) return undefined;
    parents.set(key, parent);
  }
  return parents;
}

export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
