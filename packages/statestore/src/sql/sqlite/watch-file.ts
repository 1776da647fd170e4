/** What other processes write into the file: nobody tells, so the last row of the event log is looked at, once for everyone. */
const everyMs = 250;

/** Calls `changed` when `latest` (the id of the last event) has moved. Returns what ends it. */
export function watchFile(latest: () => Promise<number>, changed: () => void): () => void {
  let seen: number | undefined;
  let asking = false;
  const look = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      const last = await latest();
      const moved = seen !== undefined && last !== seen;
      seen = last;
      if (moved) changed();
    } catch {
      // A file that cannot be read now is looked at again; whoever uses the store hears of it there.
    } finally {
      asking = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), everyMs).unref();
  return () => clearInterval(timer);
}
