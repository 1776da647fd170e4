import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { AlchemiscaleClient } from "@alchemiscale/client";
import { nodeFetch } from "@alchemiscale/client/node";
import type { ScopedKey } from "@alchemiscale/contract";
import { type RandomNumbers, randomNumbers } from "../networks/random-numbers.ts";
import { addIdentities, type Identities } from "../servers/alchemiscale-server.ts";
import { freePorts } from "../servers/free-ports.ts";
import { waitForPing } from "../servers/wait-for-ping.ts";
import { checkJournal } from "./check-journal.ts";
import { readReference, startComputeWire } from "./compute-wire.ts";
import { Journal } from "./journal.ts";
import { type SupervisedCommand, superviseCommand } from "./supervised-command.ts";
import { runWorkload } from "./workload.ts";

export interface ChaosOptions {
  readonly kills: number;
  /** Time over which the kills are spread. */
  readonly seconds: number;
  readonly seed: number;
  /** Of the state store; undefined: SQLite in the server's data directory. */
  readonly stateStoreUrl: string | undefined;
  /** Server processes; more than one only with a state store that they can share. */
  readonly servers: number;
  /** Compute service processes. */
  readonly services: number;
  /** A service without a heartbeat for so long loses its Tasks. */
  readonly expirySeconds: number;
  /** Pause before each switching unit; a Task has two. */
  readonly pauseSeconds: number;
  say(text: string): void;
}

