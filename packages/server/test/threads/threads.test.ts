/** Threads of a server that end, for whatever reason: who was being served hears of it, the next are served, and what was acknowledged is there. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scenarioFile } from "../../../../scripts/recorded-scenarios/scenario.ts";
import { type ApiProcess, startApiProcess } from "../api-processes.ts";
import { exchange, type Received } from "../exchange.ts";
import { forgedToken } from "../forged-token.ts";
import { smallNetwork } from "../session.ts";
import type { EndThreads } from "./mortal-threads.ts";

const secret = "a secret for tests only";
const token = (api: string) =>
  forgedToken({ secret, claims: { sub: "root", scopes: ["*-*-*"], aud: `alchemiscale-${api}`, exp: 2 ** 32 } });

let directory: string;
let server: ApiProcess;
let transformation: string;
let network: string;
const acknowledged: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-threads-"));
  server = await startApiProcess({
    state: `sqlite:${join(directory, "state.sqlite")}`,
    objects: join(directory, "objects"),
    silent: true,
    execArgv: ["--trace-uncaught", "--import", new URL("./mortal-threads.ts", import.meta.url).href],
    environment: { LOG_LEVEL: "warn" },
  });
  expect((await ask("user", "POST", "/networks", smallNetwork())).status).toBe(200);
  [network = ""] = JSON.parse((await ask("user", "GET", "/networks")).text) as string[];
  [transformation = ""] = JSON.parse((await ask("user", "GET", "/transformations")).text) as string[];
});
afterAll(async () => {
  await server?.kill();
  await rm(directory, { recursive: true, force: true });
});

function ask(api: "user" | "compute", method: string, path: string, body?: Buffer | object): Promise<Received> {
  const headers = { authorization: `Bearer ${token(api)}`, "content-type": "application/json" };
  const bytes = body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  return exchange(method, `${server[api]}${path}`, headers, bytes);
}

const result = scenarioFile("files/8ce547eeb2d11c4307f016eae32a07fbd4abb6c86c80d2ba26fc64661add95c5.json");

/** Writes, reads, and takes in a result: a bit for every thread. */
async function useAll(): Promise<readonly Received[]> {
  const created = await ask("user", "POST", `/transformations/${transformation}/tasks`, { count: 1 });
  if (created.status !== 200) return [created];
  const [task = ""] = JSON.parse(created.text) as string[];
  acknowledged.push(task);
  const patterns = { patterns: ["never (to|be) found"], num_allowed_restarts: 1 };
  return [
    created,
    ...(await Promise.all([
      ask("user", "GET", `/networks/${network}/status`),
      ask("compute", "POST", `/tasks/${task}/results`, result),
      ask("user", "POST", `/networks/${network}/restartpatterns/add`, patterns),
      ask("user", "GET", `/v1/tasks/${task}/events`),
    ])),
  ];
}

const names = ["statestore write", "statestore read", "statestore patterns", "server work"];
const ways = ["by an exit", "by an error", "by its stack"] as const;

test.each(names.flatMap((name) => ways.map((how) => [name, how] as const)))(
  "%s that ends %s",
  { timeout: 60_000 },
  async (name, how) => {
    for (const reply of await useAll()) expect(reply.status, reply.text).toBe(200);
    const end: EndThreads = { endThreads: name, how };
    // In the middle of work, and when there is none.
    const under = Array.from({ length: 4 }, useAll);
    server.send(end);
    for (const replies of await Promise.all(under)) {
      // A store that is away for a moment is tried again by every client.
      for (const reply of replies) expect([200, 500, 503], reply.text).toContain(reply.status);
    }
    server.send(end);
    await expect.poll(async () => (await useAll()).map(({ status }) => status), { timeout: 30_000 }).toEqual(Array(5).fill(200));
    expect(server.written.stderr).toBe("");
    const tasks = JSON.parse((await ask("user", "GET", `/networks/${network}/tasks`)).text) as string[];
    expect(tasks).toEqual(expect.arrayContaining(acknowledged));
  },
);

test("a server whose threads have ended stops in order", async () => {
  for (const name of names) server.send({ endThreads: name, how: "by an exit" } satisfies EndThreads);
  expect(await server.stop()).toBe(0);
});
