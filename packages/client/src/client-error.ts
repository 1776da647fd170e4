/** What can go wrong between a client and an API: one class a condition, with the values a caller may want. */

interface RequestName {
  readonly method: string;
  readonly path: string;
}

/** Base of the errors of this package. */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
  readonly method: string;
  readonly path: string;

  constructor(request: RequestName, message: string, options?: ErrorOptions) {
    super(`${request.method} ${request.path}: ${message}`, options);
    this.method = request.method;
    this.path = request.path;
  }
}

/** The API answered with a status other than 2xx. `detail` is its explanation: the `detail` member, or the body as it came. */
export class ApiError extends ClientError {
  override readonly name: string = "ApiError";
  readonly status: number;
  readonly detail: string;
  /** Type of the problem document (RFC 9457) that our own routes answer with; null where the reply is none. */
  readonly problem: string | null;

  constructor(request: RequestName, status: number, detail: string, problem: string | null = null) {
    super(request, `status ${status}: ${detail}`);
    this.status = status;
    this.detail = detail;
    this.problem = problem;
  }
}

/** True where a server does not know the route that was asked for, as Python servers do not know those below `/v1/`. */
export function isUnknownRoute(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 405) && error.problem === null;
}

/** An argument that no server would take. `argument` is its name. */
export class InvalidArgument extends Error {
  override readonly name = "InvalidArgument";
  readonly argument: string;
  readonly value: unknown;

  constructor(argument: string, value: unknown, rule: string) {
    super(`${argument} must be ${rule}; it is ${shown(value)}`);
    this.argument = argument;
    this.value = value;
  }
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** The API refused the identifier and key themselves. Trying again does not help. */
export class LoginRefused extends ApiError {
  override readonly name = "LoginRefused";
  readonly identifier: string;

  constructor(request: RequestName, detail: string, identifier: string) {
    super(
      request,
      401,
      `${detail} (identifier ${JSON.stringify(identifier)}; check it and its key, and that it is an identity of this API)`,
    );
    this.identifier = identifier;
  }
}

/** No answer came, after all attempts. `cause` is the last transport error. */
export class ConnectionError extends ClientError {
  override readonly name = "ConnectionError";
  readonly url: string;
  readonly attempts: number;

  constructor(request: RequestName, url: string, attempts: number, cause: unknown) {
    super(
      request,
      `no answer from ${url} after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}: ${innermostMessage(cause)}`,
      { cause },
    );
    this.url = url;
    this.attempts = attempts;
  }
}

/** A 2xx reply whose body is not what the route promises: the address is perhaps not an alchemiscale API. */
export class UnexpectedReply extends ClientError {
  override readonly name = "UnexpectedReply";

  constructor(request: RequestName, expected: string, body: string, options?: ErrorOptions) {
    super(request, `expected ${expected}, got ${body.length > 200 ? `${body.slice(0, 200)}…` : body}`, options);
  }
}

function innermostMessage(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause !== undefined) innermost = innermost.cause;
  // A refused connection to a name with two addresses is an AggregateError without a message of its own.
  if (innermost instanceof AggregateError && innermost.message === "") return innermost.errors.map(innermostMessage).join("; ");
  return innermost instanceof Error ? innermost.message : String(innermost);
}
