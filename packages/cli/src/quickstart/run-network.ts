/** The main job, as a user does it: submit a network, create and action Tasks, have them computed, wait for the end. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { AlchemiscaleClient, StatusCounts } from "@alchemiscale/client";
import type { Scope, ScopedKey } from "@alchemiscale/contract";
import { networkIndex, sliceKeyedChain } from "@alchemiscale/gufe";
import { stringify } from "yaml";
import { readDocument } from "../check/read-document.ts";
import { CommandFailure } from "../usage-error.ts";
import { type ChildCommand, lastLines, startChildCommand } from "./child-command.ts";
import { planSeeds } from "./seed-plan.ts";
import { longStep, step } from "./steps.ts";

export interface RunNetworkOptions {
  readonly client: AlchemiscaleClient;
  readonly scope: Scope;
  /** File of a keyed chain of an AlchemicalNetwork, and how to call it. */
  readonly file: string;
  readonly label: string;
  /** Tasks on each transformation. */
  readonly repeats: number;
  readonly seed: number;
  readonly services: {
    readonly count: number;
    readonly computeUrl: string;
    readonly identifier: string;
    readonly key: string;
    /** Options of `compute synchronous` beside the configuration file. */
    readonly options: (seeds: string) => readonly string[];
    readonly environment: NodeJS.ProcessEnv;
  };
  /** For configurations, logs and scratch files. */
  readonly directory: string;
  /** Told of every process, so that it is ended when this one is. */
  readonly onStart: (child: ChildCommand) => void;
}

export interface NetworkRun {
  readonly network: ScopedKey;
  readonly transformations: readonly ScopedKey[];
  readonly status: StatusCounts;
}

/** Milliseconds between two looks at the status. */
const glance = 200;

export async function runNetwork(options: RunNetworkOptions): Promise<NetworkRun> {
  const { client, repeats } = options;
  const network = await step(
    async () => client.createNetwork((await readDocument(options.file)).trim(), options.scope),
    () => `Submitted ${options.label}`,
  );
  const transformations = await client.getNetworkTransformations(network);
  const tasks = await step(
    async () => {
      const wanted = transformations.flatMap((transformation) => Array<ScopedKey>(repeats).fill(transformation));
      const created = await client.createTransformationsTasks(wanted);
      await client.actionTasks(network, created);
      return created.map((task, index) => ({ task, transformation: wanted[index] ?? task }));
    },
    ({ length }) => `Created and actioned ${length} Tasks, ${repeats} on each of ${transformations.length} transformations`,
  );
  const seeds = join(options.directory, "seeds.json");
  await writeFile(seeds, JSON.stringify(planSeeds(options.seed, tasks)));
  const { count } = options.services;
  const status = await longStep(
    "computing",
    tasks.length,
    async (progress) => {
      const services = await Promise.all(Array.from({ length: count }, (_, index) => startService(options, index + 1, seeds)));
      const end = await untilComputed(client, network, tasks.length, services, progress.update);
      for (const { how, service } of await Promise.all(
        services.map(async (each) => ({ how: await each.stop(), service: each })),
      )) {
        if (how !== 0)
          throw new CommandFailure(`a compute service did not end well (${how}). Its last lines:\n${lastLines(service.log)}`);
      }
      return end;
    },
    (counts) => `Computed ${counts.complete ?? 0} Tasks with ${count} compute services, each a process of its own`,
  );
  return { network, transformations, status };
}

/** What the file holds, for people: `10 systems, 15 transformations`. */
export async function describeNetworkFile(file: string): Promise<string> {
  const { systems, edges } = networkIndex(sliceKeyedChain(await readDocument(file)));
  return `${systems.length} systems, ${edges.length} transformations`;
}

async function startService(
  { services, directory, scope, onStart }: RunNetworkOptions,
  number: number,
  seeds: string,
): Promise<ChildCommand> {
  const name = `quickstart${number}`;
  const file = join(directory, `${name}.yaml`);
  const configuration = {
    api_url: services.computeUrl,
    identifier: services.identifier,
    key: services.key,
    name,
    scopes: [scope],
    shared_basedir: join(directory, `${name}-shared`),
    scratch_basedir: join(directory, `${name}-scratch`),
    // A service without work looks again soon: here nobody wants to wait.
    sleep_interval: 1,
    deep_sleep_interval: 1,
    heartbeat_interval: 30,
    loglevel: "INFO",
  };
  await writeFile(file, stringify(configuration), { mode: 0o600 });
  const child = startChildCommand(["compute", "synchronous", "-c", file, ...services.options(seeds)], {
    log: join(directory, `${name}.log`),
    environment: services.environment,
    cwd: directory,
  });
  onStart(child);
  return child;
}

/** Waits until every Task has ended, well or not. Fails when a service ends before. */
async function untilComputed(
  client: AlchemiscaleClient,
  network: ScopedKey,
  total: number,
  services: readonly ChildCommand[],
  update: (done: number, detail: string) => void,
): Promise<StatusCounts> {
  const lost = Promise.race(services.map(async (service) => ({ service, how: await service.ended })));
  for (;;) {
    const counts = await client.getNetworkStatus(network);
    const { complete = 0, error = 0, running = 0 } = counts;
    update(complete + error, `(${running} running${error > 0 ? `, ${error} failed` : ""})`);
    if (complete + error >= total) return counts;
    const early = await Promise.race([lost, pause(glance)]);
    if (early) {
      throw new CommandFailure(
        `a compute service ended (${early.how}) before all Tasks were done. Its last lines:\n${lastLines(early.service.log)}`,
      );
    }
  }
}
