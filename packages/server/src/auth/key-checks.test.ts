import { expect, test } from "vitest";
import { KeyChecks } from "./key-checks.ts";

/** Checks whose comparisons end when the test says so; `seen` is the order in which they began. */
function manual() {
  const seen: string[] = [];
  const ends: (() => void)[] = [];
  const checks = new KeyChecks((key) => {
    seen.push(key);
    return new Promise((resolve) => ends.push(() => resolve(key.startsWith("right"))));
  });
  const drain = async () => {
    while (ends.length > 0) {
      ends.shift()?.();
      await new Promise(setImmediate);
    }
  };
  return { seen, checks, drain };
}

test("few run at a time, and each gets its own answer", async () => {
  const { seen, checks, drain } = manual();
  const answers = Array.from({ length: 20 }, (_, i) => checks.isKeyOf(i % 2 === 0 ? `right${i}` : `wrong${i}`, "h", "pair", 1));
  expect(seen.length).toBeLessThanOrEqual(3);
  await drain();
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, (_, i) => i % 2 === 0));
});

test("whoever comes after a thousand guesses of others waits for a few of them", async () => {
  const { seen, checks, drain } = manual();
  for (let i = 0; i < 1000; i++) void checks.isKeyOf(`guess${i}`, "h", "guesser", 1);
  for (let i = 0; i < 1000; i++) void checks.isKeyOf(`attempt${i}`, "h", "another guesser", 2);
  void checks.isKeyOf("right, new", "h", "new pair", 1);
  void checks.isKeyOf("right, known", "h", "known pair", 0);
  void checks.isKeyOf("right, failed before", "h", "a pair that failed", 2);
  await drain();
  expect(seen).toHaveLength(2003);
  expect(seen.indexOf("right, new")).toBeLessThan(12);
  expect(seen.indexOf("right, known")).toBeLessThan(12);
  expect(seen.indexOf("right, failed before")).toBeLessThan(20);
});

test("a comparison that fails is a wrong key", async () => {
  const checks = new KeyChecks(() => Promise.reject(new Error("no thread")));
  expect(await checks.isKeyOf("k", "h", "pair", 0)).toBe(false);
});
