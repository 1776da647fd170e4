import { randomUUID } from "node:crypto";
import { type ComputeServiceId, parseComputeServiceId, type ScopedKey } from "@alchemiscale/contract";
import type { Figure, Section } from "../figures.ts";
import { latencySummary } from "../load/latency-summary.ts";
import type { Lane, LoadOutcome, LoadRequest } from "../load/load-plan.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { startComparisonServer } from "../servers/comparison-server.ts";
import { type ActionedHub, actionedHub, type MeasuredSystem, registerServices } from "../servers/measured-system.ts";
import type { Measurement, Surroundings } from "./measurement.ts";
import { median } from "./median.ts";

const claimers = 32;

/** Claims by many at once from one hub, beside bare durable updates of one row. */
export const claims: Measurement = {
  name: "claims",
  run: async (surroundings) => {
    const { load, quick, say } = surroundings;
    const tasks = quick ? 1000 : 10_000;
    const rounds = quick ? 1 : 3;
    const system = await surroundings.startSystem();
    const stores = [system.stateStoreUrl, system.objectStoreUrl];
    const bare = await startComparisonServer("bare-update-server", stores, { JWT_SECRET_KEY: system.jwtSecret });
    const [bareUrl = "", nothingElseUrl = ""] = bare.urls;
    try {
      const services = await registerServices(system.compute, claimers);
      const rows = await registerRows(surroundings, system, tasks);
      const fromHub: LoadOutcome[] = [];
      const anywhere: LoadOutcome[] = [];
      const updates: LoadOutcome[] = [];
      const plainUpdates: LoadOutcome[] = [];
      for (let round = 0; round < rounds; round += 1) {
        say(`claims: round ${round + 1} of ${rounds}, ${tasks} Tasks`);
        // Turn about, so that what else the machine does falls on both.
        const hub = await actionedHub(system, tinyNetwork(round), { created: tasks, actioned: tasks });
        const plan = { headers: system.headers.compute };
        updates.push(await load.run({ ...plan, origin: bareUrl, lanes: updateLanes(`/taskhubs/${hub.hub}/claim`, rows) }));
        plainUpdates.push(await load.run({ ...plan, origin: nothingElseUrl, lanes: updateLanes("/update", rows) }));
        fromHub.push(await claimAll(surroundings, system, hub, hubLanes(hub, services)));
        const other = await actionedHub(system, tinyNetwork(round + rounds), { created: tasks, actioned: tasks });
        anywhere.push(await claimAll(surroundings, system, other, scopeLanes(other, services)));
      }
      return section(tasks, rounds, { fromHub, anywhere, updates, plainUpdates });
    } finally {
      await bare.stop();
      await system.close();
    }
  },
};

function section(
  tasks: number,
  rounds: number,
  outcomes: Readonly<Record<"fromHub" | "anywhere" | "updates" | "plainUpdates", readonly LoadOutcome[]>>,
): Section {
  const { fromHub, anywhere, updates, plainUpdates } = outcomes;
  const rate = (outcomes: readonly LoadOutcome[]): number =>
    median(outcomes.map(({ milliseconds, seconds }) => milliseconds.length / seconds));
  const latency = (outcomes: readonly LoadOutcome[]) => latencySummary(outcomes.flatMap(({ milliseconds }) => [...milliseconds]));
  const hubLatency = latency(fromHub);
  const updateLatency = latency(updates);
  const figures: Figure[] = [
    { label: "claims from the hub", value: rate(fromHub), unit: "/s", target: { atLeast: 1000 } },
    { label: "  p50", value: hubLatency.p50, unit: "ms" },
    { label: "  p99", value: hubLatency.p99, unit: "ms" },
    { label: "bare durable updates of one row", value: rate(updates), unit: "/s" },
    { label: "  p50", value: updateLatency.p50, unit: "ms" },
    { label: "  p99", value: updateLatency.p99, unit: "ms" },
    { label: "claims ÷ bare updates", value: rate(fromHub) / rate(updates), unit: "×", target: { atLeast: 0.4 } },
    { label: "claims by scope (/claim)", value: rate(anywhere), unit: "/s" },
    { label: "updates by a Fastify route without token and checks", value: rate(plainUpdates), unit: "/s" },
    { label: "claims ÷ those", value: rate(fromHub) / rate(plainUpdates), unit: "×" },
  ];
  return {
    name: "claims",
    title: `Claims: ${claimers} claimers at once, one hub, ${tasks.toLocaleString("en")} Tasks of one priority`,
    method: `median of ${rounds} rounds turn about; each Task was claimed exactly once; the bare update goes through the same route, token and checks, into the same store, and writes one row of as many`,
    figures,
  };
}

