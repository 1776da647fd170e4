/** The command was called wrongly: exit code 2. The message names what was given, the rule and the remedy. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command was understood and could not do its work, or found what it looks for: exit code 1. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}
