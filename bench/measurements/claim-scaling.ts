import type { Section } from "../figures.ts";
import { latencySummary } from "../load/latency-summary.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { type ActionedHub, actionedHub, type MeasuredSystem, registerServices } from "../servers/measured-system.ts";
import type { Measurement, Surroundings } from "./measurement.ts";

/** Claims in a small store beside claims in a large one: how the time of a claim grows with the Tasks in the store and on the hub. */
export const claimScaling: Measurement = {
  name: "claim-scaling",
  run: async (surroundings) => {
    const { quick } = surroundings;
    const small = await prepare(surroundings, quick ? { created: 1000, actioned: 500 } : { created: 10_000, actioned: 1000 });
    const large = await prepare(
      surroundings,
      quick ? { created: 20_000, actioned: 5000 } : { created: 1_000_000, actioned: 100_000 },
    );
    try {
      for (const store of [small, large]) await store.claim(200, 1);
      const times = { small: [] as number[], large: [] as number[] };
      const together = { small: [] as number[], large: [] as number[] };
      // Turn about, so that what else the machine does falls on both.
      for (let i = 0; i < 10; i += 1) {
        for (const [name, store] of [
          ["small", small],
          ["large", large],
        ] as const) {
          times[name].push(...(await store.claim(20, 1)));
          together[name].push(...(await store.claim(20, 8)));
        }
      }
      return section(small, large, times, together);
    } finally {
      await small.system.close();
      await large.system.close();
    }
  },
};

interface PreparedStore {
  readonly system: MeasuredSystem;
  readonly size: { readonly created: number; readonly actioned: number };
  readonly seconds: number;
  /** Milliseconds of each of so many claims, by so many claimers at once. */
  claim(total: number, claimers: number): Promise<number[]>;
}

async function prepare({ startSystem, load, say }: Surroundings, size: PreparedStore["size"]): Promise<PreparedStore> {
  const { created, actioned } = size;
  say(`claim-scaling: a store of ${created.toLocaleString("en")} Tasks, ${actioned.toLocaleString("en")} on the hub`);
  const system = await startSystem();
  const begun = performance.now();
  const hub: ActionedHub = await actionedHub(system, syntheticNetwork({ systems: 4, transformations: 2, proteinAtoms: 50 }), {
    created: actioned,
    actioned,
  });
  // The rest of the Tasks stands on hubs of its own, as in a store that many campaigns share.
  const others = 10;
  for (let i = 0; i < others; i += 1) {
    const share = Math.floor((created - actioned) / others);
    const network = syntheticNetwork({ systems: 4, transformations: 2, proteinAtoms: 50 }, i + 2);
    await actionedHub(system, network, { created: share, actioned: share });
  }
  const seconds = (performance.now() - begun) / 1000;
  const services = await registerServices(system.compute, 8);
  return {
    system,
    size,
    seconds,
    claim: async (total, claimers) => {
      const lanes = services.slice(0, claimers).map((service) => ({
        requests: [
          {
            method: "POST" as const,
            path: `/taskhubs/${hub.hub}/claim`,
            body: JSON.stringify({ compute_service_id: service, count: 1, protocols: null }),
          },
        ],
        times: Number.MAX_SAFE_INTEGER,
      }));
      const plan = { origin: system.server.computeUrl, headers: system.headers.compute, lanes, total, keepReplies: true };
      const { milliseconds, replies } = await load.run(plan);
      if (replies.includes("[null]")) throw new Error("the hub ran out of Tasks");
      return [...milliseconds];
    },
  };
}

function section(
  small: PreparedStore,
  large: PreparedStore,
  times: { readonly small: number[]; readonly large: number[] },
  together: { readonly small: number[]; readonly large: number[] },
): Section {
  const number = (value: number): string => value.toLocaleString("en");
  const name = ({ size }: PreparedStore): string => `${number(size.created)} Tasks, ${number(size.actioned)} on the hub`;
  const one = { small: latencySummary(times.small), large: latencySummary(times.large) };
  const eight = { small: latencySummary(together.small), large: latencySummary(together.large) };
  return {
    name: "claim-scaling",
    title: "Time of a claim as the store and the hub grow",
    method: `${number(one.small.count)} claims by one claimer, and as many by 8 at once, on two servers turn about; equal Tasks`,
    figures: [
      { label: `one claimer, p50: ${name(small)}`, value: one.small.p50, unit: "ms" },
      { label: `one claimer, p50: ${name(large)}`, value: one.large.p50, unit: "ms" },
      { label: "large ÷ small, one claimer, p50", value: one.large.p50 / one.small.p50, unit: "×", target: { atMost: 2 } },
      { label: "large ÷ small, one claimer, mean", value: one.large.mean / one.small.mean, unit: "×", target: { atMost: 2 } },
      { label: "large ÷ small, 8 claimers, p50", value: eight.large.p50 / eight.small.p50, unit: "×", target: { atMost: 2 } },
      { label: "one claimer, p99, large", value: one.large.p99, unit: "ms" },
      { label: `creating and actioning ${number(large.size.created)} Tasks`, value: large.seconds, unit: "s" },
    ],
  };
}
