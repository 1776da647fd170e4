import { InvalidArgument } from "./client-error.ts";
import { mapAhead } from "./map-ahead.ts";

/** Keys a bulk request, as the Python client sends them. */
export const defaultBatchSize = 1000;
/** Bulk requests in flight at once. */
const batchesAtOnce = 8;

/**
 * The replies for all items, in their order, by requests of at most `size` items, a few of them at once. No items: no request.
 * One that fails ends the others; some of them may have been applied.
 * @throws {InvalidArgument} for a size below 1
 */
export async function inBatches<S, T>(
  items: readonly S[],
  size: number,
  call: (batch: readonly S[], signal: AbortSignal) => Promise<readonly T[]>,
): Promise<T[]> {
  if (!Number.isInteger(size) || size < 1) throw new InvalidArgument("batchSize", size, "an integer of at least 1");
  const replies: T[] = [];
  for await (const part of mapAhead(batchesOf(items, size), batchesAtOnce, call)) for (const reply of part) replies.push(reply);
  return replies;
}

function* batchesOf<S>(items: readonly S[], size: number): Generator<readonly S[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Aborts when any of them does; undefined ones are left out. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
