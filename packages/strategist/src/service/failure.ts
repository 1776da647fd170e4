/** An error as text: class, message, traceback. */
export interface Failure {
  readonly type: string;
  readonly message: string;
  readonly traceback: string;
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { type: "Error", message: String(error), traceback: String(error) };
  return { type: error.name, message: error.message, traceback: error.stack ?? `${error.name}: ${error.message}` };
}
