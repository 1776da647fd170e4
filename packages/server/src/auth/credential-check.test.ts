import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseScope } from "@alchemiscale/contract";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { hash } from "@node-rs/bcrypt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CredentialCheck } from "./credential-check.ts";
import { KeyChecks } from "./key-checks.ts";
import { hashKey, isKeyOf, UnusableKey } from "./key-hash.ts";

let folder: string;
let store: StateStore;
let check: CredentialCheck;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "alchemiscale-credentials-"));
  store = await openStateStore(`sqlite:${folder}/state.sqlite`);
  check = new CredentialCheck(store, "user");
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe("identifier and key", () => {
  test("belong together, the second time by memory", async () => {
    await store.identities.put("user", "alice", await hashKey("sésame 配体"));
    await store.identities.addScopes("user", "alice", [parseScope("o-c-*")]);
    const first = await check.identityOf("alice", "sésame 配体");
    expect(first).toMatchObject({ identifier: "alice", scopes: ["o-c-*"] });
    const start = performance.now();
    await check.identityOf("alice", "sésame 配体");
    // Hashing takes some 0.2 s of CPU.
    expect(performance.now() - start).toBeLessThan(100);
  });

  test("a new key, and a removal, take effect at once", async () => {
    await store.identities.put("user", "bob", await hashKey("old"));
    expect(await check.identityOf("bob", "old")).not.toBe(null);
    await store.identities.put("user", "bob", await hashKey("new"));
    expect(await check.identityOf("bob", "old")).toBe(null);
    expect(await check.identityOf("bob", "new")).not.toBe(null);
    await store.identities.remove("user", "bob");
    expect(await check.identityOf("bob", "new")).toBe(null);
  });

  test("of a compute identity are none of a user", async () => {
    await store.identities.put("compute", "worker", await hashKey("k"));
    expect(await check.identityOf("worker", "k")).toBe(null);
  });

  test.each([
    ["unknown", "k"],
    ["alice", "wrong"],
    ["alice", ""],
    ["alice", "a\0b"],
    ["alice", "k".repeat(5000)],
    ["al\0ice", "k"],
  ])("that do not belong together (%#)", async (identifier, key) => {
    expect(await check.identityOf(identifier, key)).toBe(null);
  });
});

describe("what a key was found to be", () => {
  test("is found out once for any number of logins at a time, right or wrong", async () => {
    await store.identities.put("user", "fleet", await hashKey("their key"));
    let compared = 0;
    const counting = new CredentialCheck(
      store,
      "user",
      new KeyChecks((key, hashed) => {
        compared += 1;
        return isKeyOf(key, hashed);
      }),
    );
    const right = await Promise.all(Array.from({ length: 100 }, () => counting.identityOf("fleet", "their key")));
    expect(right.every((identity) => identity?.identifier === "fleet")).toBe(true);
    const wrong = await Promise.all(Array.from({ length: 100 }, () => counting.identityOf("fleet", "old key")));
    expect(wrong.every((identity) => identity === null)).toBe(true);
    expect(compared).toBe(2);
    await store.identities.setDisabled("user", "fleet", true, {});
    expect(await counting.identityOf("fleet", "their key")).toBe(null);
    await store.identities.setDisabled("user", "fleet", false, {});
    await store.identities.setExpires("user", "fleet", (Date.now() - 1) * 1000, {});
    expect(await counting.identityOf("fleet", "their key")).toBe(null);
    await store.identities.setKey("user", "fleet", await hashKey("old key"), {});
    await store.identities.setExpires("user", "fleet", null, {});
    expect(await counting.identityOf("fleet", "their key")).toBe(null);
    expect(await counting.identityOf("fleet", "old key")).not.toBe(null);
  });

  test("is kept in bounded memory", async () => {
    const forgetful = new CredentialCheck(store, "user", new KeyChecks(async () => false));
    await Promise.all(Array.from({ length: 10_500 }, (_, i) => forgetful.identityOf(`nobody${i}`, "k")));
    expect(forgetful.remembered).toBeLessThanOrEqual(10_000);
  });
});

describe("keys", () => {
  test("count by their first 72 bytes, as in the Python server", async () => {
    await store.identities.put("user", "long", await hashKey("x".repeat(100)));
    expect(await check.identityOf("long", "x".repeat(72))).not.toBe(null);
    expect(await check.identityOf("long", "x".repeat(71))).toBe(null);
  });

  test("with a hash that Python wrote are right", async () => {
    const python = (await hash("from python", { cost: 12 })).replace(/^\$2[aby]\$/, "$2b$");
    await store.identities.put("user", "python", python);
    expect(await check.identityOf("python", "from python")).not.toBe(null);
  });

  test("are hashed as $2b$ with cost 12", async () => {
    expect(await hashKey("k")).toMatch(/^\$2b\$12\$/);
  });

  test.each([[""], ["k".repeat(4097)], ["a\0b"]])("that nobody may have are refused (%#)", async (key) => {
    await expect(hashKey(key)).rejects.toThrow(UnusableKey);
  });
});
