import fc from "fast-check";
import { expect } from "vitest";
import { user } from "../given.ts";
import { action, cancel } from "../model/hubs.ts";
import { networkIndex, operation, type RandomOperation, someIndices, weight } from "./world.ts";

export const hubOperations: readonly RandomOperation[] = [
  operation({
    name: "action Tasks",
    weight: 6,
    arguments: fc.record({
      network: networkIndex,
      tasks: someIndices,
      weights: fc.oneof(fc.constant(null), weight, fc.array(weight, { minLength: 8, maxLength: 8 })),
    }),
    async apply(world, { network: n, tasks, weights }) {
      const { key, network } = world.network(n);
      const picked = world.tasks(tasks);
      const given = Array.isArray(weights) ? weights.slice(0, picked.length) : weights;
      const reply = await world.store.hubs.action(
        key,
        picked.map((one) => one.key),
        given,
        user,
      );
      // Named twice, the last weight counts.
      const last = new Map(picked.map(({ task }, i) => [task, Array.isArray(given) ? (given[i] ?? null) : given]));
      expect(reply).toEqual(
        picked.map(({ key: of, task }) => {
          const added = network !== null && task !== null && action(network, task, last.get(task) ?? null);
          return added ? of : null;
        }),
      );
    },
  }),
  operation({
    name: "cancel Tasks",
    weight: 2,
    arguments: fc.record({ network: networkIndex, tasks: someIndices }),
    async apply(world, { network: n, tasks }) {
      const { key, network } = world.network(n);
      const picked = world.tasks(tasks);
      const reply = await world.store.hubs.cancel(
        key,
        picked.map((one) => one.key),
        user,
      );
      const on = (task: (typeof picked)[number]["task"]) => network !== null && task?.hubs.has(network) === true;
      expect(reply).toEqual(picked.map(({ key: of, task }) => (on(task) ? of : null)));
      for (const { task } of picked) if (network !== null && task !== null && on(task)) cancel(network, task);
    },
  }),
];
