import { zstdCompressSync } from "node:zlib";
import type { ScopedKey } from "@alchemiscale/contract";
import { bytesToLatin1 } from "@alchemiscale/gufe";
import { rbfeResult } from "../../scripts/synthetic-results/rbfe-result.ts";
import type { Figure } from "../figures.ts";
import { startBackgroundLoad } from "../load/background-load.ts";
import { latencySummary } from "../load/latency-summary.ts";
import type { Lane, LoadRequest } from "../load/load-plan.ts";
import { randomNumbers } from "../networks/random-numbers.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { freshScope, type MeasuredSystem, registerServices } from "../servers/measured-system.ts";
import { residentBytes } from "../servers/process-tree.ts";
import type { Measurement } from "./measurement.ts";
import { median } from "./median.ts";

const lanes = 10;
const perSecond = 50;

/** Results that land all the time, and what the server makes of them meanwhile; then the estimates of a large network. */
export const estimates: Measurement = {
  name: "estimates",
  run: async ({ startSystem, load, quick, say }) => {
    const ligands = quick ? 100 : 1000;
    const landing = quick ? 200 : 3000;
    const system = await startSystem();
    const { user, server, headers } = system;
    try {
      const shape = { systems: 2 * ligands, transformations: 4 * ligands, proteinAtoms: 200 };
      const network = await user.createNetwork(syntheticNetwork(shape).text, freshScope());
      const transformations = await user.getNetworkTransformations(network);
      const bodies = await posts(system, transformations);
      const [first, rest] = [bodies.slice(landing), bodies.slice(0, landing)];
      say(`estimates: ${first.length} results as fast as they go`);
      await load.run({ origin: server.computeUrl, headers: headers.compute, lanes: lanesOf(first, 0) });
      await settled(system, network);
      const before = residentBytes(server.pid) ?? 0;

      say(`estimates: ${landing} results, ${perSecond} a second`);
      const memory = watchMemory(server.pid);
      const others = startAsking(system, network, transformations);
      const pauseMs = (1000 * lanes) / perSecond;
      const landed = await load.run({ origin: server.computeUrl, headers: headers.compute, lanes: lanesOf(rest, pauseMs) });
      const lastLanded = performance.now();
      await settled(system, network);
      const lag = performance.now() - lastLanded;
      const asked = await others.stop();
      const most = memory.stop();

      say("estimates: of the whole network");
      const path = `/v1/networks/${network}/estimates`;
      const table = await timed(system, path, 20);
      const figures: Figure[] = [
        { label: "results landed, a second", value: rest.length / landed.seconds, unit: "/s" },
        { label: "  sent and stored, p99", value: latencySummary(landed.milliseconds).p99, unit: "ms" },
        { label: "requests of users meanwhile, median", value: latencySummary(asked).p50, unit: "ms" },
        { label: "  p99", value: latencySummary(asked).p99, unit: "ms", target: { atMost: 100 } },
        { label: "everything up to date, after the last", value: lag / 1000, unit: "s", target: { atMost: 5 } },
        { label: "resident, server, before", value: before / 2 ** 20, unit: "MiB" },
        { label: "  most, meanwhile", value: most / 2 ** 20, unit: "MiB" },
        {
          label: `estimates of ${ligands} ligands, median`,
          value: median(table.milliseconds),
          unit: "ms",
          target: { atMost: 200 },
        },
        { label: "  longest", value: Math.max(...table.milliseconds), unit: "ms", target: { atMost: 200 } },
        { label: "  size", value: table.bytes / 2 ** 20, unit: "MiB" },
      ];
      return {
        name: "estimates",
        title: "Results that land, and what they say",
        method:
          `openfe-like results of three repeats on a network of ${ligands} ligands with ${2 * ligands} pairs; users ask for estimates and statuses every 20 ms from another ` +
          "process; up to date: readings, summaries and the network",
        figures,
      };
    } finally {
      await system.close();
    }
  },
};

/** One result for each Transformation, as a compute service posts it. */
async function posts({ user, compute }: MeasuredSystem, transformations: readonly ScopedKey[]): Promise<LoadRequest[]> {
  const [service] = await registerServices(compute, 1);
  const random = randomNumbers(7);
  const requests: LoadRequest[] = [];
  for (let from = 0; from < transformations.length; from += 1000) {
    const part = transformations.slice(from, from + 1000);
    const tasks = await user.createTransformationsTasks(part);
    part.forEach((transformation, i) => {
      const repeat = () => ({ estimate: (random.below(10_000) - 5000) / 1000, error: 0.1 + random.below(100) / 1000 });
      const { text } = rbfeResult(`${transformation} ${i}`, [repeat(), repeat(), repeat()]);
      const bytes = {
        __class__: "bytes",
        __module__: "builtins",
        ":is_custom:": true,
        "latin-1": bytesToLatin1(zstdCompressSync(text)),
      };
      const body = JSON.stringify({ protocoldagresult: bytes, compute_service_id: service });
      requests.push({ method: "POST", path: `/tasks/${tasks[i]}/results`, body });
    });
  }
  return requests;
}

function lanesOf(requests: readonly LoadRequest[], pauseMs: number): Lane[] {
  const each = Array.from({ length: lanes }, (_, lane) => requests.filter((_, i) => i % lanes === lane));
  return each
    .filter(({ length }) => length > 0)
    .map((own, lane) => ({ requests: own, times: own.length, pauseMs, startAfterMs: (lane * pauseMs) / lanes }));
}

/** Waits until everything that has landed is part of the network's estimates. */
async function settled({ server, headers }: MeasuredSystem, network: ScopedKey): Promise<void> {
  for (;;) {
    const reply = await fetch(`${server.userUrl}/v1/networks/${network}/estimates?wait=60`, { headers: headers.user });
    const { up_to_date } = (await reply.json()) as { up_to_date: boolean };
    if (!reply.ok) throw new Error(`estimates: ${reply.status}`);
    if (up_to_date) return;
  }
}

/** What users ask for. */
function startAsking({ server, headers }: MeasuredSystem, network: ScopedKey, transformations: readonly ScopedKey[]) {
  const requests: LoadRequest[] = transformations.slice(0, 100).flatMap((transformation) => [
    { method: "GET", path: `/v1/transformations/${transformation}/estimate` },
    { method: "GET", path: `/networks/${network}/status` },
    { method: "GET", path: `/transformations/${transformation}/results` },
  ]);
  return startBackgroundLoad({ origin: server.userUrl, headers: headers.user, requests, pauseMs: 20 });
}

function watchMemory(pid: number): { stop(): number } {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(pid) ?? 0);
  }, 200);
  return {
    stop: () => {
      clearInterval(timer);
      return most;
    },
  };
}

async function timed({ server, headers }: MeasuredSystem, path: string, times: number) {
  const milliseconds: number[] = [];
  let bytes = 0;
  for (let i = 0; i < times; i += 1) {
    const begun = performance.now();
    const reply = await fetch(`${server.userUrl}${path}`, { headers: headers.user });
    bytes = (await reply.arrayBuffer()).byteLength;
    milliseconds.push(performance.now() - begun);
    if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  }
  return { milliseconds, bytes };
}
