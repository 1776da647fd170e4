import { networkIndex, sliceKeyedChain, verifyKey } from "@alchemiscale/gufe";
import type { Figure } from "../figures.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import type { Measurement } from "./measurement.ts";
import { median } from "./median.ts";

/** Reading keyed chains in this process: the time must grow with the length of the text, and no faster. */
export const keyedChains: Measurement = {
  name: "chains",
  run: async ({ quick, say }) => {
    const rounds = quick ? 2 : 7;
    const systems = quick ? [200, 1000] : [200, 1000, 4000];
    const speeds = systems.map((count) => {
      say(`chains: ${count} systems`);
      // All of the text grows with the network: a protein that stays the same would flatter the large ones.
      const { text } = syntheticNetwork({ systems: count, transformations: 2 * count, proteinAtoms: count });
      const mebibytes = Buffer.byteLength(text) / 2 ** 20;
      const speed = (work: () => void): number => {
        const samples = Array.from({ length: rounds + 1 }, () => {
          const begun = performance.now();
          work();
          return (performance.now() - begun) / 1000;
        });
        return mebibytes / median(samples.slice(1));
      };
      const chain = sliceKeyedChain(text);
      return {
        count,
        mebibytes,
        parse: speed(() => JSON.parse(text)),
        slice: speed(() => networkIndex(sliceKeyedChain(text))),
        verify: speed(() => chain.entries.forEach((entry) => void verifyKey(entry))),
      };
    });
    const figures: Figure[] = speeds.flatMap(({ count, mebibytes, parse, slice, verify }) => [
      {
        label: `${count.toLocaleString("en")} systems, ${(2 * count).toLocaleString("en")} Transformations`,
        value: mebibytes,
        unit: "MiB" as const,
      },
      { label: "  slicing and indexing", value: slice, unit: "MiB/s" as const },
      { label: "  recomputing all keys", value: verify, unit: "MiB/s" as const },
      { label: "  JSON.parse, for comparison", value: parse, unit: "MiB/s" as const },
    ]);
    const [smallest, largest] = [speeds[0], speeds.at(-1)];
    if (smallest !== undefined && largest !== undefined) {
      figures.push({
        label: "slicing: speed at the largest ÷ at the smallest",
        value: largest.slice / smallest.slice,
        unit: "×",
        target: { atLeast: 0.5 },
      });
      figures.push({
        label: "keys: speed at the largest ÷ at the smallest",
        value: largest.verify / smallest.verify,
        unit: "×",
        target: { atLeast: 0.5 },
      });
    }
    return {
      name: "chains",
      title: "Reading keyed chains",
      method: `median of ${rounds} rounds in one process; linear work has one speed at all sizes`,
      figures,
    };
  },
};
