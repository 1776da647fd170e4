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
  close(): Promise<void>;
}
