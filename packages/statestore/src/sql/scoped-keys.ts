/**
 * ScopedKeys taken apart and put together. The contract package has the same and more; it is not loaded here because its routes cost
 * every thread of the store time and memory.
 */
import type { ScopedKey } from "@alchemiscale/contract";

/** `[gufe key, scope]`. */
export function splitKey(key: ScopedKey): readonly [key: string, scope: string] {
  const end = key.indexOf("-", key.indexOf("-") + 1);
  return [key.slice(0, end), key.slice(end + 1)];
}

/** `[token, scope]` of a key of that class; an impossible token for another class, so that it is found nowhere. */
export function splitToken(key: ScopedKey, className: string): readonly [token: string, scope: string] {
  const [gufeKey, scope] = splitKey(key);
  return gufeKey.startsWith(`${className}-`) ? [gufeKey.slice(className.length + 1), scope] : ["", scope];
}

export function joinKey(gufeKey: string, scope: string): ScopedKey {
  return `${gufeKey}-${scope}` as ScopedKey;
}

export function className(key: ScopedKey): string {
  return key.slice(0, key.indexOf("-"));
}
