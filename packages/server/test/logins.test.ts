import { hash } from "@node-rs/bcrypt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exchange } from "./exchange.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";

let local: LocalServer;
beforeAll(async () => {
  local = await startLocalServer();
  for (const name of ["alice", "bob"]) {
    // Costs an eighth of the usual: the machine of a test may be busy.
    await local.stateStore.identities.put("user", name, await hash(`${name}'s key`, { cost: 9 }));
  }
});
afterAll(() => local.close());

async function logIn(username: string, password: string): Promise<{ status: number; ms: number }> {
  const start = performance.now();
  const form = Buffer.from(new URLSearchParams({ username, password }).toString());
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const { status } = await exchange("POST", `${local.user}/token`, type, form);
  return { status, ms: performance.now() - start };
}

test("200 right logins at once are all served while failures from the same address are slowed", async () => {
  expect((await logIn("alice", "alice's key")).status).toBe(200);
  const start = performance.now();
  // Guesses at alice, until they are slowed, and at others.
  const guesses = Array.from({ length: 24 }, (_, i) => logIn("alice", `guess ${i}`));
  const strangers = Array.from({ length: 2 }, (_, i) => logIn(`stranger ${i}`, "guess"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const right = [
    ...Array.from({ length: 200 }, () => logIn("alice", "alice's key")),
    ...Array.from({ length: 100 }, () => logIn("bob", "bob's key")),
  ];
  const served = await Promise.all(right);
  const rightTook = performance.now() - start;
  expect(new Set(served.map(({ status }) => status))).toEqual(new Set([200]));
  // Alice's key is remembered: not one comparison. Bob's waits for a few of the guesses, and is compared once.
  const slowest = Math.max(...served.slice(0, 200).map(({ ms }) => ms));
  const refused = await Promise.all([...guesses, ...strangers]);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401]));
  const wrongTook = performance.now() - start;
  expect(slowest).toBeLessThan(wrongTook / 2);
  expect(rightTook).toBeLessThan(wrongTook);
  expect(refused.filter(({ ms }) => ms > 2500).length).toBeGreaterThan(3);
});
