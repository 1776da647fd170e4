/** An answer other than success. `detail` goes to the client as it is: a sentence, or the list of what is wrong with the input. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(typeof detail === "string" ? detail : `HTTP ${status}`);
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}

const challenge = { "www-authenticate": "Bearer" };

/** 401 with the challenge that Python clients expect: they fetch a new token and repeat once. */
export function unauthorized(detail: string): HttpError {
  return new HttpError(401, detail, challenge);
}

export function badRequest(detail: string): HttpError {
  return new HttpError(400, detail);
}

/** 400 for bad scope parameters of a query; carries the challenge as the Python server does. */
export function badScopeQuery(detail: string): HttpError {
  return new HttpError(400, detail, challenge);
}

export function unprocessable(detail: unknown): HttpError {
  return new HttpError(422, detail);
}

/** The answer to every missing object: never 404, which clients would retry for a minute. The quotes belong to it (user-api §4). */
export function noSuchObject(): HttpError {
  return new HttpError(400, "'No such object in database'");
}

/** 503, with the time after which it may be otherwise. */
export function unavailable(detail: string): HttpError {
  return new HttpError(503, detail, { "retry-after": "5" });
}

/** Which address cannot be reached, and why, is in the log: clients that have no token yet get this answer, too. */
export function storeUnavailable(store: "state store" | "object store"): HttpError {
  return unavailable(`the ${store} cannot be reached at the moment; try again in a few seconds`);
}
