/** An engine runs operations, each as one transaction. */
export interface OperationCall {
  readonly domain: string;
  readonly method: string;
  readonly mode: "read" | "write";
  readonly args: readonly unknown[];
}

export interface Engine {
  /** For people: engine and place, never a password. */
  readonly description: string;
  /** @throws {StateStoreError} */
  run(call: OperationCall): Promise<unknown>;
  close(): Promise<void>;
}
