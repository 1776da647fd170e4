/** What crosses between a measurement and the process that makes the load. */

export interface LoadRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** One keep-alive connection with one request in flight at a time. */
export interface Lane {
  /** Sent in turn, again and again, until the lane ends. */
  readonly requests: readonly LoadRequest[];
  /** The lane ends after so many. */
  readonly times: number;
  /** Waited before the first request. */
  readonly startAfterMs?: number;
  /** Waited after each reply. */
  readonly pauseMs?: number;
}

export interface LoadPlan {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly lanes: readonly Lane[];
  /** All lanes end after so many requests together. */
  readonly total?: number;
  /** A lane ends when it gets this reply (it is counted, and kept). */
  readonly lastReply?: string;
  /** Hand the replies back, as texts, in the order in which they came. */
  readonly keepReplies?: boolean;
}

/** Asks a running plan to end: each lane after the reply that it waits for. */
export const stopMessage = "stop";

/** A reply that is not 2xx ends everything: a figure made of refusals would mean nothing. */
export interface LoadOutcome {
  /** From the first request sent to the last reply read. */
  readonly seconds: number;
  /** Of each request, from before it is written to the whole reply read. */
  readonly milliseconds: Float64Array;
  readonly replies: readonly string[];
}

export type LoadReply = { readonly outcome: LoadOutcome } | { readonly failure: string };
