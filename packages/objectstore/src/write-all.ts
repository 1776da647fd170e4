import type { PendingObject } from "./object-store.ts";

/** Writes a whole source as one object: what it throws itself comes out as it is, and nothing is stored then. */
export const writeAll = async (
  begin: () => Promise<PendingObject>,
  path: string,
  source: AsyncIterable<Uint8Array> | Uint8Array,
  signal?: AbortSignal,
): Promise<{ readonly bytes: number }> => {
  signal?.throwIfAborted();
  const object = await begin();
  try {
    if (source instanceof Uint8Array) await object.write(source);
    else {
      for await (const chunk of source) {
        signal?.throwIfAborted();
        await object.write(chunk);
      }
    }
    signal?.throwIfAborted();
    const { bytes } = object;
    await object.commit(path);
    return { bytes };
  } finally {
    await object.abort();
  }
};
