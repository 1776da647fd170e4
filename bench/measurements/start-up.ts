import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure } from "../figures.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { freePorts } from "../servers/free-ports.ts";
import { actionedHub, registerServices } from "../servers/measured-system.ts";
import { processTree, residentBytes, type TreeProcess } from "../servers/process-tree.ts";
import { waitForPing } from "../servers/wait-for-ping.ts";
import type { Measurement, Surroundings } from "./measurement.ts";
import { median } from "./median.ts";

const mebibyte = 2 ** 20;
const root = join(import.meta.dirname, "..", "..");

/** From the command to the first answer of both APIs, and the memory then and after work. */
export const startUp: Measurement = {
  name: "start-up",
  run: async (surroundings) => {
    const { quick, say } = surroundings;
    const rounds = quick ? 2 : 5;
    const starts: Start[] = [];
    // The first one compiles; the figure is of the later ones, and the first is printed too.
    for (let i = 0; i <= rounds; i += 1) {
      say(`start-up: ${i + 1} of ${rounds + 1}`);
      starts.push(await startOnce(surroundings));
    }
    const [first, ...later] = starts as [Start, ...Start[]];
    const memory = (select: (start: Start) => number | undefined): number | undefined => {
      const values = later.map(select).filter((value) => value !== undefined);
      return values.length === 0 ? undefined : median(values) / mebibyte;
    };
    const figures: Figure[] = [
      {
        label: "from `npx alchemiscale serve` to /ping on both ports",
        value: median(later.map(({ seconds }) => seconds)),
        unit: "s",
        target: { atMost: 1.5 },
      },
      { label: "  slowest", value: Math.max(...later.map(({ seconds }) => seconds)), unit: "s" },
      { label: "  the first of all", value: first.seconds, unit: "s" },
    ];
    const server = memory(({ server }) => server?.resident);
    if (server !== undefined)
      figures.push({ label: "resident, server after its start", value: server, unit: "MiB", target: { atMost: 150 } });
    say("start-up: the bin");
    const bin = await residentBin();
    if (bin !== undefined)
      figures.push({
        label: "resident, the small bin that starts it on an older Node",
        value: bin / mebibyte,
        unit: "MiB",
        target: { atMost: 60 },
      });
    const loaded = await residentAfterWork(surroundings);
    if (loaded !== undefined)
      figures.push({
        label: "resident, server after 10,000 Tasks and their claims",
        value: loaded / mebibyte,
        unit: "MiB",
      });
    return {
      name: "start-up",
      title: "Start-up and memory",
      method: `median of ${rounds} starts on fresh data directories, after one that is not counted; resident memory from /proc, a second after the first answer`,
      figures,
    };
  },
};

interface Start {
  readonly seconds: number;
  /** Undefined where there is no /proc. */
  readonly server: TreeProcess | undefined;
}

async function startOnce({ stores }: Surroundings): Promise<Start> {
  const data = await mkdtemp(join(tmpdir(), "alchemiscale-bench-"));
  const store = await stores.create(data);
  const [user, compute] = (await freePorts(2)) as [number, number];
  const args = ["alchemiscale", "serve", "--data", data, "--api-port", `${user}`, "--compute-api-port", `${compute}`];
  const begun = performance.now();
  const child = spawn("npx", args, {
    cwd: root,
    stdio: "ignore",
    detached: true,
    env: { ...npxEnvironment(), ...(stores.name === "sqlite" ? {} : { ALCHEMISCALE_STATE_STORE_URL: store.url }) },
  });
  try {
    const signal = AbortSignal.timeout(60_000);
    await Promise.all([user, compute].map((port) => waitForPing(`http://127.0.0.1:${port}`, { signal })));
    const seconds = (performance.now() - begun) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const commands = processTree(child.pid ?? 0).filter(
      ({ command }) => /\balchemiscale(\.js)? serve/.test(command) && !/\bnpx\b|^sh |npm exec/.test(command),
    );
    return { seconds, server: commands.at(-1) };
  } finally {
    await endGroup(child);
    await store.remove();
    await rm(data, { recursive: true, force: true });
  }
}

/**
 * The bin itself, started as a file: on a machine whose own Node is too old it starts the packaged one, and stays beside it.
 * Undefined where the machine's Node runs the server itself, or there is no /proc.
 */
async function residentBin(): Promise<number | undefined> {
  const data = await mkdtemp(join(tmpdir(), "alchemiscale-bench-"));
  const [user, compute] = (await freePorts(2)) as [number, number];
  const args = ["serve", "--data", data, "--api-port", `${user}`, "--compute-api-port", `${compute}`];
  const bin = join(root, "node_modules", ".bin", "alchemiscale");
  const child = spawn(bin, args, { cwd: data, stdio: "ignore", detached: true, env: npxEnvironment() });
  try {
    await waitForPing(`http://127.0.0.1:${user}`, { signal: AbortSignal.timeout(60_000) });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const [own, server] = processTree(child.pid ?? 0);
    return server === undefined ? undefined : own?.resident;
  } finally {
    await endGroup(child);
    await rm(data, { recursive: true, force: true });
  }
}

/** Without what npm sets for the programs it runs: as from a person's shell. */
function npxEnvironment(): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== "NODE" && name !== "INIT_CWD");
  const path = (process.env.PATH ?? "").split(":").filter((directory) => !directory.includes("node_modules"));
  return { ...Object.fromEntries(clean), PATH: path.join(":") };
}

async function endGroup(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
  await exited;
}

async function residentAfterWork({ startSystem, load, quick, say }: Surroundings): Promise<number | undefined> {
  say("start-up: memory after work");
  const system = await startSystem();
  try {
    const tasks = quick ? 1000 : 10_000;
    const network = syntheticNetwork({ systems: 200, transformations: 400 });
    const hub = await actionedHub(system, network, { created: tasks, actioned: tasks });
    const services = await registerServices(system.compute, 32);
    const lanes = services.map((service) => ({
      requests: [
        {
          method: "POST" as const,
          path: `/taskhubs/${hub.hub}/claim`,
          body: JSON.stringify({ compute_service_id: service, count: 1 }),
        },
      ],
      times: Number.MAX_SAFE_INTEGER,
    }));
    await load.run({ origin: system.server.computeUrl, headers: system.headers.compute, lanes, lastReply: "[null]" });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return residentBytes(system.server.pid);
  } finally {
    await system.close();
  }
}
