import type { ScopedKey } from "@alchemiscale/contract";
import { ApiError } from "../client-error.ts";

/** What is known of a stored ProtocolDAGResult beside its bytes. Null: this server does not say (Python servers give references alone). */
export interface ResultFacts {
  /** Where to go on after it: the `after` of another call. Null from Python servers. */
  readonly cursor: string | null;
  /** ProtocolDAGResultRef. */
  readonly ref: ScopedKey;
  readonly transformation: ScopedKey;
  readonly task: ScopedKey | null;
  /** gufe key of the ProtocolDAGResult. */
  readonly result: string | null;
  /** True: each unit succeeded in the end. */
  readonly ok: boolean;
  /** ISO 8601, UTC. */
  readonly created: string | null;
  /** The compute service. */
  readonly creator: string | null;
}

/** A result. */
export interface RetrievedResult extends ResultFacts {
  /** As stored: normally one zstd frame of the keyed chain of a ProtocolDAGResult; from old servers JSON of a nested dict (user-api §5.8). */
  readonly bytes: Uint8Array;
}

/** A result is known, but the server's object store does not hold its bytes. `facts.cursor` leads past it. */
export class ResultMissing extends Error {
  override readonly name = "ResultMissing";
  readonly facts: ResultFacts;

  constructor(facts: ResultFacts, detail: string, options?: ErrorOptions) {
    super(`the bytes of ${facts.ref} cannot be had: ${detail}`, options);
    this.facts = facts;
  }
}

/** The error that a request for a result's bytes ended with, as {@link ResultMissing} where it says so. */
export function asMissing(error: unknown, facts: ResultFacts): unknown {
  const isMissing =
    error instanceof ApiError &&
    (error.status === 400 || (error.status === 404 && error.problem === "urn:alchemiscale:problem:result-missing"));
  return isMissing ? new ResultMissing(facts, error.detail, { cause: error }) : error;
}
