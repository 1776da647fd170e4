/** A service that tests may ask for: started at the first question, stopped when the tests are done. */
export interface TestService {
  /** For people, at the start of a line. */
  readonly title: string;
  /** Starts it. Throws `ServiceAbsent` where this machine cannot have it. */
  start(): Promise<RunningService>;
}

export interface RunningService {
  readonly url: string;
  /** What a process that uses it needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** For people: what is used. */
  readonly description: string;
  stop(): Promise<void>;
}

/** What a test process is told. */
export type ServiceAnswer =
  | { readonly url: string; readonly environment: Readonly<Record<string, string>> }
  | { readonly absent: string };

/** This machine lacks what the service needs; the message says what, and the remedy. */
export class ServiceAbsent extends Error {
  override readonly name = "ServiceAbsent";
}
