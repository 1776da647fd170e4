/** Clients that go away at any moment of any request, send slowly, in halves or nonsense, and read nothing: nothing of them is left. */
import { randomBytes, randomInt } from "node:crypto";
import { mkdir, mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { zstdDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readScenario } from "../../../../scripts/recorded-scenarios/scenario.ts";
import { Gate } from "../../../../scripts/test-services/gate.ts";
import { createTestDatabase } from "../../../../scripts/test-services/test-database.ts";
import { createTestObjectStore } from "../../../../scripts/test-services/test-object-store.ts";
import type { Held } from "../api-process.ts";
import { type ApiProcess, startApiProcess } from "../api-processes.ts";
import { asking } from "../asking.ts";
import { forgedToken } from "../forged-token.ts";
import { largeResultRequest } from "../large-result.ts";
import { readResultStream } from "../result-stream.ts";
import { sampleManager, sampleService } from "../sample-request.ts";
import { smallNetwork } from "../session.ts";
import { misbehave } from "./unruly-client.ts";
import { type Surroundings, type Unruly, unrulyRequests } from "./unruly-requests.ts";

const seed = Number(process.env.ALCHEMISCALE_TEST_SEED ?? randomInt(2 ** 31));
/** ALCHEMISCALE_FUZZ_REQUESTS=20000 for a long run. */
const requests = Number(process.env.ALCHEMISCALE_FUZZ_REQUESTS ?? 600);
const atOnce = 24;
const secret = "a secret for tests only";
const tokens = Object.fromEntries(
  ["user", "compute", "admin"].map((api) => [
    api,
    forgedToken({ secret, claims: { sub: "root", scopes: ["*-*-*"], aud: `alchemiscale-${api}`, exp: 2 ** 32 } }),
  ]),
) as Surroundings["tokens"];

/** A server's stores, and how they are disturbed while it works. */
interface Stores {
  readonly state: string;
  readonly objects: string;
  /** Makes them slow, or cuts them off for a moment; comes back when they can be used again. */
  disturb(meanwhile: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const database = await createTestDatabase();
const bucket = await createTestObjectStore();

async function localStores(directory: string): Promise<Stores> {
  const file = join(directory, "state.sqlite");
  return {
    state: `sqlite:${file}`,
    objects: join(directory, "objects"),
    // Another process is writing, as long as it likes.
    disturb: async (meanwhile) => {
      const other = new DatabaseSync(file, { timeout: 20_000 });
      other.exec("begin immediate");
      await meanwhile();
      other.exec("rollback");
      other.close();
    },
    close: async () => {},
  };
}

async function remoteStores(): Promise<Stores> {
  const state = new URL(database?.url ?? "");
  const [place = "", query = ""] = (bucket?.url ?? "").split("?");
  const parameters = new URLSearchParams(query);
  const gates = await Promise.all([Number(state.port), Number(new URL(parameters.get("endpoint") ?? "").port)].map(Gate.to));
  const [toState, toObjects] = gates;
  state.port = String(toState?.port);
  parameters.set("endpoint", `http://127.0.0.1:${toObjects?.port}`);
  return {
    state: state.href,
    objects: `${place}?${parameters}`,
    disturb: async (meanwhile) => {
      const work = meanwhile();
      for (let over = false; !over; ) {
        for (const gate of gates) {
          await gate.shut();
          await gate.open();
        }
        over = await Promise.race([work.then(() => true), nextTurns(20)]);
      }
    },
    close: async () => {
      await Promise.all(gates.map((gate) => gate.shut()));
      await database?.drop();
    },
  };
}

const engines: [string, (directory: string) => Promise<Stores>][] = [["SQLite and a directory", localStores]];
if (database !== undefined && bucket !== undefined) engines.push(["PostgreSQL and S3", remoteStores]);

describe.each(engines)(`a server on %s, and unruly clients (seed ${seed})`, (_, open) => {
  let directory: string;
  let stores: Stores;
  let server: ApiProcess;
  let surroundings: Surroundings;
  let atFirst: Held;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "alchemiscale-unruly-"));
    stores = await open(directory);
    await mkdir(join(directory, "tmp"));
    server = await startApiProcess({
      ...stores,
      limits: { uploadPatienceSeconds: 1, graceSeconds: 5 },
      silent: true,
      execArgv: ["--trace-uncaught", "--trace-warnings", "--disable-warning=ExperimentalWarning"],
      environment: { TMPDIR: join(directory, "tmp"), LOG_LEVEL: "warn" },
    });
    atFirst = await server.held();
    surroundings = await furnish(server);
  });
  afterAll(async () => {
    await server?.kill();
    await stores?.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** So many of them; each part of the test has its own. */
  const unruly = (part: number, count: number) => fc.sample(unrulyRequests(surroundings), { seed: seed + part, numRuns: count });
  const send = (sent: readonly Unruly[]): Promise<void> =>
    inTurn(sent, ({ api, bytes, manners }) => misbehave(server[api] ?? "", bytes(), manners));

  /** What the server holds is what it held at first: no request, no wait, no file. */
  const nothingIsLeft = async (): Promise<void> => {
    const patience = { timeout: 60_000, interval: 100 };
    const open = async () => ({ ...(await server.underWay()), files: await openFiles(server.pid, directory) });
    await expect.poll(open, patience).toEqual({ requests: 0, waitingClaims: 0, files: [] });
    await expect.poll(() => server.held(), { ...patience, interval: 1000 }).toEqual(atFirst);
    expect(await filesPutAside(directory)).toEqual([]);
    expect(server.written.stderr).toBe("");
    expect(unexpected(server.written.log)).toEqual([]);
  };

  test("nothing of them is left, and nobody calls it an error", { timeout: 60_000 + 100 * requests }, async () => {
    await send(unruly(0, requests));
    await nothingIsLeft();
    await everythingIsThere(server, surroundings);
  });

  test("nor where the stores are disturbed meanwhile", { timeout: 120_000 }, async () => {
    for (let part = 1; part <= 4; part += 1) await stores.disturb(() => send(unruly(part, 40)));
    await nothingIsLeft();
    await everythingIsThere(server, surroundings);
  });

  test("nor when the server is stopped among them", { timeout: 120_000 }, async () => {
    let stopping: Promise<number | string> | undefined;
    let begun = 0;
    await inTurn(unruly(5, 150), async ({ api, bytes, manners }) => {
      begun += 1;
      if (begun === 80) stopping = server.stop();
      await misbehave(server[api] ?? "", bytes(), manners);
    });
    expect(await stopping).toBe(0);
    expect(server.written.stderr).toBe("");
    expect(await filesPutAside(directory)).toEqual([]);
    if (!stores.state.startsWith("sqlite:")) return;
    const left = new DatabaseSync(join(directory, "state.sqlite"));
    expect(left.prepare("pragma integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(left.prepare("pragma foreign_key_check").all()).toEqual([]);
    left.close();
  });
});

async function inTurn<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await each(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** What the server took for a fault of its own. A store that cannot be reached, also because this machine is busy, is none. */
function unexpected(log: string): string[] {
  return log.split("\n").filter((line) => {
    if (line === "") return false;
    const { msg, status } = JSON.parse(line) as { readonly msg: string; readonly status?: number };
    return msg === "unexpected error" || status === 500;
  });
}

async function nextTurns(count: number): Promise<false> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
  return false;
}

/** Files below the directory that the process has open, also removed ones; of the state store not. */
async function openFiles(pid: number, directory: string): Promise<string[]> {
  if (process.platform !== "linux") return [];
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => "")));
  return links.filter((link) => link.startsWith(directory) && !link.includes("/state.sqlite"));
}

