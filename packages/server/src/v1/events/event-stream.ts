/** A stream of server-sent events of one Task or network, for one watcher. */
import type { EventTail } from "./event-tail.ts";

/** A sign of life, so that proxies keep the connection and a watcher notices when it is gone. */
const heartbeatMs = 15_000;
const retryMs = 2000;

/**
 * @param after where the watcher stands; null: from now on
 * @param ended the watcher is gone, his token has expired, or the server stops
 */
export async function* eventStream(tail: EventTail, after: number | null, ended: AbortSignal): AsyncGenerator<string> {
  let position = Math.min(after ?? tail.position, tail.position);
  // An id alone is no event, but where the browser takes the stream up again.
  yield `retry: ${retryMs}\nid: ${position}\n\n`;
  while (!ended.aborted) {
    const batch = await tail.after(position);
    if (batch !== null) {
      position = batch.position;
      if (batch.text !== "") yield batch.text;
    } else if (!(await tail.change(heartbeatMs, ended)) && !ended.aborted) {
      yield `: still here\nid: ${position}\n\n`;
    }
  }
}
