import { createHmac } from "node:crypto";
import { parseScope } from "@alchemiscale/contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InvalidToken, Tokens } from "./tokens.ts";

const secret = "a secret of the tests";
const caller = { identity: "alice", scopes: [parseScope("o-c-*"), parseScope("x-*-*")] };
const tokens = new Tokens({ audience: "user", secret, lifetimeSeconds: 60 });

function forged(claims: object, options: { secret?: string; alg?: string } = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: options.alg ?? "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", options.secret ?? secret)
    .update(signed)
    .digest("base64url")}`;
}

const inAnHour = Math.floor(Date.now() / 1000) + 3600;
const valid = { sub: "alice", scopes: ["o-c-p"], exp: inAnHour, aud: "alchemiscale-user" };

test("a token says who and which scopes", async () => {
  const token = await tokens.issue(caller);
  expect(await tokens.verify(token)).toEqual(caller);
  expect(await tokens.verify(token)).toEqual(caller);
});

test("its header and claims are those of the Python server, and an audience", async () => {
  const [header = "", claims = ""] = (await tokens.issue(caller)).split(".");
  expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ alg: "HS256", typ: "JWT" });
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toEqual({
    sub: "alice",
    scopes: ["o-c-*", "x-*-*"],
    exp: expect.any(Number),
    aud: "alchemiscale-user",
  });
});

test("a made token of the right form holds", async () => {
  expect(await tokens.verify(forged(valid))).toEqual({ identity: "alice", scopes: ["o-c-p"] });
});

describe("no token is", () => {
  test.each<[string, string]>([
    ["nothing", ""],
    ["a word", "abc"],
    ["one of another secret", forged(valid, { secret: "another secret of the tests" })],
    ["one of another algorithm", forged(valid, { alg: "HS512" })],
    ["an unsigned one", `${forged(valid, { alg: "none" }).split(".").slice(0, 2).join(".")}.`],
    ["one of the other API", forged({ ...valid, aud: "alchemiscale-compute" })],
    ["one of no API", forged({ ...valid, aud: undefined })],
    ["one without end", forged({ ...valid, exp: undefined })],
    ["one without a name", forged({ ...valid, sub: undefined })],
    ["one without scopes", forged({ ...valid, scopes: undefined })],
    ["one whose scopes are no list", forged({ ...valid, scopes: "o-c-p" })],
    ["one with a scope that is none", forged({ ...valid, scopes: ["o-c"] })],
    ["one with a number for a scope", forged({ ...valid, scopes: [1] })],
    ["an expired one", forged({ ...valid, exp: 1_600_000_000 })],
  ])("%s", async (_what, token) => {
    await expect(tokens.verify(token)).rejects.toThrow(InvalidToken);
  });
});

describe("the last second", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([true, false])("counts: a token holds while floor(now) ≤ exp, also one that was seen before (%s)", async (seen) => {
    vi.setSystemTime(1_800_000_000_000);
    const token = await tokens.issue(caller);
    if (seen) await tokens.verify(token);
    vi.setSystemTime(1_800_000_060_999);
    if (seen) expect(await tokens.verify(token)).toEqual(caller);
    vi.setSystemTime(1_800_000_061_000);
    await expect(tokens.verify(token)).rejects.toThrow(InvalidToken);
  });
});
