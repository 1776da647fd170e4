import { afterAll, beforeAll, expect, test } from "vitest";
import { forgedToken } from "./forged-token.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";
import { smallNetwork } from "./session.ts";

let local: LocalServer;
let network = "";
let scope = "";

beforeAll(async () => {
  local = await startLocalServer();
  const sent = await ask("POST", "/networks", smallNetwork().toString("utf8"));
  expect(sent.status).toBe(200);
  [network = ""] = JSON.parse((await ask("GET", "/networks")).text) as string[];
  scope = network.split("-").slice(2).join("-");
});
afterAll(() => local.close());

async function ask(method: string, path: string, body?: string) {
  const authorization = `Bearer ${forgedToken({ secret: local.secret, claims: { sub: "me", scopes: ["*-*-*"], aud: "alchemiscale-user" } })}`;
  const headers = { authorization, ...(body !== undefined && { "content-type": "application/json" }) };
  const reply = await fetch(`${local.user}${path}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: reply.status, text: await reply.text() };
}

const put = (body: string) => ask("PUT", `/v1/networks/${network}/strategy`, body);
const described = async () => JSON.parse((await ask("GET", `/v1/networks/${network}/strategy`)).text);
const compatible = async () => (await ask("GET", `/networks/${network}/strategy`)).text;

/** Numbers and spaces as they must stay. */
const connectivity =
  '[["ConnectivityStrategy-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", {"settings": {"decay_rate": 0.50,  "max_runs": 3, ":is_custom:": true}, "__qualname__": "ConnectivityStrategy", "__module__": "stratocaster.strategies.connectivity", ":version:": 1}]]';
const native =
  '[["UncertaintyStrategy-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", {"settings": {"target_error": 1e-1}, "__qualname__": "UncertaintyStrategy", "__module__": "alchemiscale_strategies", ":version:": 1}]]';

test("without a strategy there is null, and nothing to be changed", async () => {
  expect(await described()).toBeNull();
  expect((await ask("POST", `/v1/networks/${network}/strategy/settings`, '{"mode": "full"}')).status).toBe(404);
  const decisions = await ask("GET", `/v1/networks/${network}/strategy/decisions`);
  expect(JSON.parse(decisions.text)).toEqual({ decisions: [], next: null });
});

test("a stack is kept in order with its rules; the compatible route answers with what every Python client can import", async () => {
  const body = `{"members": [{"strategy": ${native}, "until": "connected", "weight": 2.5}, {"strategy": ${connectivity}, "role": "veto", "max_gpu_hours": 10}], "combine": "sequence", "mode": "full", "sleep_interval": 60}`;
  expect(await put(body)).toEqual({ status: 200, text: `"UncertaintyStrategy-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-${scope}"` });
  expect(await described()).toMatchObject({
    network,
    mode: "full",
    status: "awake",
    iterations: 0,
    sleep_interval: 60,
    task_scaling: "exponential",
    blocked: null,
    combine: "sequence",
    max_gpu_hours: null,
    members: [
      {
        strategy: `UncertaintyStrategy-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-${scope}`,
        weight: 2.5,
        role: "add",
        until: "connected",
        max_gpu_hours: null,
        status: "awake",
      },
      {
        strategy: `ConnectivityStrategy-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-${scope}`,
        weight: 1,
        role: "veto",
        until: "done",
        max_gpu_hours: 10,
        chain: JSON.parse(connectivity),
      },
    ],
  });
  expect(await compatible()).toContain('"decay_rate": 0.50,  "max_runs"');
  expect((await ask("GET", `/v1/networks/${network}/strategy`)).text).toContain('"decay_rate": 0.50,  "max_runs"');
  expect(JSON.parse((await ask("GET", `/networks/${network}/strategy/state`)).text)).toMatchObject({ mode: "full" });
});

test("a stack that no Python client can import is null for them; a strategy alone is what was set", async () => {
  await put(`{"members": [{"strategy": ${native}}, {"strategy": ${native}, "role": "gate"}]}`);
  expect(await compatible()).toBe("null");
  await put(`{"members": [{"strategy": ${native}}]}`);
  expect(await compatible()).toBe(native);
});

test("settings change and what it has come to stays", async () => {
  await put(`{"members": [{"strategy": ${connectivity}}]}`);
  const before = await described();
  const changed = await ask(
    "POST",
    `/v1/networks/${network}/strategy/settings`,
    '{"mode": "disabled", "task_scaling": "linear"}',
  );
  expect(changed).toEqual({ status: 200, text: JSON.stringify(network) });
  expect(await described()).toEqual({ ...before, mode: "disabled", task_scaling: "linear" });
  expect((await ask("POST", `/v1/networks/${network}/strategy/settings`, '{"mode": "sometimes"}')).status).toBe(422);
});

test("decisions are told page by page, the newest first", async () => {
  await put(`{"members": [{"strategy": ${connectivity}}]}`);
  const { strategies } = local.stateStore;
  const member = { status: "awake", exception: null, traceback: null } as const;
  for (let i = 0; i < 3; i += 1) {
    const work = await strategies.work(network as never);
    const nothing = { weights: { "Transformation-1": null }, targets: {}, create: [], action: [], cancel: [], blocked: [] };
    await strategies.apply(network as never, {
      ...member,
      version: work?.version ?? "",
      resultCount: 0,
      members: [member],
      create: [],
      action: [],
      cancel: [],
      decision: JSON.stringify({ ...nothing, outcome: "awake", why: [`the ${i}th`] }),
    });
  }
  const page = async (query: string) =>
    JSON.parse((await ask("GET", `/v1/networks/${network}/strategy/decisions?${query}`)).text);
  const first = await page("limit=2");
  expect(first.decisions.map(({ iteration, why }: { iteration: number; why: string[] }) => [iteration, why])).toEqual([
    [3, ["the 2th"]],
    [2, ["the 1th"]],
  ]);
  expect(first.decisions[0]).toMatchObject({ outcome: "awake", weights: { "Transformation-1": null }, created: [], members: [] });
  const second = await page(`before=${first.next}`);
  expect(second.decisions).toHaveLength(1);
  expect(second.next).toBeNull();
});

test.each([
  ["{}", "members"],
  ['{"members": []}', "1 to 16"],
  ['{"members": {}}', "list"],
  ['{"members": [{}]}', "strategy"],
  [`{"members": [{"strategy": ${connectivity}, "role": "chief"}]}`, "role"],
  [`{"members": [{"strategy": ${connectivity}, "weight": 0}]}`, "weight"],
  [
    `{"members": [{"strategy": [["Settings-0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", {"__qualname__": "Settings", "__module__": "gufe.settings", ":version:": 1}]]}]}`,
    "no strategy",
  ],
])("%s is refused, and the message names %s", async (body, named) => {
  const reply = await put(body);
  expect(reply.status).toBe(422);
  expect(reply.text).toContain(named);
});

test("a network that is not there: 404", async () => {
  const missing = `AlchemicalNetwork-${"f".repeat(32)}-${scope}`;
  expect((await ask("PUT", `/v1/networks/${missing}/strategy`, `{"members": [{"strategy": ${native}}]}`)).status).toBe(404);
});

test("a strategy is removed", async () => {
  expect((await ask("DELETE", `/v1/networks/${network}/strategy`)).status).toBe(200);
  expect(await described()).toBeNull();
  expect(await compatible()).toBe("null");
});