/** What waits for its path, or for its size. */
async function filesPutAside(directory: string): Promise<string[]> {
  const pending = await readdir(join(directory, "objects", ".pending")).catch(() => []);
  return [...pending, ...(await readdir(join(directory, "tmp")))];
}

/** Every result that the server knows of can be read to its end. */
async function everythingIsThere(server: ApiProcess, { known, tokens }: Surroundings): Promise<void> {
  const headers = { authorization: `Bearer ${tokens.user}` };
  const reply = await fetch(`${server.user}/v1/networks/${known.network}/results`, { headers });
  expect(reply.status).toBe(200);
  const { results, end } = await readResultStream(reply);
  expect(results.length).toBeGreaterThan(0);
  expect(end?.count).toBe(results.length);
  for (const { facts, bytes } of results) {
    expect(facts.problem).toBeUndefined();
    expect(zstdDecompressSync(bytes).toString()).toMatch(/^\[\[".*\]$/s);
  }
}

/** A network with a Task, a result of some megabytes and what is kept beside it. */
async function furnish(server: ApiProcess): Promise<Surroundings> {
  const ask = asking(server, tokens);
  await ask("user", "POST", "/networks", smallNetwork());
  const [network = ""] = await ask<string[]>("user", "GET", "/networks");
  const [transformation = ""] = await ask<string[]>("user", "GET", "/transformations");
  const [chemicalsystem = ""] = await ask<string[]>("user", "GET", "/chemicalsystems");
  const task = await ask<string[]>("user", "POST", `/transformations/${transformation}/tasks`, { count: 50 });
  await ask("user", "POST", `/networks/${network}/tasks/action`, { tasks: task });
  const [hub = ""] = await ask<string[]>("compute", "GET", "/taskhubs");
  await ask("compute", "POST", `/computeservice/${sampleService}/register`, {});
  await ask("compute", "POST", `/computemanager/${sampleManager}/register`, {});
  const chunks: Buffer[] = [];
  for await (const chunk of largeResultRequest(2_500_000, 2 ** 19)) chunks.push(chunk);
  const result = Buffer.concat(chunks);
  const posted = await ask<Record<string, string>>("compute", "POST", `/tasks/${task[0]}/results`, result);
  const ref = ["gufe_key", "org", "campaign", "project"].map((name) => posted[name]).join("-");
  const frame = Buffer.from(
    await (
      await fetch(`${server.user}/v1/results/${ref}`, { headers: { authorization: `Bearer ${tokens.user}` } })
    ).arrayBuffer(),
  );
  const file = randomBytes(400_000);
  await ask("compute", "POST", `/v1/results/${ref}/files/word`, file);
  await ask("compute", "POST", `/v1/results/${ref}/provenance`, provenance);
  const strategy = readScenario("09-strategies").steps.find(({ request }) => request.text?.startsWith('{"strategy": [['));
  return {
    scope: network.split("-").slice(2).join("-"),
    known: {
      network,
      transformation,
      chemicalsystem,
      task: task[1] ?? "",
      hub,
      key: network,
      ref,
      status: "waiting",
      state: "active",
      route: "results",
      name: "word",
    },
    tokens,
    bodies: {
      "POST /networks": smallNetwork(),
      "POST /networks/:network/strategy": Buffer.from(strategy?.request.text ?? ""),
      "PUT /v1/networks/:network/strategy": Buffer.from(strategy?.request.text ?? ""),
      "POST /tasks/:task/results": result,
      "POST /v1/transformations/:transformation/results": frame,
      "POST /v1/results/:ref/files/:name": file,
      "POST /v1/results/:ref/provenance": Buffer.from(JSON.stringify(provenance)),
    },
  };
}

const provenance = {
  executor: { name: "python", version: "1" },
  host: { name: "box", cpu: { model: "a CPU", cores: 2 }, gpus: [] },
  packages: { gufe: "1.12.0" },
  units: [],
};
