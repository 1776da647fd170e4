import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { encodeResult } from "@alchemiscale/client/node";
import { parseComputeServiceId } from "@alchemiscale/contract";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import { latencySummary } from "../../load/latency-summary.ts";
import { type LoadGenerator, startLoadGenerator } from "../../load/load-generator.ts";
import { median } from "../../measurements/median.ts";
import { syntheticResult } from "../../networks/synthetic-result.ts";
import type { Figures } from "../figures-of-a-side.ts";
import type { Side } from "../sides/side.ts";
import { readableNetwork } from "./readable-network.ts";
import { connect, type Requests, type Timed } from "./requests.ts";
import { type WorkloadSize, warmUpSize } from "./workload-size.ts";

export interface Workload {
  readonly size: WorkloadSize;
  say(text: string): void;
}

/** Puts one server to all of the work, checks what it answers, and returns its figures. */
export async function runWorkload(side: Side, { size, say }: Workload): Promise<Figures> {
  const user = await connect(side.userUrl, side.identities.user);
  const compute = await connect(side.computeUrl, side.identities.compute);
  const load = startLoadGenerator();
  const memory = watchMemory(side);
  const surroundings = { side, user, compute, load };
  try {
    say(`${side.name}: warming up`);
    await work({ ...surroundings, size: warmUpSize, tell: () => {} });
    const { worked, figures } = await work({ ...surroundings, size, tell: (text) => say(`${side.name}: ${text}`), memory });
    return {
      ...figures,
      memoryAtStart: memory.atStart,
      memoryAtWork: worked,
      memoryWithResults: memory.most(),
      startAll: side.startUp.all,
      startApis: side.startUp.apis,
    };
  } finally {
    memory.stop();
    await load.stop();
    await Promise.all([user.close(), compute.close()]);
  }
}

async function work(options: {
  readonly side: Side;
  readonly user: Requests;
  readonly compute: Requests;
  readonly load: LoadGenerator;
  readonly size: WorkloadSize;
  readonly memory?: Memory;
  tell(text: string): void;
}): Promise<{ readonly figures: Figures; readonly worked: number }> {
  const { side, user, compute, load, size, tell } = options;
  const { rounds } = size;
  const kind = side.name === "python" ? "python" : "ours";
  tell(`a network of ${size.network.systems} systems and ${size.network.transformations} Transformations, ${rounds} times`);
  const networks = await largeNetworks(user, size, rounds);
  tell(`${size.smallNetworks} small networks`);
  const small = await smallNetworks(user, size.smallNetworks);
  const hubs: Hub[] = [];
  for (let i = 0; i < size.taskRounds[kind]; i += 1) {
    tell(`${size.tasks} Tasks, round ${i + 1} of ${size.taskRounds[kind]}`);
    hubs.push(await tasksOfAHub(user, size.tasks));
  }
  const claims: Record<string, number> = {};
  for (const [i, claimers] of size.claimers.entries()) {
    const hub = hubs[i % hubs.length] as Hub;
    tell(`${claimers * size.claimsEach[kind]} claims by ${claimers}`);
    Object.assign(claims, await claim({ compute, load, hub, claimers, each: size.claimsEach[kind] }));
  }
  const worked = options.memory?.most() ?? 0;
  tell(`a result of ${size.resultBytes / 2 ** 20} MiB, ${rounds} times`);
  const results = await largeResults({ user, compute, bytes: size.resultBytes, rounds, hub: hubs[0] as Hub });
  const of = (pick: (hub: Hub) => number) => median(hubs.map(pick));
  const figures = {
    ...networks,
    smallNetworks: small,
    createTasks: of(({ seconds }) => seconds.create),
    actionTasks: of(({ seconds }) => seconds.action),
    prioritizeTasks: of(({ seconds }) => seconds.prioritize),
    ...claims,
    ...results,
  };
  return { figures, worked };
}

/** MiB of all processes of a side, looked at once a second. */
interface Memory {
  readonly atStart: number;
  most(): number;
  stop(): void;
}

