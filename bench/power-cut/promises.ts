import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import type { Exchange } from "./acknowledged-fetch.ts";

/** A value that something was given, and the request that acknowledged it; null while there is no answer. */
export interface Given<T> {
  readonly value: T;
  exchange: Exchange | null;
}

export interface PromisedTasks {
  readonly transformation: ScopedKey;
  readonly count: number;
  /** Empty without an answer. */
  tasks: readonly ScopedKey[];
  exchange: Exchange | null;
}

export interface PromisedResult {
  readonly task: ScopedKey;
  readonly transformation: ScopedKey;
  /** SHA-256 of the bytes that must come back. */
  readonly digest: string;
  /** Null without an answer. */
  reference: ScopedKey | null;
  exchange: Exchange | null;
}

/** What a client asked for and what it was told, in the order of its requests. What concerns one thing is asked for one at a time. */
export class Promises {
  readonly identities: { readonly identifier: string; readonly type: "user" | "compute"; readonly records: number }[] = [];
  readonly networks: { readonly key: ScopedKey; readonly entries: ReadonlyMap<string, string>; exchange: Exchange | null }[] = [];
  readonly tasks: PromisedTasks[] = [];
  readonly statuses = new Map<ScopedKey, Given<TaskStatus>[]>();
  readonly priorities = new Map<ScopedKey, Given<bigint>[]>();
  readonly weights = new Map<ScopedKey, Given<number>[]>();
  /** Whether a Task is actioned, and where. */
  readonly actioned = new Map<ScopedKey, { readonly network: ScopedKey; readonly given: Given<boolean>[] }>();
  readonly results: PromisedResult[] = [];

  /** Notes what something is about to be given. */
  give<K, T>(timelines: Map<K, Given<T>[]>, key: K, value: T): Given<T> {
    const given: Given<T> = { value, exchange: null };
    const timeline = timelines.get(key);
    if (timeline === undefined) timelines.set(key, [given]);
    else timeline.push(given);
    return given;
  }
}

/**
 * The values that something may have after a cut: the last acknowledged one, and those asked for after it up to the first that was acknowledged
 * later. Undefined where nothing was acknowledged.
 */
export function allowed<T>(
  timeline: readonly Given<T>[],
  isAcknowledged: (exchange: Exchange | null) => boolean,
): T[] | undefined {
  const last = timeline.findLastIndex(({ exchange }) => isAcknowledged(exchange));
  if (last === -1) return undefined;
  const values: T[] = [];
  for (const [i, { value, exchange }] of timeline.entries()) {
    if (i < last) continue;
    values.push(value);
    if (i > last && exchange !== null) break;
  }
  return values;
}
