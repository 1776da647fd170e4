/** Problem details (RFC 9457): how the routes below `/v1/` say what went wrong. */
import { STATUS_CODES } from "node:http";
import { HttpError } from "./http-error.ts";

/** Where a status alone does not tell conditions apart, a problem has a type of its own. */
export type ProblemType = "no-addresses" | "result-missing" | "service-not-registered";

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** What is wrong with each part of the input: places and reasons. */
  readonly errors?: unknown;
}

/** An error with a problem type. */
export class TypedProblem extends HttpError {
  readonly type: ProblemType;

  constructor(type: ProblemType, status: number, detail: string) {
    super(status, detail);
    this.type = type;
  }
}

export const problemMedia = "application/problem+json";

/** 404 for an object that is not there; only below `/v1/`, as clients of the other routes repeat it. */
export function notFound(what: string): HttpError {
  return new HttpError(404, `there is no ${what}`);
}

export function problemOf(error: Pick<HttpError, "status" | "detail"> & { readonly type?: ProblemType }): Problem {
  const { status, detail } = error;
  const title = STATUS_CODES[status] ?? "Error";
  const type = error.type === undefined ? "about:blank" : `urn:alchemiscale:problem:${error.type}`;
  if (typeof detail === "string") return { type, title, status, detail };
  return { type, title, status, detail: sentenceOf(detail), errors: detail };
}

/** The first thing that is wrong, for people. */
function sentenceOf(issues: unknown): string {
  const [first] = Array.isArray(issues) ? (issues as { readonly loc?: readonly unknown[]; readonly msg?: string }[]) : [];
  if (first === undefined) return "the input is not valid";
  return `${first.loc?.join(".") ?? "input"}: ${first.msg ?? "not valid"}`;
}
