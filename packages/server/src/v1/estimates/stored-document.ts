/** The stored estimate of something, brought up to date first where the caller waits for it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { StoredEstimate } from "@alchemiscale/statestore";
import type { ServerContext } from "../../server-context.ts";

const lookMs = 50;

export interface UpToDate {
  readonly up_to_date: boolean;
  readonly unread: number;
}

/**
 * Null where there is no such thing.
 * @param seconds to wait at most for what has landed and is not part of it yet
 */
export async function storedDocument<Document>(
  context: ServerContext,
  read: () => Promise<StoredEstimate | null>,
  seconds = 0,
): Promise<{ readonly document: Document | null; readonly upToDate: UpToDate } | null> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    const stored = await read();
    if (stored === null) return null;
    const { text, unread, stale } = stored;
    const left = until - performance.now();
    if ((unread === 0 && !stale) || left <= 0 || context.closing.aborted) {
      const document = text === null ? null : (JSON.parse(text) as Document);
      return { document, upToDate: { up_to_date: unread === 0 && !stale, unread } };
    }
    context.estimator.wake();
    await sleep(Math.min(lookMs, left));
  }
}
