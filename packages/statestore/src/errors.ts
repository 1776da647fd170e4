/** What a state store throws. Each condition is a class with data, so that a server can answer it without reading messages. */

export type ErrorData = Readonly<Record<string, string | number | boolean | null>>;

/** Base of all errors of a state store. `data` holds the values of the message. */
export class StateStoreError extends Error {
  override readonly name: string = "StateStoreError";
  readonly data: ErrorData;

  constructor(message: string, data: ErrorData = {}) {
    super(message);
    this.data = data;
  }
}

/** The database cannot be reached or does not answer in time: try again later. What was not acknowledged may or may not have happened. */
export class StateStoreUnavailable extends StateStoreError {
  override readonly name = "StateStoreUnavailable";
}

/** The database was written by a newer version of this program, or is no state store at all. */
export class IncompatibleDatabase extends StateStoreError {
  override readonly name = "IncompatibleDatabase";
}

/** An address that is neither `sqlite:FILE` nor `postgres://…`. */
export class InvalidStateStoreUrl extends StateStoreError {
  override readonly name = "InvalidStateStoreUrl";
}

/** A claim by a service that is not registered (never, deregistered, or expired). Data: `service`. */
export class ServiceNotRegistered extends StateStoreError {
  override readonly name = "ServiceNotRegistered";
}

/** Data: `task`. */
export class TaskNotFound extends StateStoreError {
  override readonly name = "TaskNotFound";
}

/** Data: `transformation`. */
export class TransformationNotFound extends StateStoreError {
  override readonly name = "TransformationNotFound";
}

/**
 * Objects stand in the scope under the same keys with what is provably other content. Nothing was written.
 * Data: `key` (the first), `count`.
 */
export class ObjectsDiffer extends StateStoreError {
  override readonly name = "ObjectsDiffer";
}

/** Data: `network`. */
export class NetworkNotFound extends StateStoreError {
  override readonly name = "NetworkNotFound";
}

/** A Task that cannot be extended. Data: `extends`, `reason` (`length`, `class`, `missing`, `status`, `transformation`). */
export class CannotExtend extends StateStoreError {
  override readonly name = "CannotExtend";
}

/** A pattern that cannot be compiled. Data: `pattern`, `reason`. */
export class InvalidPattern extends StateStoreError {
  override readonly name = "InvalidPattern";
}

/** No compute manager of that name is registered. Data: `name`. */
export class ManagerNotFound extends StateStoreError {
  override readonly name = "ManagerNotFound";
}

/** Another compute manager has that name, and was not to be, or could not be, replaced. Data: `name`, `status` (`OK`, `ERROR`). */
export class ManagerNameTaken extends StateStoreError {
  override readonly name = "ManagerNameTaken";
}

/** The next schema drops or rewrites something, and nobody has said that there is a backup. Data: `version`, `migration`. */
export class MigrationNeedsBackup extends StateStoreError {
  override readonly name = "MigrationNeedsBackup";
}

/** A backup that could not be written, or that this engine does not make. Data: `file`. */
export class BackupFailed extends StateStoreError {
  override readonly name = "BackupFailed";
}

/** Something that needs the store for itself, while others use it. Data: `services`, `processes`. */
export class StoreInUse extends StateStoreError {
  override readonly name = "StoreInUse";
}

/**
 * What an operation throws that has to know whether patterns are found in texts: it is searched for outside of the transaction. Never reaches a caller.
 * Data: `searches`, as JSON.
 */
export class SearchesNeeded extends StateStoreError {
  override readonly name = "SearchesNeeded";
}

const classes = {
  StateStoreError,
  StateStoreUnavailable,
  IncompatibleDatabase,
  InvalidStateStoreUrl,
  ServiceNotRegistered,
  TaskNotFound,
  TransformationNotFound,
  NetworkNotFound,
  ObjectsDiffer,
  CannotExtend,
  InvalidPattern,
  ManagerNotFound,
  ManagerNameTaken,
  SearchesNeeded,
  MigrationNeedsBackup,
  BackupFailed,
  StoreInUse,
} as const;

/** An error as plain data, for the way between threads: structured clone keeps neither class nor fields. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly data: ErrorData | null;
}

export function serializeError(error: unknown): SerializedError {
  if (error instanceof StateStoreError) {
    return { name: error.name, message: error.message, stack: error.stack, data: error.data };
  }
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack, data: null };
  return { name: "Error", message: String(error), stack: undefined, data: null };
}

export function deserializeError(serialized: SerializedError): Error {
  const StoreError = serialized.data === null ? undefined : classes[serialized.name as keyof typeof classes];
  const error =
    StoreError === undefined ? new Error(serialized.message) : new StoreError(serialized.message, serialized.data ?? {});
  if (serialized.stack !== undefined) error.stack = serialized.stack;
  return error;
}
