/** An engine runs operations, each as one transaction. */
import type { Mode } from "./operation-modes.ts";

export interface OperationCall {
  readonly domain: string;
  readonly method: string;
  readonly mode: Mode;
  readonly args: readonly unknown[];
}

export interface Engine {
  /** For people: engine and place, never a password. */
  readonly description: string;
  /** @throws {StateStoreError} */
  run(call: OperationCall): Promise<unknown>;
  /** Gives room that nothing needs any more back to the system, and with it what was written there. */
  shrink(): Promise<void>;
  /** As that of the state store. */
  watch(listener: () => void): () => void;
  /** Gives back memory that it can do without while there is nothing to do. */
  rest(): void;
  close(): Promise<void>;
}