function watchMemory(side: Side): Memory {
  const inAll = () => Object.values(side.memory()).reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20;
  const atStart = inAll();
  let most = atStart;
  const look = () => {
    most = Math.max(most, inAll());
  };
  const timer = setInterval(look, 1000);
  return {
    atStart,
    most: () => {
      look();
      return most;
    },
    stop: () => clearInterval(timer),
  };
}

let scopes = 0;

/** A scope that nothing is in yet. */
function freshScope(): { readonly org: string; readonly campaign: string; readonly project: string } {
  scopes += 1;
  return { org: "bench", campaign: "comparison", project: `p${scopes}` };
}

const textOf = ({ bytes, gzipped }: Timed): string => (gzipped ? gunzipSync(bytes) : Buffer.from(bytes)).toString("utf8");
const jsonOf = <T>(reply: Timed): T => JSON.parse(textOf(reply)) as T;

interface KeyParts {
  readonly gufe_key: string;
  readonly org: string;
  readonly campaign: string;
  readonly project: string;
}

const keyText = ({ gufe_key, org, campaign, project }: KeyParts): string => `${gufe_key}-${org}-${campaign}-${project}`;

function keyParts(key: string): KeyParts {
  const [name, token, org = "", campaign = "", project = ""] = key.split("-");
  return { gufe_key: `${name}-${token}`, org, campaign, project };
}

/** As the Python client sends a network: gzipped at level 5. */
const submission = (network: string): Uint8Array =>
  gzipSync(`{"network": ${network}, "scope": ${JSON.stringify(freshScope())}, "state": "active"}`, { level: 5 });

async function submit(user: Requests, body: Uint8Array): Promise<{ readonly seconds: number; readonly network: string }> {
  const reply = await user.postGzipped("/networks", body);
  return { seconds: reply.seconds, network: keyText(jsonOf<KeyParts>(reply)) };
}

async function largeNetworks(user: Requests, { network: size }: WorkloadSize, rounds: number): Promise<Figures> {
  const { text } = readableNetwork({ ...size, seed: 1 });
  const entries = (JSON.parse(text) as unknown[]).length;
  const submitted: number[] = [];
  const retrieved: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const { seconds, network } = await submit(user, submission(text));
    const back = await user.get(`/networks/${network}`);
    submitted.push(seconds);
    retrieved.push(back.seconds);
    if (jsonOf<unknown[]>(back).length !== entries) throw new Error("the network came back with another number of objects");
  }
  return { submitNetwork: median(submitted), retrieveNetwork: median(retrieved) };
}

async function smallNetworks(user: Requests, count: number): Promise<number> {
  const bodies = Array.from({ length: count }, (_, i) =>
    submission(readableNetwork({ systems: 8, transformations: 12, mostCarbons: 10, seed: 100 + i }).text),
  );
  let seconds = 0;
  for (const body of bodies) seconds += (await submit(user, body)).seconds;
  return seconds;
}

interface Hub {
  readonly transformations: readonly string[];
  readonly scope: Readonly<Record<string, string>>;
  readonly seconds: { readonly create: number; readonly action: number; readonly prioritize: number };
}

