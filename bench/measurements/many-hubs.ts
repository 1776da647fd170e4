import type { ScopedKey } from "@alchemiscale/contract";
import { latencySummary } from "../load/latency-summary.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { freshScope, type MeasuredSystem, registerServices } from "../servers/measured-system.ts";
import type { Measurement } from "./measurement.ts";
import { memoryFigure } from "./memory-figure.ts";

/** A busy site: many compute services that take whatever comes, from the hubs of many networks. And what its people look at meanwhile. */
export const manyHubs: Measurement = {
  name: "hubs",
  run: async ({ startSystem, load, quick, say }) => {
    const hubs = quick ? 20 : 1000;
    const tasksOnEach = quick ? 50 : 1000;
    const claimers = quick ? 10 : 100;
    const claims = quick ? 200 : 10_000;
    const system = await startSystem();
    const { user, compute, server, headers } = system;
    try {
      const begun = performance.now();
      const networks = await fill(system, hubs, tasksOnEach, (made) => say(`hubs: ${made} of ${hubs}`));
      const filling = (performance.now() - begun) / 1000;
      const looking: number[] = [];
      for (const network of networks.slice(0, 100)) {
        const asked = performance.now();
        await user.getNetworkStatus(network);
        looking.push(performance.now() - asked);
      }
      const body = (service: string) =>
        JSON.stringify({
          scopes: [{ org: "bench", campaign: null, project: null }],
          scopes_exclude: null,
          compute_service_id: service,
          count: 1,
          protocols: null,
        });
      const services = await registerServices(compute, claimers);
      const lanes = services.map((service) => ({
        requests: [{ method: "POST" as const, path: "/claim", body: body(service) }],
        times: Number.MAX_SAFE_INTEGER,
      }));
      const plan = { origin: server.computeUrl, headers: headers.compute, lanes };
      await load.run({ ...plan, total: claimers });
      say(`hubs: ${claims} claims by ${claimers} services`);
      const outcome = await load.run({ ...plan, total: claims, keepReplies: true });
      const claimed = outcome.replies.flatMap((reply) => JSON.parse(reply) as (ScopedKey | null)[]);
      if (claimed.includes(null) || new Set(claimed).size !== claimed.length)
        throw new Error("a Task was claimed twice, or none");
      const latency = latencySummary(outcome.milliseconds);
      const number = (value: number): string => value.toLocaleString("en");
      return {
        name: "hubs",
        title: `${claimers} services claim from ${number(hubs)} hubs with ${number(hubs * tasksOnEach)} Tasks`,
        method: `${number(claims)} claims by scope, one Task each, all services at once; every Task different`,
        figures: [
          { label: "claims", value: outcome.milliseconds.length / outcome.seconds, unit: "/s" },
          { label: "  p50", value: latency.p50, unit: "ms" },
          { label: "  p99", value: latency.p99, unit: "ms" },
          {
            label: `status of ${looking.length} networks, one after another`,
            value: looking.reduce((sum, one) => sum + one, 0),
            unit: "ms",
          },
          { label: "  slowest", value: Math.max(...looking), unit: "ms" },
          { label: `submitting, creating and actioning it all, 4 at a time`, value: filling, unit: "s" },
          ...memoryFigure(system, "after it all"),
        ],
      };
    } finally {
      await system.close();
    }
  },
};

async function fill(
  { user }: MeasuredSystem,
  hubs: number,
  tasksOnEach: number,
  progress: (made: number) => void,
): Promise<ScopedKey[]> {
  const { text } = syntheticNetwork({ systems: 4, transformations: 2, proteinAtoms: 50 });
  const networks: ScopedKey[] = [];
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < hubs) {
      begun += 1;
      const network = await user.createNetwork(text, freshScope());
      const [transformation] = await user.getNetworkTransformations(network);
      if (transformation === undefined) throw new Error("the network has no Transformations");
      await user.actionTasks(network, await user.createTasks(transformation, { count: tasksOnEach }));
      networks.push(network);
      if (networks.length % 250 === 0) progress(networks.length);
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  return networks;
}
