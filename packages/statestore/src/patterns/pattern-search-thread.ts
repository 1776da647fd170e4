/** The thread in which patterns are searched for, one text after the other. */
import { type MessagePort, workerData } from "node:worker_threads";
import { compilePythonPattern, type PythonMatcher, SearchGivenUp } from "./python-pattern.ts";

export interface SearchThreadRequest {
  readonly id: number;
  readonly pattern: string;
  readonly text: string;
  /** Of processor time, for a search that goes back and tries again. */
  readonly deadlineMs: number;
}

export interface SearchThreadReply {
  readonly id: number;
  readonly found: boolean;
  /** Why the search was given up; null where it came to an end. */
  readonly givenUp: string | null;
}

/** Compiled patterns that are kept, at most. */
const kept = 200;

const { port } = workerData as { readonly port: MessagePort };
const compiled = new Map<string, PythonMatcher | null>();

port.on("message", ({ id, pattern, text, deadlineMs }: SearchThreadRequest) => {
  const started = processorMs();
  try {
    const found = matcherOf(pattern)?.search(text, () => processorMs() - started > deadlineMs) ?? false;
    port.postMessage({ id, found, givenUp: null } satisfies SearchThreadReply);
  } catch (error) {
    const givenUp = error instanceof SearchGivenUp ? error.message : String(error);
    port.postMessage({ id, found: false, givenUp } satisfies SearchThreadReply);
  }
});

port.postMessage({ id: 0, found: false, givenUp: null } satisfies SearchThreadReply);

/** What this thread has used, so that a busy machine does not turn a match into none. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Null for a pattern that does not compile: it matches nothing [D15]. */
function matcherOf(pattern: string): PythonMatcher | null {
  let matcher = compiled.get(pattern);
  if (matcher === undefined) {
    try {
      matcher = compilePythonPattern(pattern);
    } catch {
      matcher = null;
    }
    if (compiled.size >= kept) compiled.clear();
    compiled.set(pattern, matcher);
  }
  return matcher;
}