/** So many Tasks over 40 Transformations, in the requests that the Python client makes of it. */
async function tasksOfAHub(user: Requests, count: number): Promise<Hub> {
  const { network } = await submit(
    user,
    submission(readableNetwork({ systems: 20, transformations: 40, mostCarbons: 10, seed: 2 }).text),
  );
  const transformations = jsonOf<string[]>(await user.get(`/networks/${network}/transformations`));
  // Not all in one request: the Python server's time grows with the square of the Tasks in it.
  const share = Math.ceil(count / transformations.length);
  const tasks: KeyParts[] = [];
  let create = 0;
  for (const transformation of transformations) {
    const created = await user.post(`/transformations/${transformation}/tasks`, { extends: null, count: share });
    create += created.seconds;
    tasks.push(...jsonOf<string[]>(created).map(keyParts));
  }
  const actioned = await user.post(`/networks/${network}/tasks/action`, { tasks, weight: null });
  const refused = jsonOf<(string | null)[]>(actioned).filter((task) => task === null).length;
  if (tasks.length < count || refused > 0) throw new Error(`${tasks.length} Tasks were created, ${refused} not actioned`);
  let prioritize = 0;
  for (let i = 0; i < tasks.length; i += 1000) {
    prioritize += (await user.post("/bulk/tasks/priority/set", { tasks: tasks.slice(i, i + 1000), priority: 5 })).seconds;
  }
  const { gufe_key: _, ...scope } = keyParts(network);
  return {
    transformations,
    scope,
    seconds: { create, action: actioned.seconds, prioritize },
  };
}

async function claim(options: {
  readonly compute: Requests;
  readonly load: LoadGenerator;
  readonly hub: Hub;
  readonly claimers: number;
  readonly each: number;
}): Promise<Figures> {
  const { compute, load, claimers, each } = options;
  const [hub] = jsonOf<string[]>(await compute.get(`/taskhubs?${new URLSearchParams(options.hub.scope)}`));
  const services = Array.from({ length: claimers }, () => `bench-${randomUUID().replaceAll("-", "")}`);
  for (const service of services) await compute.post(`/computeservice/${service}/register`, { compute_manager_id: null });
  const lanes = services.map((service) => ({
    requests: [
      {
        method: "POST" as const,
        path: `/taskhubs/${hub}/claim`,
        body: JSON.stringify({ compute_service_id: service, count: 1, protocols: null }),
      },
    ],
    times: each,
  }));
  const { origin, headers } = compute;
  const { seconds, milliseconds, replies } = await load.run({ origin, headers, lanes, keepReplies: true });
  const claimed = replies.flatMap((reply) => JSON.parse(reply) as (string | null)[]);
  if (claimed.includes(null) || new Set(claimed).size !== claimers * each) {
    throw new Error(`${claimers * each} claims gave ${new Set(claimed).size} different Tasks`);
  }
  return { [`claimsBy${claimers}`]: claimed.length / seconds, [`claimsBy${claimers}P99`]: latencySummary(milliseconds).p99 };
}

async function largeResults(options: {
  readonly user: Requests;
  readonly compute: Requests;
  readonly bytes: number;
  readonly rounds: number;
  readonly hub: Hub;
}): Promise<Figures> {
  const { user, compute, bytes, rounds, hub } = options;
  const service = parseComputeServiceId(`bench-${"0".repeat(32)}`);
  const transformation = hub.transformations[0] ?? "";
  const created = await user.post(`/transformations/${transformation}/tasks`, { extends: null, count: rounds });
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-comparison-"));
  const put: number[] = [];
  const got: number[] = [];
  try {
    for (const [i, task] of jsonOf<string[]>(created).entries()) {
      // A unit of gufe's own tests, which the Python server knows.
      const text = syntheticResult(bytes, { seed: i + 1 }).replaceAll('"bench_protocols"', '"gufe.tests.test_protocol"');
      const file = join(directory, "chain.json");
      await writeFile(file, text);
      const encoded = await encodeResult({ path: file }, service, { directory });
      const body = new Uint8Array(await new Response(encoded.body).arrayBuffer());
      await encoded.dispose();
      const stored = await compute.postGzipped(`/tasks/${task}/results`, body);
      const reference = keyText(jsonOf<KeyParts>(stored));
      const back = await user.get(`/transformations/${transformation}/results/${reference}`);
      put.push(stored.seconds);
      got.push(back.seconds);
      const [payload = ""] = jsonOf<string[]>(back);
      const decoded = new TextDecoder().decode(decompressZstd(Buffer.from(payload, "latin1"), { maxBytes: 2 ** 30 }));
      if (decoded !== text) throw new Error("a result came back changed");
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return { putResult: median(put), getResult: median(got) };
}
