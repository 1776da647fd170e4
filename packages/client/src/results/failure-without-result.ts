import { asObject } from "../reply-shapes.ts";

/** A Task failed before there was a ProtocolDAG: there is no result that would say why. */
export interface FailureWithoutResult {
  /** ISO 8601, UTC, microseconds. */
  readonly at: string;
  /** The compute service. */
  readonly service: string | null;
  /** Class and message. */
  readonly exception: string;
  readonly traceback: string;
}

export function asFailureWithoutResult(value: unknown): FailureWithoutResult | undefined {
  const { at, service, exception, traceback } = asObject(value) ?? {};
  const isComplete = typeof at === "string" && typeof exception === "string" && typeof traceback === "string";
  return isComplete ? { at, service: typeof service === "string" ? service : null, exception, traceback } : undefined;
}
