import type { Scope, ScopedKey } from "@alchemiscale/contract";
import type { Execution, SignOfLife } from "./executions.ts";

/** What the server has acknowledged, and what was seen on the wire: the memory that the stores are held against at the end. */
export class Journal {
  /** Acknowledged networks, with the text of each of their entries. */
  readonly networks = new Map<ScopedKey, { readonly scope: Scope; readonly entries: ReadonlyMap<string, string> }>();
  /** Of each Transformation: acknowledged Tasks, and how many more a request without a reply may have created. */
  readonly tasks = new Map<ScopedKey, { readonly acknowledged: ScopedKey[]; readonly unsure: number[] }>();
  /** Acknowledged actions: Task to network. */
  readonly actioned = new Map<ScopedKey, ScopedKey>();
  /** Of each Task, the priorities that it may have: the last acknowledged one, and those asked for since. */
  readonly priorities = new Map<ScopedKey, Set<bigint>>();
  readonly executions: Execution[] = [];
  readonly signs: SignOfLife[] = [];
  /** Acknowledged results. */
  readonly results: AcknowledgedResult[] = [];
  /** Digests of all results that were sent, acknowledged or not. */
  readonly sent = new Map<ScopedKey, Set<string>>();
  /** What must not have happened, as sentences. */
  readonly violations: string[] = [];
  claims = 0;
  reposts = 0;

  /** Ends the executions of these services: of one Task, or of all that they had. */
  end(isService: (service: string) => boolean, at: number, task?: ScopedKey): void {
    for (const execution of this.executions) {
      if (execution.end === null && isService(execution.service) && (task === undefined || execution.task === task)) {
        execution.end = at;
      }
    }
  }
}

export interface AcknowledgedResult {
  readonly task: ScopedKey;
  readonly service: string;
  readonly reference: ScopedKey;
  /** SHA-256 of the stored bytes, as they must come back. */
  readonly digest: string;
  /** The request as it was sent, to send it again. */
  readonly request: { readonly path: string; readonly body: Buffer; readonly encoding: string | undefined };
}
