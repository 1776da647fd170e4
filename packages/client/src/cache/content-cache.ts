/** What never changes under its key, kept so that it need not be asked for again. */

/** Keyed chain texts of objects, and results as they are stored. */
export type ContentKind = "object" | "result";

/**
 * A cache of immutable content. `server` is the origin of the API's address: the same key on another server is another content.
 * Neither method may throw: a cache that fails is one that holds nothing.
 */
export interface ContentCache {
  get(server: string, kind: ContentKind, key: string): Promise<Uint8Array | undefined>;
  /** Keeps the bytes unless they are there; may drop others, least recently used first. */
  put(server: string, kind: ContentKind, key: string, bytes: Uint8Array): Promise<void>;
}

/**
 * A cache in memory, of so many bytes. Runs in browsers.
 * Content larger than a quarter of it is not kept.
 */
export function memoryCache(options: { readonly maxBytes: number }): ContentCache {
  const { maxBytes } = options;
  // A Map keeps its order: the first entry is the one that was not used for longest.
  const entries = new Map<string, Uint8Array>();
  let held = 0;
  const nameOf = (server: string, kind: ContentKind, key: string) => `${server} ${kind} ${key}`;
  return {
    get: async (server, kind, key) => {
      const name = nameOf(server, kind, key);
      const bytes = entries.get(name);
      if (bytes === undefined) return undefined;
      entries.delete(name);
      entries.set(name, bytes);
      return bytes;
    },
    put: async (server, kind, key, bytes) => {
      const name = nameOf(server, kind, key);
      if (bytes.length > maxBytes / 4 || entries.has(name)) return;
      entries.set(name, bytes);
      held += bytes.length;
      for (const [oldest, dropped] of entries) {
        if (held <= maxBytes) return;
        entries.delete(oldest);
        held -= dropped.length;
      }
    },
  };
}
