import { expect, test } from "vitest";
import { mayRetry, retryDelay, retryPolicy } from "./retry-policy.ts";

test("waits grow as powers of the base up to the limit, plus a random part below the base", () => {
  const policy = retryPolicy();
  expect([1, 2, 3, 4, 5, 6, 7].map((n) => retryDelay(policy, n, () => 0))).toEqual([2e3, 4e3, 8e3, 16e3, 32e3, 60e3, 60e3]);
  expect(retryDelay(policy, 1, () => 0.5)).toBe(3000);
});

test("-1 repeats for ever", () => {
  expect(mayRetry(retryPolicy({ maxRetries: -1 }), 1e9)).toBe(true);
  expect(mayRetry(retryPolicy({ maxRetries: 2 }), 2)).toBe(false);
});

test.each([
  [{ baseSeconds: 1 }, "baseSeconds must be a number above 1; it is 1"],
  [{ maxRetries: -2 }, "maxRetries must be"],
  [{ maxSeconds: Number.NaN }, "maxSeconds must be"],
])("%o is refused", (given, message) => {
  expect(() => retryPolicy(given)).toThrow(message);
});
