import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { EventPage } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import type { Figure } from "../figures.ts";
import { harmonicNetwork } from "../networks/harmonic-network.ts";
import { commandFile } from "../servers/command-line.ts";
import { freshScope, type MeasuredSystem } from "../servers/measured-system.ts";
import { processorSeconds } from "../servers/process-tree.ts";
import type { Measurement, Surroundings } from "./measurement.ts";

type Kind = "synchronous" | "parallel";

/** An interpreter that has the Python package, where one is named. */
const python = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";
/** The Python class of the native protocol. */
const pythonPackages = fileURLToPath(new URL("../../python/", import.meta.url));

/** Tasks of a network of their own. */
interface Offer {
  readonly scope: string;
  readonly network: ScopedKey;
  readonly tasks: readonly ScopedKey[];
}

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
      const beside = python === "" ? [] : await besidePython(system, directory, quick ? 5 : 60, emptyOneByOne, say);
      const figures: Figure[] = [
        { label: `${busyTasks} Tasks of the native protocol, synchronous`, value: oneByOne.seconds, unit: "s" },
        { label: "  parallel", value: atOnce.seconds, unit: "s" },
        {
          label: "  faster",
          value: oneByOne.seconds / atOnce.seconds,
          unit: "×",
          ...(cores >= 2 && { target: { atLeast: 1.7 } }),
        },
        { label: "  processor time of the service for each, synchronous", value: oneByOne.processorMsPerTask, unit: "ms" },
        { label: "  parallel", value: atOnce.processorMsPerTask, unit: "ms" },
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
        { label: "  processor time of the service, synchronous", value: emptyOneByOne.processorMsPerTask, unit: "ms" },
        { label: "  parallel", value: emptyAtOnce.processorMsPerTask, unit: "ms" },
        ...beside,
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
  readonly processorMsPerTask: number;
  /** Part of the processor time that nothing else used. */
  readonly busy: number;
}

/** Tasks on a network of their own. */
async function offer({ user }: MeasuredSystem, count: number, work: Work): Promise<Offer> {
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
  return { scope: String(scope), network, tasks };
}

/** What the Python service takes for the same Tasks, and ours with the same Python class. Milliseconds for each Task. */
async function besidePython(
  system: MeasuredSystem,
  directory: string,
  count: number,
  ours: Outcome,
  say: (text: string) => void,
): Promise<Figure[]> {
  const nothing = { switches: 2, steps: 2 };
  const run = async <T>(what: string, of: (offered: Offer) => Promise<T>) => {
    say(`compute: ${count} Tasks, ${what}`);
    const offered = await offer(system, count, nothing);
    const about = await of(offered);
    return { ms: (await secondsOf(system, offered)) * (1000 / count), about };
  };
  const withPython = ["--executor", "python", "--python", python];
  const theirs = await run("the Python service", (offered) => runPythonService(system, directory, offered));
  const oneByOne = await run("synchronous, Python executor", (offered) =>
    runService(system, directory, "synchronous", offered, {}, withPython),
  );
  const atOnce = await run("parallel, Python executor", (offered) =>
    runService(system, directory, "parallel", offered, {}, withPython),
  );
  const theirProcessorMs = (1000 * theirs.about.mine) / count;
  return [
    { label: "  the Python service", value: theirs.ms, unit: "ms" },
    { label: "  synchronous with the Python executor, which runs the same class", value: oneByOne.ms, unit: "ms" },
    { label: "  parallel with the Python executor", value: atOnce.ms, unit: "ms" },
    { label: "  synchronous, beside the Python service", value: ours.msPerTask / theirs.ms, unit: "×", target: { atMost: 0.1 } },
    { label: "  processor time of the Python service", value: theirProcessorMs, unit: "ms" },
    { label: "  synchronous, beside it", value: ours.processorMsPerTask / theirProcessorMs, unit: "×", target: { atMost: 0.1 } },
  ];
}

