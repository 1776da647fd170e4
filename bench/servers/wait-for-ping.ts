import { once } from "node:events";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";

/** Asks until the server answers `/ping`. A refused connection costs nothing, so the figure is true to about `everyMs`. */
export async function waitForPing(
  url: string,
  options: { readonly signal: AbortSignal; readonly everyMs?: number },
): Promise<void> {
  const { signal, everyMs = 5 } = options;
  for (;;) {
    signal.throwIfAborted();
    if (await answersPing(url)) return;
    await wait(everyMs);
  }
}

async function answersPing(url: string): Promise<boolean> {
  try {
    const request = get(`${url}/ping`, { agent: false, timeout: 5000 });
    request.on("timeout", () => request.destroy());
    const [response] = await once(request, "response");
    await text(response);
    return response.statusCode === 200;
  } catch {
    return false;
  }
}
