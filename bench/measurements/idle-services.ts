import { setTimeout as wait } from "node:timers/promises";
import type { ComputeServiceId, Scope } from "@alchemiscale/contract";
import type { Figure } from "../figures.ts";
import { latencySummary } from "../load/latency-summary.ts";
import type { Lane } from "../load/load-plan.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { freshScope, type MeasuredSystem, registerServices } from "../servers/measured-system.ts";
import { processorSeconds } from "../servers/process-tree.ts";
import type { Measurement, Surroundings } from "./measurement.ts";
import { memoryFigure } from "./memory-figure.ts";

/** What services cost that have nothing to do, and how soon they hear that there is something. */
export const idleServices: Measurement = {
  name: "idle",
  run: async (surroundings) => {
    const { startSystem, quick } = surroundings;
    const count = quick ? 100 : 5000;
    const seconds = quick ? 3 : 20;
    const system = await startSystem();
    try {
      const services = await registerServices(system.compute, count);
      const polling = await whilePolling(surroundings, system, services, seconds);
      const waiting = await whileWaiting(surroundings, system, services, seconds);
      return {
        name: "idle",
        title: `${count.toLocaleString("en")} services with nothing to do`,
        method: `processor time of the server over ${seconds} s, as a share of one core; then single Tasks are actioned, one after another`,
        figures: [...polling, ...waiting],
      };
    } finally {
      await system.close();
    }
  },
};

const pollEverySeconds = 30;
const waitSeconds = 30;

/** As the Python services do: ask, and sleep. */
async function whilePolling(
  { load, say }: Surroundings,
  system: MeasuredSystem,
  services: readonly ComputeServiceId[],
  seconds: number,
): Promise<Figure[]> {
  say(`idle: ${services.length} services ask every ${pollEverySeconds} s`);
  const lanes = services.map((service, i) => ({
    ...claimLane("/claim", service, {}),
    startAfterMs: (i / services.length) * pollEverySeconds * 1000,
    pauseMs: pollEverySeconds * 1000,
  }));
  const outcome = load.run({ origin: system.server.computeUrl, headers: system.headers.compute, lanes });
  // Until they are connected and asking.
  await wait(10_000);
  const share = await busyShare(system, seconds);
  const figures = [
    { label: `/claim every ${pollEverySeconds} s: processor`, value: share, unit: "%" as const },
    ...memoryFigure(system, "meanwhile"),
  ];
  load.endPlan();
  await outcome;
  return figures;
}

/** As ours may: one request that waits. */
async function whileWaiting(
  { load, quick, say }: Surroundings,
  system: MeasuredSystem,
  services: readonly ComputeServiceId[],
  seconds: number,
): Promise<Figure[]> {
  say(`idle: ${services.length} services wait`);
  const { user } = system;
  const lanes = services.map((service) => claimLane("/v1/claim", service, { wait: waitSeconds }));
  const outcome = load.run({ origin: system.server.computeUrl, headers: system.headers.compute, lanes });
  await wait(15_000);
  const share = await busyShare(system, seconds);
  const memory = memoryFigure(system, "meanwhile");
  const scope: Scope = freshScope();
  const network = await user.createNetwork(syntheticNetwork({ systems: 4, transformations: 2, proteinAtoms: 50 }).text, scope);
  const [transformation] = await user.getNetworkTransformations(network);
  if (transformation === undefined) throw new Error("the network has no Transformations");
  const tasks = await user.createTasks(transformation, { count: quick ? 5 : 50 });
  const delays: number[] = [];
  for (const task of tasks) {
    const actioned = performance.now();
    await user.actionTasks(network, [task]);
    while ((await user.getTasksStatus([task]))[0] !== "running") {
      if (performance.now() - actioned > 30_000) throw new Error("a Task was not claimed within 30 s");
    }
    delays.push(performance.now() - actioned);
  }
  load.endPlan();
  await outcome;
  const latency = latencySummary(delays);
  return [
    { label: `/v1/claim that waits ${waitSeconds} s: processor`, value: share, unit: "%" },
    ...memory,
    { label: "  from actioning a Task to its claim seen, p50", value: latency.p50, unit: "ms" },
    { label: "  slowest", value: latency.max, unit: "ms" },
  ];
}

function claimLane(path: string, service: ComputeServiceId, more: Readonly<Record<string, unknown>>): Lane {
  const scopes = [{ org: "bench", campaign: null, project: null }];
  const body = { scopes, scopes_exclude: null, compute_service_id: service, count: 1, protocols: null, ...more };
  return { requests: [{ method: "POST", path, body: JSON.stringify(body) }], times: Number.MAX_SAFE_INTEGER };
}

/** Percent of one core. */
async function busyShare({ server }: MeasuredSystem, seconds: number): Promise<number> {
  const before = processorSeconds(server.pid) ?? Number.NaN;
  const begun = performance.now();
  await wait(seconds * 1000);
  return (100 * ((processorSeconds(server.pid) ?? Number.NaN) - before)) / ((performance.now() - begun) / 1000);
}
