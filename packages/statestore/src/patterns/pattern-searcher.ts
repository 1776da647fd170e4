/**
 * Searches for restart patterns in tracebacks (state-semantics §10), in a thread of its own: whatever a pattern does, neither a transaction nor the event
 * loop waits for it.
 */
import { once } from "node:events";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { StateStoreLogger } from "../state-store-logger.ts";
import type { SearchThreadReply, SearchThreadRequest } from "./pattern-search-thread.ts";

export interface PatternSearch {
  readonly pattern: string;
  readonly text: string;
}

export interface PatternSearcher {
  /** For each, in order, whether the pattern is found. One that takes too long counts as not found, and is logged. */
  search(searches: readonly PatternSearch[]): Promise<boolean[]>;
  close(): Promise<void>;
}

/** As long as a search may use the processor when it goes back and tries again. */
const deadlineMs = 100;
/** A thread that has not answered by then is ended: something else than going back takes long, such as a very long text. */
const patienceMs = 2000;
/** A pattern that was given up so often in the searches of one call is not tried on the others. */
const mostGivenUp = 10;

/** As a published package the sources are JavaScript; a URL in a text is not rewritten. */
const threadUrl = new URL(
  import.meta.url.endsWith(".ts") ? "./pattern-search-thread.ts" : "./pattern-search-thread.js",
  import.meta.url,
);

/** The thread starts with the first search. */
export function createPatternSearcher(logger: StateStoreLogger): PatternSearcher {
  let thread: SearchThread | undefined;
  // One search runs at a time, so that each has the processor for itself; callers take turns.
  let last: Promise<unknown> = Promise.resolve();

  const searchOne = async ({ pattern, text }: PatternSearch): Promise<SearchThreadReply> => {
    if (thread === undefined || thread.isOver()) thread = await startThread();
    const reply = await thread.search(pattern, text);
    if (reply !== null) return reply;
    thread.end();
    thread = undefined;
    return { id: 0, found: false, givenUp: `no answer within ${patienceMs / 1000} seconds` };
  };

  return {
    async search(searches) {
      const found: boolean[] = [];
      const givenUp = new Map<string, number>();
      for (const search of searches) {
        const before = givenUp.get(search.pattern) ?? 0;
        if (before >= mostGivenUp) {
          found.push(false);
          continue;
        }
        const turn = last.then(() => searchOne(search));
        last = turn.catch(() => {});
        const reply = await turn;
        found.push(reply.found);
        if (reply.givenUp === null) continue;
        givenUp.set(search.pattern, before + 1);
        logger.warn(
          { pattern: search.pattern, characters: search.text.length, reason: reply.givenUp, rest: before + 1 === mostGivenUp },
          before + 1 === mostGivenUp
            ? "a search for a restart pattern was given up, as others for it were: it counts as not found in this text and all others of the call"
            : "a search for a restart pattern was given up: it counts as not found",
        );
      }
      return found;
    },
    async close() {
      await last;
      thread?.end();
      thread = undefined;
    },
  };
}

interface SearchThread {
  /** Null when there is no answer in time. */
  search(pattern: string, text: string): Promise<SearchThreadReply | null>;
  isOver(): boolean;
  end(): void;
}

async function startThread(): Promise<SearchThread> {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(threadUrl, {
    workerData: { port: port2 },
    transferList: [port2],
    name: "statestore patterns",
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  // The thread says when it has loaded what it needs: that is not to count against a pattern. An error of the thread ends this wait.
  const ready = once(port1, "message");
  await Promise.race([ready, once(worker, "exit")]);
  // What ends it in the middle of a search shows as an answer that does not come; what ends it later costs no search.
  let over = false;
  worker.on("error", () => {});
  worker.once("exit", () => {
    over = true;
  });
  worker.unref();
  port1.unref();
  let count = 0;
  return {
    search: (pattern, text) => answer(port1, worker, { id: ++count, pattern, text, deadlineMs }),
    isOver: () => over,
    end() {
      port1.close();
      void worker.terminate();
    },
  };
}

function answer(port: MessagePort, worker: Worker, request: SearchThreadRequest): Promise<SearchThreadReply | null> {
  return new Promise((resolve) => {
    const settle = (reply: SearchThreadReply | null) => {
      clearTimeout(timer);
      port.off("message", take);
      worker.off("exit", ended);
      resolve(reply);
    };
    const take = (reply: SearchThreadReply) => {
      if (reply.id === request.id) settle(reply);
    };
    const ended = () => settle(null);
    // An answer that came while this thread was busy is taken before its absence is believed.
    const timer = setTimeout(() => setImmediate(() => settle(null)), patienceMs);
    port.on("message", take);
    worker.on("exit", ended);
    port.postMessage(request);
  });
}
