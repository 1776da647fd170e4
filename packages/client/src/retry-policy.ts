/** When a request is repeated, and after how long: the rules of the Python clients (compute-api §1, user-api §1.3). */
export interface RetryPolicy {
  /** Repeats after the first attempt; -1 = for ever. */
  readonly maxRetries: number;
  /** Base b of the exponential wait; above 1. */
  readonly baseSeconds: number;
  readonly maxSeconds: number;
}

export const defaultRetryPolicy: RetryPolicy = { maxRetries: 5, baseSeconds: 2, maxSeconds: 60 };

/** Never repeats. */
export const noRetries: RetryPolicy = { ...defaultRetryPolicy, maxRetries: 0 };

/** A policy member outside its range. */
export class InvalidRetryPolicy extends Error {
  override readonly name = "InvalidRetryPolicy";
  readonly field: string;
  readonly value: unknown;

  constructor(field: string, value: unknown, rule: string) {
    super(`${field} must be ${rule}; it is ${String(value)}`);
    this.field = field;
    this.value = value;
  }
}

/** The default with what is given in its place. @throws {InvalidRetryPolicy} */
export function retryPolicy(given: Partial<RetryPolicy> = {}): RetryPolicy {
  const policy = { ...defaultRetryPolicy, ...given };
  if (!Number.isInteger(policy.maxRetries) || policy.maxRetries < -1)
    throw new InvalidRetryPolicy("maxRetries", policy.maxRetries, "an integer of at least 0, or -1 for no limit");
  if (!(policy.baseSeconds > 1)) throw new InvalidRetryPolicy("baseSeconds", policy.baseSeconds, "a number above 1");
  if (!(policy.maxSeconds >= 0)) throw new InvalidRetryPolicy("maxSeconds", policy.maxSeconds, "a number of at least 0");
  return policy;
}

/** True while another repeat is allowed; `retries` counts those made. */
export function mayRetry(policy: RetryPolicy, retries: number): boolean {
  return policy.maxRetries === -1 || retries < policy.maxRetries;
}

/** Milliseconds before repeat `n` (from 1): `min(max, bⁿ) + b·u`, u uniform in [0, 1). */
export function retryDelay(policy: RetryPolicy, n: number, random: () => number = Math.random): number {
  return 1000 * (Math.min(policy.maxSeconds, policy.baseSeconds ** n) + policy.baseSeconds * random());
}

/** Statuses that a gateway or a restarting server answers. 404 is among them: a proxy without its server answers so. */
export function isTransient(status: number): boolean {
  return status === 404 || status === 502 || status === 503 || status === 504;
}
