/** One parameter should not hold hundreds of megabytes: large sets of large texts travel in pieces of about so many characters. */
const chunkCharacters = 8_000_000;

export function* inChunks<T>(items: readonly T[], size: (item: T) => number): Generator<readonly T[]> {
  let chunk: T[] = [];
  let filled = 0;
  for (const item of items) {
    chunk.push(item);
    filled += size(item);
    if (filled >= chunkCharacters) {
      yield chunk;
      chunk = [];
      filled = 0;
    }
  }
  if (chunk.length > 0) yield chunk;
}
