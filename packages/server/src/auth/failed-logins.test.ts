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

test("what is remembered is bounded, however many guess and however long their names are", async () => {
  const logins = new FailedLogins();
  for (let i = 0; i < 25_000; i++) {
    void logins.slowDown("10.0.0.1", `${"n".repeat(10_000)}${i}`);
    logins.succeeded("10.0.0.1", `right${i}`);
  }
  expect(logins.remembered).toBeLessThanOrEqual(20_000);
});

test("pairs that logged in go first, those that fail all the time last", async () => {
  const logins = new FailedLogins();
  expect(logins.rankOf("a", "new")).toBe(1);
  logins.succeeded("a", "known");
  expect(logins.rankOf("a", "known")).toBe(0);
  expect(logins.rankOf("b", "known")).toBe(1);
  for (let i = 0; i < 10; i++) await logins.slowDown("a", "known");
  expect(logins.rankOf("a", "known")).toBe(0);
  void logins.slowDown("a", "known");
  expect(logins.rankOf("a", "known")).toBe(2);
  vi.setSystemTime(Date.now() + 61_000);
  expect(logins.rankOf("a", "known")).toBe(0);
});

test("a server that ends answers those who wait", async () => {
  const closing = new AbortController();
  const logins = new FailedLogins(closing.signal);
  for (let i = 0; i < 29; i++) void logins.slowDown("a", "x");
  const slowed = timeOf(logins.slowDown("a", "x"));
  closing.abort();
  expect(await slowed).toBeLessThan(1000);
  expect(await timeOf(logins.slowDown("a", "x"))).toBeLessThan(1000);
});
