import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlchemiscaleClient } from "@alchemiscale/client";
import { parseScope, type ScopedKey, scopedKey } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { harmonicNetwork } from "../networks/harmonic-network.ts";
import { type AlchemiscaleServer, addIdentities, startServer } from "../servers/alchemiscale-server.ts";
import { checkJournal } from "./check-journal.ts";
import { Journal } from "./journal.ts";

const network = harmonicNetwork({ seed: 1, wells: 3, pauseSeconds: 0 });
const scope = parseScope("o-c-p");
let data = "";
let server: AlchemiscaleServer;
let client: AlchemiscaleClient;
let key: ScopedKey;
let transformation: ScopedKey;
let tasks: ScopedKey[];

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "alchemiscale-journal-"));
  const { user } = await addIdentities(data);
  server = await startServer({ data });
  client = new AlchemiscaleClient({ url: server.userUrl, ...user });
  key = await client.createNetwork(network.text, scope);
  transformation = scopedKey(network.transformationKeys[0] ?? "", scope);
  tasks = await client.createTasks(transformation, { count: 3 });
});
afterAll(async () => {
  await server.stop();
  await rm(data, { recursive: true });
});

/** What the server has truly acknowledged. */
function trueJournal(): Journal {
  const journal = new Journal();
  const entries = new Map(sliceKeyedChain(network.text).entries.map((entry) => [entry.key, entry.text]));
  journal.networks.set(key, { scope, entries });
  journal.tasks.set(transformation, { acknowledged: tasks, unsure: [] });
  journal.priorities.set(tasks[0] as ScopedKey, new Set([10n]));
  return journal;
}

async function violationsOf(journal: Journal): Promise<readonly string[]> {
  await checkJournal(client, journal, 1000);
  return journal.violations;
}

test("what was acknowledged and is there is no violation", async () => {
  expect(await violationsOf(trueJournal())).toEqual([]);
});

test("a changed text, a lost Task, a Task too many and another priority are found", async () => {
  const changed = trueJournal();
  const { entries } = changed.networks.get(key) ?? { entries: new Map<string, string>() };
  const [first] = entries.keys();
  changed.networks.set(key, { scope, entries: new Map([...entries]).set(first as string, "{}") });
  expect(await violationsOf(changed)).toEqual([expect.stringContaining("came back different")]);

  const lost = trueJournal();
  const missing = scopedKey(`Task-${"0".repeat(32)}`, scope);
  lost.tasks.set(transformation, { acknowledged: [missing, ...tasks.slice(1)], unsure: [] });
  expect(await violationsOf(lost)).toEqual([expect.stringContaining("is lost")]);

  const more = trueJournal();
  more.tasks.set(transformation, { acknowledged: tasks.slice(1), unsure: [2] });
  expect(await violationsOf(more)).toEqual([expect.stringContaining("1 Tasks more than acknowledged")]);
  more.tasks.set(transformation, { acknowledged: tasks.slice(1), unsure: [2, 1] });
  more.violations.length = 0;
  expect(await violationsOf(more)).toEqual([]);

  const priority = trueJournal();
  priority.priorities.set(tasks[1] as ScopedKey, new Set([11n, 12n]));
  expect(await violationsOf(priority)).toEqual([expect.stringContaining("has priority 10; acknowledged: 11 or 12")]);
});

test("an action that is gone, a Task that stays running, and a lost result are found", async () => {
  const waiting = trueJournal();
  waiting.actioned.set(tasks[2] as ScopedKey, key);
  expect(await violationsOf(waiting)).toEqual([expect.stringContaining("is waiting in the end, and no longer actioned")]);

  const result = trueJournal();
  const task = tasks[0] as ScopedKey;
  const reference = scopedKey(`ProtocolDAGResultRef-${"0".repeat(32)}`, scope);
  const request = { path: "", body: Buffer.alloc(0), encoding: undefined };
  result.results.push({ task, service: "s", reference, digest: "", request });
  expect(await violationsOf(result)).toEqual([expect.stringContaining("was acknowledged and is lost")]);
});
