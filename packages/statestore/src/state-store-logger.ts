/** Where a state store tells what people who run it should know. A pino logger is one. */
export interface StateStoreLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export const silentLogger: StateStoreLogger = { warn: () => {} };
