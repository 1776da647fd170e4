import type { ScopedKey } from "@alchemiscale/contract";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { freshScope } from "../servers/measured-system.ts";
import type { Measurement } from "./measurement.ts";
import { median } from "./median.ts";
import { memoryFigure } from "./memory-figure.ts";

/** Tasks in bulk: what a user waits for between submitting a network and its computation. */
export const bulkTasks: Measurement = {
  name: "tasks",
  run: async ({ startSystem, quick, say }) => {
    const rounds = quick ? 1 : 5;
    const count = quick ? 1000 : 10_000;
    const system = await startSystem();
    const { user } = system;
    const times: Record<string, number[]> = {};
    const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const begun = performance.now();
      const result = await work();
      times[name] = [...(times[name] ?? []), performance.now() - begun];
      return result;
    };
    try {
      const text = syntheticNetwork({ systems: 20, transformations: 40, proteinAtoms: 100 }).text;
      for (let i = 0; i < rounds; i += 1) {
        say(`tasks: round ${i + 1} of ${rounds}, ${count} Tasks`);
        const network = await user.createNetwork(text, freshScope());
        const transformations = await user.getNetworkTransformations(network);
        const wanted = Array.from({ length: count }, (_, j) => transformations[j % transformations.length] as ScopedKey);
        const tasks = await timed("creating", () => user.createTransformationsTasks(wanted));
        await timed("actioning", () => user.actionTasks(network, tasks));
        await timed("their statuses, 1,000 a request", () => user.getTasksStatus(tasks));
        await timed("counts by status", () => user.getNetworkStatus(network));
        await timed("listing those actioned, with weights", () => user.getNetworkActionedTasks(network));
        await timed("cancelling", () => user.cancelTasks(network, tasks));
      }
      return {
        name: "tasks",
        title: `${count.toLocaleString("en")} Tasks in bulk, over 40 Transformations`,
        method: `median of ${rounds} rounds, from the TypeScript client: each figure is the whole of it, requests encoded and replies checked`,
        figures: [
          ...Object.entries(times).map(([label, values]) => ({ label, value: median(values), unit: "ms" as const })),
          ...memoryFigure(system, "after it all"),
        ],
      };
    } finally {
      await system.close();
    }
  },
};
