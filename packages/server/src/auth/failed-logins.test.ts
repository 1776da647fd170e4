import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FailedLogins } from "./failed-logins.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function timeOf(work: Promise<void>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

test("the first failures are answered at once, later ones later; others and the next minute are not concerned", async () => {
  const logins = new FailedLogins();
  for (let i = 0; i < 10; i++) expect(await timeOf(logins.slowDown("10.0.0.1", "alice"))).toBeLessThan(100);
  expect(await timeOf(logins.slowDown("10.0.0.1", "alice"))).toBeGreaterThanOrEqual(245);
  expect(await timeOf(logins.slowDown("10.0.0.2", "alice"))).toBeLessThan(100);
  expect(await timeOf(logins.slowDown("10.0.0.1", "bob"))).toBeLessThan(100);
  vi.setSystemTime(Date.now() + 61_000);
  expect(await timeOf(logins.slowDown("10.0.0.1", "alice"))).toBeLessThan(100);
});
