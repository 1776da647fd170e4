/** The stored estimate of something, brought up to date first where the caller waits for it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { StoredEstimate } from "@alchemiscale/statestore";
import type { ServerContext } from "../../server-context.ts";

/** Between two looks: at first, and after a while. */
const firstLookMs = 50;
const longestLookMs = 250;

export interface StoredDocument {
  /** Null where there is none yet. */
  readonly text: string | null;
  readonly upToDate: { readonly up_to_date: boolean; readonly unread: number };
}

/**
 * Null where there is no such thing.
 * @param seconds to wait at most for what has landed and is not part of it yet
 */
export async function storedDocument(
  context: ServerContext,
  read: () => Promise<StoredEstimate | null>,
  seconds = 0,
): Promise<StoredDocument | null> {
  const until = performance.now() + seconds * 1000;
  for (let lookMs = firstLookMs; ; lookMs = Math.min(1.2 * lookMs, longestLookMs)) {
    const stored = await read();
    if (stored === null) return null;
    const { text, unread, stale } = stored;
    const isUpToDate = unread === 0 && !stale;
    const left = until - performance.now();
    if (isUpToDate || left <= 0 || context.closing.aborted) {
      return { text, upToDate: { up_to_date: isUpToDate, unread } };
    }
    context.estimator.hurry();
    await sleep(Math.min(lookMs, left));
  }
}