function tinyNetwork(seed: number) {
  return syntheticNetwork({ systems: 4, transformations: 2, proteinAtoms: 50 }, seed + 1);
}

/** So many rows for bare updates: registrations of compute services, in no order. */
async function registerRows(
  { load }: Surroundings,
  { server, headers }: MeasuredSystem,
  count: number,
): Promise<ComputeServiceId[]> {
  const ids = Array.from({ length: count }, () => parseComputeServiceId(`row-${randomUUID().replaceAll("-", "")}`));
  const lanes = inLanes(ids.map((id) => ({ method: "POST", path: `/computeservice/${id}/register`, body: "{}" })));
  await load.run({ origin: server.computeUrl, headers: headers.compute, lanes });
  // Updated in another order than they were written in, as Tasks are drawn.
  return ids.sort();
}

/** Each row once, as each Task is claimed once. */
function updateLanes(path: string, rows: readonly ComputeServiceId[]): Lane[] {
  return inLanes(
    rows.map((row) => ({ method: "POST", path, body: JSON.stringify({ compute_service_id: row, count: 1, protocols: null }) })),
  );
}

function inLanes(requests: readonly LoadRequest[]): Lane[] {
  const lanes = Array.from({ length: claimers }, (_, i) => requests.filter((_, j) => j % claimers === i));
  return lanes.map((own) => ({ requests: own, times: own.length }));
}

function hubLanes({ hub }: ActionedHub, services: readonly ComputeServiceId[]): Lane[] {
  return services.map((service) => lane(`/taskhubs/${hub}/claim`, { compute_service_id: service, count: 1, protocols: null }));
}

function scopeLanes({ scope }: ActionedHub, services: readonly ComputeServiceId[]): Lane[] {
  const [org, campaign, project] = scope.split("-");
  const scopes = [{ org, campaign, project }];
  return services.map((service) =>
    lane("/claim", { scopes, scopes_exclude: null, compute_service_id: service, count: 1, protocols: null }),
  );
}

function lane(path: string, body: unknown): Lane {
  return { requests: [{ method: "POST", path, body: JSON.stringify(body) }], times: Number.MAX_SAFE_INTEGER };
}

/** Claims until nothing is left, and checks that each Task was handed out once. */
async function claimAll(
  { load }: Surroundings,
  system: MeasuredSystem,
  hub: ActionedHub,
  lanes: readonly Lane[],
): Promise<LoadOutcome> {
  const outcome = await load.run({
    origin: system.server.computeUrl,
    headers: system.headers.compute,
    lanes,
    lastReply: "[null]",
    keepReplies: true,
  });
  const claimed = outcome.replies.flatMap((reply) => JSON.parse(reply) as (ScopedKey | null)[]).filter((task) => task !== null);
  const distinct = new Set(claimed);
  if (claimed.length !== hub.tasks.length || distinct.size !== claimed.length || !hub.tasks.every((task) => distinct.has(task))) {
    throw new Error(`${hub.tasks.length} Tasks, ${claimed.length} claims, of ${distinct.size} different Tasks`);
  }
  return outcome;
}
