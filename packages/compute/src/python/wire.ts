/** Lines of the Python executor (docs/python-executor.md, wire version 2), as far as they are used here. */

import type { ResourceHints } from "../executor.ts";

export const wireVersion = 2;

export interface HelloReply {
  readonly reply: "hello";
  readonly wire: number;
  readonly executor: string;
  readonly python: string;
  readonly executable: string;
  readonly pid: number;
  readonly gufe: string;
  readonly packages: Readonly<Record<string, string>>;
}

export interface ProtocolsReply {
  readonly reply: "list_protocols";
  readonly protocols: readonly { readonly module: string; readonly qualname: string }[];
  readonly not_imported: Readonly<Record<string, string>>;
}

export interface PreparedReply {
  readonly reply: "prepared";
  readonly dag_key: string;
  readonly shared: string;
  readonly scratch: string;
  readonly units: readonly {
    readonly key: string;
    readonly name: string | null;
    readonly qualname: string;
    readonly dependencies: readonly string[];
    readonly hints: ResourceHints;
  }[];
  readonly finished: readonly {
    readonly unit: string;
    readonly ok: boolean;
    readonly attempts: number;
    readonly exception: string | null;
  }[];
}

export interface UnitReply {
  readonly reply: "unit";
  readonly unit: string;
  readonly ok: boolean;
  readonly attempts: number;
  readonly exception: string | null;
  /** Processes that still run below the interpreter. */
  readonly leftovers: number;
  readonly warnings: readonly string[];
}

export interface ResultReply {
  readonly reply: "result";
  readonly ok: boolean;
  readonly dag_key: string;
  readonly result_key: string;
  readonly file: string;
  readonly warnings: readonly string[];
}

export interface ErrorReply {
  readonly reply: "error";
  readonly kind: string;
  readonly exception?: string;
  readonly message: string;
  readonly traceback?: string;
}

/** A number that a ProtocolResult tells. */
export interface EnergyReply {
  readonly value: number;
  /** Null for a plain number. */
  readonly unit: string | null;
  /** Null where it is no energy. */
  readonly kcal_per_mol: number | null;
}

export interface GatheredReply {
  readonly reply: "gathered";
  readonly n: number;
  readonly estimate: EnergyReply | null;
  readonly uncertainty: EnergyReply | null;
  /** Null where the ProtocolResult has no JSON form. */
  readonly file: string | null;
  readonly problems: readonly string[];
  /** Processes that still run below the interpreter. */
  readonly leftovers: number;
}

export interface ProposedReply {
  readonly reply: "proposed";
  readonly weights: Readonly<Record<string, number | null>>;
  readonly leftovers: number;
}

export type Reply =
  | HelloReply
  | ProtocolsReply
  | PreparedReply
  | UnitReply
  | ResultReply
  | GatheredReply
  | ProposedReply
  | ErrorReply;

export interface AttemptStarted {
  readonly event: "attempt_started";
  readonly time: string;
  readonly unit: string;
  readonly name: string | null;
  readonly attempt: number;
}

export interface AttemptFinished {
  readonly event: "attempt_finished";
  readonly unit: string;
  readonly name: string | null;
  readonly attempt: number;
  readonly ok: boolean;
  readonly seconds: number;
  readonly exception?: string;
}

export type Event = AttemptStarted | AttemptFinished;

/** The last line: the guard tells how the interpreter below it ended. */
export interface Ended {
  readonly event: "ended";
  readonly reason: "killed" | "memory_limit" | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  /** Bytes, with reason `memory_limit`. */
  readonly used?: number;
}
