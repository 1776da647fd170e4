/** Lines of the Python executor (docs/python-executor.md, wire version 1), as far as they are used here. */

export const wireVersion = 1;

export interface HelloReply {
  readonly reply: "hello";
  readonly wire: number;
  readonly python: string;
  readonly pid: number;
  readonly gufe: string;
  readonly packages: Readonly<Record<string, string>>;
}

export interface ProtocolsReply {
  readonly reply: "list_protocols";
  readonly protocols: readonly { readonly module: string; readonly qualname: string }[];
  readonly not_imported: Readonly<Record<string, string>>;
}

export interface ResultReply {
  readonly reply: "result";
  readonly ok: boolean;
  readonly dag_key: string;
  readonly result_key: string;
  readonly file: string;
  readonly warnings?: readonly string[];
}

export interface ErrorReply {
  readonly reply: "error";
  readonly kind: string;
  readonly exception?: string;
  readonly message: string;
  readonly traceback?: string;
}

export type Reply = HelloReply | ProtocolsReply | ResultReply | ErrorReply;

export interface DagCreated {
  readonly event: "dag_created";
  readonly dag_key: string;
  readonly shared: string;
  readonly scratch: string;
}

export interface UnitStarted {
  readonly event: "unit_started";
  readonly time: string;
  readonly unit: string;
  readonly name: string | null;
  readonly index: number;
  readonly of: number;
  readonly attempt: number;
}

export interface UnitFinished {
  readonly event: "unit_finished";
  readonly unit: string;
  readonly name: string | null;
  readonly attempt: number;
  readonly ok: boolean;
  readonly seconds: number;
  readonly exception?: string;
}

export type Event = DagCreated | UnitStarted | UnitFinished;