export interface ChaosReport {
  readonly violations: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Longest wait for the work to be done when the kills are over, beside the expiry. */
const drainSeconds = 120;

/**
 * Real server and service processes are killed with SIGKILL at random moments and started again while a client submits, creates and actions
 * work. Then everything comes to rest, and what the server acknowledged is held against what it has (`checkJournal`).
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { kills, seconds, seed, expirySeconds, say } = options;
  const random = randomNumbers(seed);
  const journal = new Journal();
  const broken = Promise.withResolvers<never>();
  // Without a server nothing goes on; the report then has what was found until then.
  broken.promise.catch(() => {});
  const onSurprise = (sentence: string): void => {
    journal.violations.push(sentence);
    say(sentence);
    broken.reject(new ProcessEnded(sentence));
  };
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-chaos-"));
  const environment = storeEnvironment(options, directory);
  const identities = await addIdentities(join(directory, "data0"), environment);
  const ports = await freePorts(2 * options.servers);
  const servers = ports.slice(0, options.servers).map((port, i) => {
    const computePort = ports[options.servers + i];
    return {
      url: `http://127.0.0.1:${port}`,
      computeUrl: `http://127.0.0.1:${computePort}`,
      process: superviseCommand(`server ${i}`, {
        args: () => [
          "serve",
          "--data",
          join(directory, `data${i}`),
          "--api-port",
          `${port}`,
          "--compute-api-port",
          `${computePort}`,
        ],
        environment,
        onSurprise,
      }),
    };
  });
  const processes: SupervisedCommand[] = servers.map(({ process }) => process);
  // Names of service processes that have ended.
  const gone = new Set<string>();
  const nameOf = (service: string): string => service.split("-")[0] ?? "";
  const computeUrls = servers.map(({ computeUrl }) => computeUrl);
  const wire = await startComputeWire(computeUrls, journal, (service) => gone.has(nameOf(service)));
  try {
    const everywhere = servers.flatMap(({ url, computeUrl }) => [url, computeUrl]);
    await Promise.all(everywhere.map((url) => waitForPing(url, { signal: AbortSignal.timeout(60_000) })));
    const services = await startServices(options, wire.url, identities, directory, journal, gone, onSurprise);
    processes.push(...services);
    const clients = servers.map(({ url }) => userClient(url, identities));
    const working = new AbortController();
    const workload = runWorkload({
      clients,
      journal,
      random: randomNumbers(seed + 1),
      outstanding: 12 * options.services,
      pauseSeconds: options.pauseSeconds,
      signal: working.signal,
    }).catch((error: unknown) => {
      journal.violations.push(`the client failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    });

    const course = async (): Promise<Readonly<Record<string, number>>> => {
      const killed = await killAtRandom(processes, { kills, seconds, random, journal, computeUrls, identities, say });
      working.abort();
      await workload;
      const begun = performance.now();
      say(`${journal.actioned.size} Tasks actioned, ${journal.results.length} results acknowledged; waiting for the rest`);
      await drain(clients[0] as AlchemiscaleClient, journal, (drainSeconds + 2 * expirySeconds) * 1000);
      const drained = Math.round((performance.now() - begun) / 1000);
      for (const process of services) await process.stop();
      const late = await checkJournal(clients[0] as AlchemiscaleClient, journal, expirySeconds * 1000);
      for (const { process } of servers) await process.stop();
      return {
        ...killed,
        ...counts(journal),
        "second executions after an expiry": late,
        "seconds until the rest was done": drained,
      };
    };
    try {
      return { violations: journal.violations, figures: await Promise.race([course(), broken.promise]) };
    } catch (error) {
      if (!(error instanceof ProcessEnded)) throw error;
      return { violations: journal.violations, figures: counts(journal) };
    }
  } finally {
    await Promise.allSettled(processes.filter(({ isRunning }) => isRunning).map((process) => process.stop()));
    await wire.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A process that nobody killed is gone. */
class ProcessEnded extends Error {
  override readonly name = "ProcessEnded";
}

function counts(journal: Journal): Record<string, number> {
  const tasks = [...journal.tasks.values()];
  return {
    "networks acknowledged": journal.networks.size,
    "Tasks acknowledged": tasks.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
    "Tasks actioned": journal.actioned.size,
    "Tasks claimed": journal.claims,
    "results acknowledged": journal.results.length,
    "results sent again": journal.reposts,
    "requests to create without a reply": tasks.reduce((sum, { unsure }) => sum + unsure.length, 0),
  };
}

/** One secret and one object store for all servers, a short expiry, and no denial of services: Tasks fail on purpose here. */
function storeEnvironment(options: ChaosOptions, directory: string): Record<string, string> {
  return {
    JWT_SECRET_KEY: "chaos-chaos-chaos-chaos-chaos-chaos",
    ALCHEMISCALE_OBJECT_STORE_URL: `file:${join(directory, "objects")}`,
    ALCHEMISCALE_COMPUTE_API_REGISTRATION_EXPIRE_SECONDS: `${options.expirySeconds}`,
    ALCHEMISCALE_COMPUTE_API_MAX_FAILURES: "1000000",
    ...(options.stateStoreUrl === undefined ? {} : { ALCHEMISCALE_STATE_STORE_URL: options.stateStoreUrl }),
  };
}

function userClient(url: string, { user }: Identities): AlchemiscaleClient {
  const retries = { maxRetries: 120, baseSeconds: 1.1, maxSeconds: 0.5 };
  return new AlchemiscaleClient({ url, ...user, fetch: nodeFetch(), retries });
}

async function startServices(
  options: ChaosOptions,
  computeUrl: string,
  { compute }: Identities,
  directory: string,
  journal: Journal,
  gone: Set<string>,
  onSurprise: (sentence: string) => void,
): Promise<SupervisedCommand[]> {
  return Promise.all(
    Array.from({ length: options.services }, async (_, i) => {
      const file = join(directory, `service${i}.yaml`);
      const settings = {
        api_url: computeUrl,
        identifier: compute.identifier,
        key: compute.key,
        name: `service${i}`,
        shared_basedir: join(directory, `shared${i}`),
        scratch_basedir: join(directory, `scratch${i}`),
        claim_limit: 3,
        n_retries: 0,
        sleep_interval: 0.3,
        heartbeat_interval: Math.min(1, options.expirySeconds / 5),
        client_max_retries: -1,
        client_retry_base_seconds: 1.2,
        client_retry_max_seconds: 0.5,
        loglevel: "INFO",
      };
      await writeFile(file, JSON.stringify(settings));
      // Each process has a name of its own, so that an id on the wire says which process it is.
      const nameOf = (generation: number): string => `service${i}_${generation}`;
      return superviseCommand(`service ${i}`, {
        args: (generation) => ["compute", "synchronous", "-c", file, "-n", nameOf(generation), "--executor", "native"],
        environment: {},
        onEnd: (generation) => {
          gone.add(nameOf(generation));
          journal.end((service) => service.split("-")[0] === nameOf(generation), performance.now());
        },
        onSurprise,
      });
    }),
  );
}

interface KillOptions {
  readonly kills: number;
  readonly seconds: number;
  readonly random: RandomNumbers;
  readonly journal: Journal;
  readonly computeUrls: readonly string[];
  readonly identities: Identities;
  say(text: string): void;
}

/** Kills servers and services in equal parts; the moments are spread over the time at random. Sends some results again in between. */
async function killAtRandom(processes: readonly SupervisedCommand[], options: KillOptions): Promise<Record<string, number>> {
  const { kills, seconds, random, journal, say } = options;
  const moments = Array.from({ length: kills }, () => random.next() * seconds * 1000).sort((a, b) => a - b);
  const begun = performance.now();
  const count = { servers: 0, services: 0 };
  const restarts: Promise<void>[] = [];
  const busy = new Set<SupervisedCommand>();
  for (const [i, moment] of moments.entries()) {
    await wait(Math.max(0, begun + moment - performance.now()));
    const kind = random.next() < 0.5 ? "server" : "service";
    // A process that is down just now cannot be killed: another one is.
    const candidates = processes.filter((process) => process.isRunning && !busy.has(process));
    const wanted = candidates.filter(({ name }) => name.startsWith(kind));
    const victim = random.pick(wanted.length > 0 ? wanted : candidates);
    if (victim.name.startsWith("server")) count.servers += 1;
    else count.services += 1;
    const downMs = random.next() * 500;
    if ((i + 1) % 10 === 0 || i + 1 === kills)
      say(`kill ${i + 1} of ${kills}: ${victim.name}; ${journal.results.length} results so far`);
    busy.add(victim);
    restarts.push(victim.killAndRestart(downMs).finally(() => busy.delete(victim)));
    if (random.next() < 0.5) await sendAgain(options);
  }
  await wait(Math.max(0, begun + seconds * 1000 - performance.now()));
  await Promise.all(restarts);
  return { "servers killed": count.servers, "services killed": count.services };
}

/** A client that heard no reply sends its result again, perhaps much later: the reference must be the same. */
async function sendAgain({ journal, random, computeUrls, identities }: KillOptions): Promise<void> {
  if (journal.results.length === 0) return;
  const { task, reference, request } = random.pick(journal.results);
  try {
    const url = random.pick(computeUrls);
    const body = new URLSearchParams({ username: identities.compute.identifier, password: identities.compute.key });
    const { access_token } = (await (await fetch(`${url}/token`, { method: "POST", body })).json()) as { access_token: string };
    const headers = {
      authorization: `Bearer ${access_token}`,
      "content-type": "application/json",
      ...(request.encoding === undefined ? {} : { "content-encoding": request.encoding }),
    };
    const reply = await fetch(`${url}${request.path}`, { method: "POST", headers, body: new Uint8Array(request.body) });
    const text = Buffer.from(await reply.arrayBuffer());
    journal.reposts += 1;
    if (!reply.ok) journal.violations.push(`a result of ${task} that was sent again was answered with ${reply.status}: ${text}`);
    else if (readReference(text) !== reference)
      journal.violations.push(`a result of ${task} that was sent again got another reference`);
  } catch (error) {
    // The server is down, or went down in the middle: fetch throws a TypeError then.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Waits until every acknowledged action has led to the end of its Task. What is left is found by the check. */
async function drain(client: AlchemiscaleClient, journal: Journal, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let open: readonly ScopedKey[] = [...journal.actioned.keys()];
  while (open.length > 0 && performance.now() < deadline) {
    const statuses = await client.getTasksStatus(open);
    open = open.filter((_, i) => statuses[i] === "waiting" || statuses[i] === "running");
    if (open.length > 0) await wait(500);
  }
}
