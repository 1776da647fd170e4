import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ScopedKey } from "@alchemiscale/contract";
import type { Figure } from "../figures.ts";
import { harmonicNetwork } from "../networks/harmonic-network.ts";
import { commandFile } from "../servers/command-line.ts";
import { freshScope, type MeasuredSystem } from "../servers/measured-system.ts";
import { processorSeconds } from "../servers/process-tree.ts";
import type { Measurement, Surroundings } from "./measurement.ts";

type Kind = "synchronous" | "parallel";

/** Of each switching unit. */
interface Work {
  readonly switches: number;
  readonly steps: number;
  readonly pauseSeconds?: number;
}

/** What the two compute services make of a machine, and what they cost. */
export const computeServices: Measurement = {
  name: "compute",
  run: async ({ startSystem, quick, say }: Surroundings) => {
    const cores = availableParallelism();
    const busyTasks = quick ? 4 : 8 * cores;
    const emptyTasks = quick ? 20 : 400;
    const system = await startSystem();
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-bench-compute-"));
    try {
      const run = async (kind: Kind, count: number, work: Work, settings: object = {}) => {
        say(`compute: ${count} Tasks, ${kind}`);
        return runService(system, directory, kind, await offer(system, count, work), settings);
      };
      const busy = { switches: 1000, steps: quick ? 100 : 2000 };
      const oneByOne = await run("synchronous", busyTasks, busy);
      const atOnce = await run("parallel", busyTasks, busy);
      // Units that sleep need no processor: this shows the schedule, whatever else the machine does.
      const asleep = { switches: 2, steps: 2, pauseSeconds: quick ? 0.2 : 0.7 };
      const asleepOneByOne = await run("synchronous", busyTasks, asleep);
      const asleepAtOnce = await run("parallel", busyTasks, asleep, { cores, adapt_cores: false });
      const nothing = { switches: 2, steps: 2 };
      const emptyOneByOne = await run("synchronous", emptyTasks, nothing);
      const emptyAtOnce = await run("parallel", emptyTasks, nothing);
      const figures: Figure[] = [
        { label: `${busyTasks} Tasks of the native protocol, synchronous`, value: oneByOne.seconds, unit: "s" },
        { label: "  parallel", value: atOnce.seconds, unit: "s" },
        {
          label: "  faster",
          value: oneByOne.seconds / atOnce.seconds,
          unit: "×",
          ...(cores >= 2 && { target: { atLeast: 1.7 } }),
        },
        { label: `  cores kept busy (${cores}), synchronous`, value: 100 * oneByOne.busy, unit: "%" },
        { label: "  parallel", value: 100 * atOnce.busy, unit: "%", target: { atLeast: 90 } },
        { label: `${busyTasks} Tasks whose units sleep, synchronous`, value: asleepOneByOne.seconds, unit: "s" },
        { label: `  parallel, ${cores} units at once`, value: asleepAtOnce.seconds, unit: "s" },
        {
          label: "  faster",
          value: asleepOneByOne.seconds / asleepAtOnce.seconds,
          unit: "×",
          ...(cores >= 2 && { target: { atLeast: 1.7 } }),
        },
        { label: `${emptyTasks} Tasks without work, each, synchronous`, value: emptyOneByOne.msPerTask, unit: "ms" },
        { label: "  parallel", value: emptyAtOnce.msPerTask, unit: "ms" },
      ];
      return {
        name: "compute",
        title: "Compute services on the native protocol",
        method:
          "from the first claim to the last result on the server, of a service that is one process; busy: of the processor time that the machine had left over, what the service used",
        figures,
      };
    } finally {
      await system.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

interface Outcome {
  readonly seconds: number;
  readonly msPerTask: number;
  /** Part of the processor time that nothing else used. */
  readonly busy: number;
}

/** Tasks on a network of their own. */
async function offer(
  { user }: MeasuredSystem,
  count: number,
  work: Work,
): Promise<{ readonly scope: string; readonly tasks: readonly ScopedKey[] }> {
  const scope = freshScope();
  const { text, failingKey } = harmonicNetwork({ seed: 1, wells: 3, pauseSeconds: 0, ...work });
  const network = await user.createNetwork(text, scope);
  const edges = (await user.getNetworkTransformations(network)).filter((key) => !key.startsWith(failingKey));
  const tasks: ScopedKey[] = [];
  for (let i = 0; tasks.length < count; i += 1) {
    const each = Math.ceil((count - tasks.length) / (edges.length - (i % edges.length)));
    tasks.push(...(await user.createTasks(edges[i % edges.length] as ScopedKey, { count: each })));
  }
  await user.actionTasks(network, tasks);
  return { scope: String(scope), tasks };
}

async function runService(
  system: MeasuredSystem,
  directory: string,
  kind: Kind,
  { scope, tasks }: { readonly scope: string; readonly tasks: readonly ScopedKey[] },
  more: object,
): Promise<Outcome> {
  const config = join(directory, `${kind}-${scope}.yaml`);
  const log = `${config}.log`;
  const settings = {
    api_url: system.server.computeUrl,
    identifier: "bench-compute",
    key: "bench-compute-key",
    name: kind,
    scopes: [scope],
    shared_basedir: join(directory, "shared"),
    scratch_basedir: join(directory, "scratch"),
    max_tasks: tasks.length,
    loglevel: "INFO",
    logfile: log,
    ...more,
  };
  await writeFile(config, JSON.stringify(settings));
  const child = spawn(process.execPath, [commandFile, "compute", kind, "-c", config], { stdio: "ignore" });
  const ended = once(child, "exit");
  const pid = child.pid ?? 0;
  const text = () => readFile(log, "utf8").catch(() => "");
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && !(await text()).includes("registered with")) await wait(5);
  const begun = { used: processorSeconds(pid) ?? 0, idle: idleSeconds() };
  let used = begun.used;
  let idle = begun.idle;
  while (!over && !(await text()).includes("limit reached")) {
    used = processorSeconds(pid) ?? used;
    idle = idleSeconds();
    await wait(20);
  }
  const [code] = await ended;
  const lines = await text();
  if (code !== 0 || !lines.includes("limit reached"))
    throw new Error(`the ${kind} service ended with ${code}:\n${lines.slice(-3000)}`);
  const seconds = (timeOf(lines, "limit reached") - timeOf(lines, "registered with")) / 1000;
  const [mine, rest] = [used - begun.used, idle - begun.idle];
  return { seconds, msPerTask: (1000 * seconds) / tasks.length, busy: mine / (mine + rest) };
}

/** Of all cores, since the machine started. */
function idleSeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0) / 1000;
}

/** Milliseconds; of the first line that holds the text. */
function timeOf(log: string, text: string): number {
  const stamp =
    log
      .split("\n")
      .find((line) => line.includes(text))
      ?.slice(1, 24) ?? "";
  return Date.parse(`${stamp.replace(" ", "T").replace(",", ".")}Z`);
}