/** From the first claim to the last result, as the server has them. */
async function secondsOf({ user }: MeasuredSystem, { network }: Offer): Promise<number> {
  const times: number[] = [];
  for (let after: string | null = "0"; after !== null; ) {
    const page: EventPage = await user.getNetworkEvents(network, { after });
    times.push(
      ...page.events
        .filter(({ kind, to }) => kind === "status" && (to === "running" || to === "complete"))
        .map(({ at }) => Date.parse(at)),
    );
    after = page.next;
  }
  return (Math.max(...times) - Math.min(...times)) / 1000;
}

/** The synchronous service of the Python package, with the Python class of the native protocol. */
async function runPythonService(system: MeasuredSystem, directory: string, { scope, tasks }: Offer): Promise<Used> {
  const config = join(directory, "python.yaml");
  const log = `${config}.log`;
  const settings = { ...settingsOf(system, directory, { scope, tasks }), name: "python", loglevel: "INFO", logfile: log };
  await writeFile(config, JSON.stringify(settings));
  const program = "from alchemiscale.cli import cli; cli()";
  const env = { ...process.env, PYTHONPATH: pythonPackages, HOME: directory };
  const child = spawn(python, ["-c", program, "compute", "synchronous", "-c", config], { stdio: "ignore", env });
  const { used, lines } = await usedWhile(child, log, "Starting main loop", "never said");
  const statuses = new Set(await system.user.getTasksStatus(tasks));
  if (statuses.size !== 1 || !statuses.has("complete"))
    throw new Error(`the Python service left Tasks undone:\n${lines.slice(-3000)}`);
  return used;
}

async function runService(
  system: MeasuredSystem,
  directory: string,
  kind: Kind,
  { scope, tasks }: Pick<Offer, "scope" | "tasks">,
  more: object,
  args: readonly string[] = [],
): Promise<Outcome> {
  const config = join(directory, `${kind}-${scope}.yaml`);
  const log = `${config}.log`;
  const settings = { ...settingsOf(system, directory, { scope, tasks }), name: kind, loglevel: "INFO", logfile: log, ...more };
  await writeFile(config, JSON.stringify(settings));
  const child = spawn(process.execPath, [commandFile, "compute", kind, "-c", config, ...args], { stdio: "ignore" });
  const { used, code, lines } = await usedWhile(child, log, "registered with", "limit reached");
  if (code !== 0 || !lines.includes("limit reached"))
    throw new Error(`the ${kind} service ended with ${code}:\n${lines.slice(-3000)}`);
  const seconds = (timeOf(lines, "limit reached") - timeOf(lines, "registered with")) / 1000;
  return {
    seconds,
    msPerTask: (1000 * seconds) / tasks.length,
    processorMsPerTask: (1000 * used.mine) / tasks.length,
    busy: used.mine / (used.mine + used.rest),
  };
}

/** Processor time, seconds. */
interface Used {
  /** Of the process. */
  readonly mine: number;
  /** That nobody used. */
  readonly rest: number;
}

/** What a process takes between two lines of its log, or to its end. */
async function usedWhile(
  child: ChildProcess,
  log: string,
  first: string,
  last: string,
): Promise<{ readonly used: Used; readonly code: number | null; readonly lines: string }> {
  const ended = once(child, "exit");
  const pid = child.pid ?? 0;
  const logged = () => readFile(log, "utf8").catch(() => "");
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && !(await logged()).includes(first)) await wait(5);
  const begun = { mine: processorSeconds(pid) ?? 0, rest: idleSeconds() };
  let now = begun;
  while (!over && !(await logged()).includes(last)) {
    now = { mine: processorSeconds(pid) ?? now.mine, rest: idleSeconds() };
    await wait(20);
  }
  const [code] = await ended;
  return { used: { mine: now.mine - begun.mine, rest: now.rest - begun.rest }, code, lines: await logged() };
}

/** What every service is told. */
function settingsOf(system: MeasuredSystem, directory: string, { scope, tasks }: Pick<Offer, "scope" | "tasks">) {
  return {
    api_url: system.server.computeUrl,
    identifier: "bench-compute",
    key: "bench-compute-key",
    scopes: [scope],
    shared_basedir: join(directory, "shared"),
    scratch_basedir: join(directory, "scratch"),
    max_tasks: tasks.length,
  };
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
