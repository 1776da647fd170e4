import fc from "fast-check";
import { expect } from "vitest";
import { user } from "../given.ts";
import { resolveRestarts } from "../model/results.ts";
import { finds, restartWords } from "./results.ts";
import { networkIndex, operation, type RandomOperation } from "./world.ts";

const patterns = fc.array(fc.constantFrom(...restartWords), { maxLength: 3 });

export const restartOperations: readonly RandomOperation[] = [
  operation({
    name: "add restart patterns",
    weight: 5,
    arguments: fc.record({
      network: networkIndex,
      patterns,
      maxRetries: fc.constantFrom(1, 2, 5),
      wrong: fc.constantFrom(false, false, false, false, true),
    }),
    async apply(world, { network: n, patterns: given, maxRetries, wrong }) {
      const { key, network } = world.network(n);
      const adding = world.store.restarts.add(key, wrong ? [...given, "(a"] : given, maxRetries, user);
      if (wrong) {
        await expect(adding).rejects.toMatchObject({ name: "InvalidPattern" });
        return;
      }
      if (network === null) {
        await expect(adding).rejects.toMatchObject({ name: "NetworkNotFound" });
        return;
      }
      await adding;
      if (given.length === 0) return;
      const here = world.model.tasks.filter((task) => task.hubs.has(network));
      for (const pattern of new Set(given)) {
        const known = network.patterns.find((one) => one.pattern === pattern);
        const counters = new Map(here.map((task) => [task, 0]));
        if (known === undefined) network.patterns.push({ pattern, maxRetries, counters });
        else {
          known.maxRetries = maxRetries;
          for (const task of here) known.counters.set(task, 0);
        }
      }
      resolveRestarts(world.model, here, finds);
    },
  }),
  operation({
    name: "remove restart patterns",
    weight: 1,
    arguments: fc.record({ network: networkIndex, patterns: fc.option(patterns) }),
    async apply(world, { network: n, patterns: given }) {
      const { key, network } = world.network(n);
      if (given === null) await world.store.restarts.clear(key, user);
      else await world.store.restarts.remove(key, [...given, "unknown"], user);
      if (network !== null)
        network.patterns = network.patterns.filter(({ pattern }) => given !== null && !given.includes(pattern));
    },
  }),
  operation({
    name: "set the limit of restart patterns",
    weight: 1,
    arguments: fc.record({ network: networkIndex, patterns, maxRetries: fc.constantFrom(1, 3) }),
    async apply(world, { network: n, patterns: given, maxRetries }) {
      const { key, network } = world.network(n);
      await world.store.restarts.setMaxRetries(key, [...given, "unknown"], maxRetries, user);
      for (const pattern of network?.patterns ?? []) if (given.includes(pattern.pattern)) pattern.maxRetries = maxRetries;
    },
  }),
];
