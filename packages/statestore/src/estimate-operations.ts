/** What results say: readings, the summaries of Transformations and the estimates of networks. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { KnownResult } from "./state-store.ts";

/** A result that nobody has read yet. */
export interface UnreadResult extends KnownResult {
  /** Of its Transformation. */
  readonly protocol: ScopedKey | null;
}

/** What was read of a result, or why it could not be; JSON of the caller's own. */
export interface NewReading {
  /** Its cursor. */
  readonly result: number;
  /** Of what read it. */
  readonly version: number;
  readonly text: string;
}

export interface KeptReading {
  readonly resultKey: string;
  readonly ok: boolean;
  readonly created: string;
  readonly service: string | null;
  readonly text: string;
  /** What it was computed on, as far as the compute service said so. */
  readonly hardware: string | null;
}

/** A Transformation whose summary is older than what is known of it. */
export interface StaleTransformation {
  /** The store's own. */
  readonly id: number;
  readonly transformation: ScopedKey;
  readonly protocol: ScopedKey | null;
  readonly revision: number;
  /** In the order of their results' keys. Tasks of any status. */
  readonly readings: readonly KeptReading[];
  /** Tasks for which no ProtocolDAG could be made, by exception. */
  readonly failures: readonly { readonly exception: string; readonly failures: number }[];
}

export interface TransformationSummary {
  readonly id: number;
  /** That it was computed from. */
  readonly revision: number;
  readonly text: string;
  /** What networks need of it. */
  readonly brief: string;
  /** For those who watch: a few words. */
  readonly words: string;
}

export interface NetworkInputs {
  readonly revision: number;
  /** As it was written by `writeNetworkEdges`. */
  readonly edges: string | null;
  /** gufe keys. */
  readonly summaries: readonly { readonly transformation: string; readonly brief: string }[];
}

export interface StoredEstimate {
  /** Null before the first. */
  readonly text: string | null;
  /** Results that have not been read yet; of a network only as far as they are among the first thousand. */
  readonly unread: number;
  /** It is older than what is known. */
  readonly stale: boolean;
}

export interface EstimateBacklog {
  readonly results: number;
  readonly transformations: number;
  readonly networks: number;
}

/**
 * The work that is to be done is always what the store says: results without a reading, summaries and networks that are older than what
 * they are made of. Every write may be repeated, also by two at once.
 */
export interface EstimateOperations {
  /** The oldest first: at most `limit` after a cursor. */
  unread(after: number, limit: number): Promise<UnreadResult[]>;
  /** Their Transformations are stale from now on. */
  writeReadings(readings: readonly NewReading[]): Promise<void>;
  staleTransformations(limit: number): Promise<StaleTransformation[]>;
  /** A summary that was computed from an older revision than the stored one is left out. Networks are stale where a brief is new. */
  writeSummaries(summaries: readonly TransformationSummary[]): Promise<void>;
  staleNetworks(limit: number): Promise<ScopedKey[]>;
  /** Null for a missing network. */
  networkInputs(network: ScopedKey): Promise<NetworkInputs | null>;
  writeNetworkEdges(network: ScopedKey, text: string): Promise<void>;
  /** As with summaries, the later revision stays. */
  writeNetworkEstimates(network: ScopedKey, revision: number, text: string): Promise<void>;
  /** Null for a missing Transformation. */
  ofTransformation(transformation: ScopedKey): Promise<StoredEstimate | null>;
  /** Texts of the readings of its results, at most `limit`, in the order of the results' keys. */
  readings(transformation: ScopedKey, limit: number): Promise<string[]>;
  /** Null for a missing network. */
  ofNetwork(network: ScopedKey): Promise<StoredEstimate | null>;
  backlog(): Promise<EstimateBacklog>;
  /** The next `limit` results after a cursor are to be read anew, and with the first of them all networks. How many, and the cursor of the last one; null at the end. */
  forget(after: number, limit: number): Promise<{ readonly last: number; readonly results: number } | null>;
  /** What a result was computed on. */
  setHardware(ref: ScopedKey, name: string): Promise<void>;
}
