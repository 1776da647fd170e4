import { Agent, fetch } from "undici";

export interface NodeFetchOptions {
  /** False accepts any certificate. */
  readonly verify?: boolean;
}

/**
 * A `fetch` for long requests: Node's own gives up when a server takes more than five minutes to answer, which the upload of a large
 * result may do.
 */
export function nodeFetch(options: NodeFetchOptions = {}): typeof globalThis.fetch {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { rejectUnauthorized: options.verify ?? true, timeout: 30_000 },
    // A server that was restarted must not be spoken to on a connection of its former life.
    keepAliveTimeout: 4_000,
  });
  const call = (input: Parameters<typeof fetch>[0], init?: Parameters<typeof fetch>[1]) => fetch(input, { ...init, dispatcher });
  // The two declarations of `fetch` differ only in the declarations of the classes they mention.
  return call as unknown as typeof globalThis.fetch;
}
