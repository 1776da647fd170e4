/** Whole sessions, good and bad, with the log as talkative as it gets: nothing that anybody keeps secret may stand in it. */
import { openObjectStore } from "@alchemiscale/objectstore";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createServer } from "../src/index.ts";
import { exchange } from "./exchange.ts";
import { forgedToken } from "./forged-token.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";
import { smallNetwork } from "./session.ts";

let written = "";
const stream = {
  write(line: string) {
    written += line;
  },
};
let local: LocalServer;
beforeAll(async () => {
  local = await startLocalServer({ log: { level: "trace", stream } });
  await local.identity("admin", "root", "secret-key-of-root");
  await local.identity("user", "alice", "secret-key-of-alice", ["*-*-*"]);
  await local.identity("compute", "gpu", "secret-key-of-gpu", ["*-*-*"]);
});
afterAll(() => local.close());

const form = { "content-type": "application/x-www-form-urlencoded" };
const logIn = (url: string, username: string, password: string) =>
  exchange("POST", url, form, Buffer.from(new URLSearchParams({ username, password }).toString()));

test("a session with logins, keys, tokens, failures and changed identities", async () => {
  const secrets = [local.secret, "secret-key-of-root", "secret-key-of-alice", "secret-key-of-gpu"];
  const tokens: Record<string, string> = {};
  for (const [name, url] of [
    ["alice", `${local.user}/token`],
    ["gpu", `${local.compute}/token`],
    ["root", `${local.user}/v1/admin/token`],
  ] as const) {
    const reply = await logIn(url, name, `secret-key-of-${name}`);
    expect(reply.status).toBe(200);
    const { access_token: token } = JSON.parse(reply.text) as { access_token: string };
    tokens[name] = token;
    secrets.push(token);
    expect((await logIn(url, name, "secret-wrong-key")).status).toBe(401);
    expect((await logIn(url, "secret-name-typed-as-key\0", "secret-wrong-key")).status).toBe(401);
  }
  secrets.push("secret-wrong-key");
  const as = (name: string, headers: Record<string, string> = {}) => ({
    authorization: `Bearer ${tokens[name]}`,
    "content-type": "application/json",
    ...headers,
  });

  // Keys that come by other ways than they should: in the query, in the path, as another scheme, in a body that is no form.
  await exchange("GET", `${local.user}/networks?password=secret-in-query&token=secret-in-query`, as("alice"), null);
  await exchange("POST", `${local.user}/token?username=alice&password=secret-in-query`, form, Buffer.from(""));
  await exchange(
    "POST",
    `${local.user}/token`,
    { "content-type": "application/json" },
    Buffer.from('{"password": "secret-in-json"}'),
  );
  await exchange("GET", `${local.user}/info`, { authorization: "Basic secret-in-basic" }, null);
  await exchange("GET", `${local.user}/info`, { cookie: "session=secret-in-cookie", "x-api-key": "secret-in-header" }, null);
  const forged = forgedToken({ secret: "secret-of-a-forger", claims: {} });
  await exchange("GET", `${local.user}/info`, { authorization: `Bearer ${forged}` }, null);
  secrets.push("secret-in-query", "secret-in-json", "secret-in-basic", "secret-in-cookie", "secret-in-header", forged);

  // Work, and what goes wrong in it.
  expect((await exchange("POST", `${local.user}/networks`, as("alice"), smallNetwork())).status).toBe(200);
  await exchange("POST", `${local.user}/networks`, as("alice"), Buffer.from("{"));
  await exchange("POST", `${local.user}/bulk/networks/weight/set`, as("alice"), Buffer.from('{"networks": 3}'));
  await exchange("POST", `${local.compute}/claim`, as("gpu"), Buffer.from("nonsense"));

  // Identities, with keys and wishes for keys.
  const identities = `${local.user}/v1/admin/identities`;
  const added = { type: "user", identifier: "bo", key: "secret-new-key", scopes: ["o-*-*"] };
  expect((await exchange("POST", identities, as("root"), Buffer.from(JSON.stringify(added)))).status).toBe(200);
  expect((await exchange("POST", identities, as("root"), Buffer.from(JSON.stringify(added)))).status).toBe(409);
  const key = Buffer.from('{"key": "secret-newer-key"}');
  expect((await exchange("POST", `${identities}/user/bo/key`, as("root"), key)).status).toBe(200);
  await exchange("POST", `${identities}/user/bo/key`, as("root"), Buffer.from('{"key": ["secret-newer-key"]}'));
  await exchange("POST", `${identities}/user/bo/key`, as("root"), Buffer.from('{"key": "secret-newer-key'));
  await exchange("POST", `${identities}/user/bo/key`, as("alice"), key);
  secrets.push("secret-new-key", "secret-newer-key");
  const { hashedKey = "" } = (await local.stateStore.identities.get("user", "bo")) ?? {};
  secrets.push(hashedKey);

  expect(written).toContain("login refused");
  expect(written).toContain("an identity was changed");
  expect(written).toContain('"path":"/networks"');
  for (const secret of secrets) expect(written.includes(secret), secret).toBe(false);
  expect(written).not.toContain("$2b$");
  expect(written).not.toContain("Bearer ");
});

test("stores that cannot be reached, with passwords in their addresses and surroundings", async () => {
  let log = "";
  const logger = pino(
    { level: "trace" },
    {
      write(line: string) {
        log += line;
      },
    },
  );
  const said: string[] = [];
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      logger.error({ err: error }, "failed");
      said.push(String(error), error instanceof Error ? (error.stack ?? "") : "");
    }
  };
  const outer = { id: process.env.AWS_ACCESS_KEY_ID, secret: process.env.AWS_SECRET_ACCESS_KEY };
  process.env.AWS_ACCESS_KEY_ID = "an-access-key-id";
  process.env.AWS_SECRET_ACCESS_KEY = "secret-of-the-bucket";
  try {
    await attempt(() => openStateStore("postgres://alchemist:secret-of-the-database@127.0.0.1:1/alchemiscale"));
    await attempt(() => openStateStore("mysql://alchemist:secret-of-the-database@127.0.0.1:1/alchemiscale"));
    await attempt(() => openObjectStore("s3://key:secret-of-the-bucket@bucket/prefix"));
    const objectStore = await openObjectStore("s3://bucket/prefix?endpoint=http://127.0.0.1:1&region=x");
    const server = createServer({
      stateStore: local.stateStore,
      objectStore,
      jwtSecret: local.secret,
      logger,
      bindings: { user: { host: "127.0.0.1", port: 0 } },
    });
    await server.listen();
    const token = forgedToken({ secret: local.secret, claims: { aud: "alchemiscale-user" } });
    const reply = await exchange("GET", `${server.userAddress}/check`, { authorization: `Bearer ${token}` }, null);
    expect(reply.status).toBe(503);
    said.push(reply.text, objectStore.description);
    await server.close();
    await objectStore.close();
  } finally {
    for (const [name, value] of [
      ["AWS_ACCESS_KEY_ID", outer.id],
      ["AWS_SECRET_ACCESS_KEY", outer.secret],
    ] as const) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
  expect(log).toContain("failed");
  expect(log).toContain("a store is unavailable");
  for (const text of [log, ...said]) {
    expect(text).not.toContain("secret-of-the-database");
    expect(text).not.toContain("secret-of-the-bucket");
    expect(text).not.toContain(local.secret);
  }
});
