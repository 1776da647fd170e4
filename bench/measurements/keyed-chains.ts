import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  joinKeyedChain,
  type KeyedChain,
  nestChain,
  networkIndex,
  parseJson,
  sliceKeyedChain,
  summarizeResult,
  verifyKey,
  writeJson,
} from "@alchemiscale/gufe";
import type { Figure } from "../figures.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { syntheticResult } from "../networks/synthetic-result.ts";
import type { Measurement } from "./measurement.ts";

/** Reading and writing keyed chains in this process: the time must grow with the length of the text, and no faster. */
export const keyedChains: Measurement = {
  name: "chains",
  run: async ({ quick, say }) => {
    const sizes = quick ? [200, 1000] : [200, 1000, 4000];
    const repeats = quick ? 2 : 5;
    const warm = material(50);
    for (const { run } of operations) for (let i = 0; i < 20; i += 1) run(warm);
    // One network in memory at a time: otherwise the larger ones make the collector dearer for all.
    const speeds = sizes.map((systems) => {
      say(`chains: ${systems.toLocaleString("en")} systems`);
      const network = material(systems);
      return operations.map((operation) => megabytesPerSecond(operation, network, repeats));
    });
    const figures = operations.flatMap(({ name }, i): Figure[] => {
      const [smallest = 0, ...larger] = speeds.map((speed) => speed[i] ?? 0);
      return [
        { label: `${name}: ${sizes[0]} systems`, value: smallest, unit: "MB/s" },
        {
          label: `  speed at ${sizes.at(-1)?.toLocaleString("en")} systems ÷ that`,
          value: (larger.at(-1) ?? 0) / smallest,
          unit: "×",
          target: { atLeast: 0.25 },
        },
      ];
    });
    return {
      name: "chains",
      title: `Keyed chains of ${sizes.map((size) => size.toLocaleString("en")).join(", ")} systems, two Transformations a system`,
      method:
        "processor time of one thread, best of several; linear work has one speed at all sizes but for the caches of the processor, quadratic work would have a twentieth at the largest",
      figures,
    };
  },
};

interface Material {
  readonly text: string;
  readonly chain: KeyedChain;
  readonly result: string;
}

interface Operation {
  readonly name: string;
  /** Returns how many characters it worked on. */
  readonly run: (material: Material) => number;
}

const operations: readonly Operation[] = [
  { name: "slicing", run: ({ text }) => of(text, sliceKeyedChain(text)) },
  { name: "nodes and edges of the slices", run: ({ text, chain }) => of(text, networkIndex(chain)) },
  { name: "recomputing every key", run: ({ text, chain }) => of(text, chain.entries.map(verifyKey)) },
  { name: "joining", run: ({ text, chain }) => of(text, joinKeyedChain(chain.entries)) },
  { name: "parsing without loss", run: ({ text }) => of(text, parseJson(text)) },
  { name: "parsing and writing", run: ({ text }) => of(text, writeJson(parseJson(text))) },
  { name: "nesting every Transformation", run: nestTransformations },
  { name: "summarising a result, a unit a system", run: ({ result }) => of(result, summarizeResult(result)) },
  { name: "JSON.parse, for comparison", run: ({ text }) => of(text, JSON.parse(text)) },
];

/** Keeps the work from being optimised away. */
let sink: unknown;

function of(text: string, outcome: unknown): number {
  sink = outcome;
  return sink === undefined ? 0 : text.length;
}

/** One after another, as compute services of older releases ask for them. */
function nestTransformations({ chain }: Material): number {
  const byKey = new Map(chain.entries.map((entry) => [entry.key, entry]));
  let characters = 0;
  for (const edge of networkIndex(chain).edges) {
    const keys = new Set([edge.key]);
    for (const next of keys) for (const reference of byKey.get(next)?.references ?? []) keys.add(reference);
    const entries = [...keys].flatMap((key) => byKey.get(key) ?? []).sort((a, b) => a.height - b.height);
    for (const piece of nestChain(entries, edge.key)) characters += piece.length;
  }
  return characters;
}

/** All of the text grows with the network: a protein of one size would flatter the large ones. */
function material(systems: number): Material {
  const { text } = syntheticNetwork({ systems, transformations: 2 * systems, proteinAtoms: systems });
  return { text, chain: sliceKeyedChain(text), result: syntheticResult(1000 * systems, { units: systems }) };
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** By processor time of this thread: what the code costs, without what else the machine does. */
function megabytesPerSecond({ run }: Operation, network: Material, repeats: number): number {
  let best = 0;
  for (let i = 0; i < repeats; i += 1) {
    // What earlier runs left behind is theirs to pay for.
    collectGarbage();
    const before = process.threadCpuUsage();
    const begun = performance.now();
    let characters = 0;
    // The clock of processor time ticks coarsely: short operations are repeated.
    do characters += run(network);
    while (performance.now() - begun < 150);
    const { user, system } = process.threadCpuUsage(before);
    best = Math.max(best, characters / (user + system));
  }
  return best;
}
