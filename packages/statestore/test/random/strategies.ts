import type { NetworkState, ScopedKey } from "@alchemiscale/contract";
import fc from "fast-check";
import { expect } from "vitest";
import { freshStrategyState } from "../../../../scripts/stored-networks/fresh-strategy-state.ts";
import type { StrategyState } from "../../src/index.ts";
import { nth, user } from "../given.ts";
import { inScopes } from "../model/model.ts";
import { networkIndex, operation, type RandomOperation, scopeSet } from "./world.ts";

/** Two strategies, which networks of one scope share. */
const entries = [0, 1].map((n) => ({
  key: `Strategy-${String(n).repeat(32)}`,
  qualname: "Strategy",
  module: "m",
  text: `{"n": ${n}}`,
  references: [],
  height: 0,
}));
const strategy = fc.nat({ max: 1 });
const status = fc.constantFrom("awake" as const, "dormant" as const, "error" as const);

export const strategyOperations: readonly RandomOperation[] = [
  operation({
    name: "set a strategy",
    weight: 2,
    arguments: fc.record({
      network: networkIndex,
      strategy: fc.option(strategy, { freq: 4 }),
      mode: fc.constantFrom("partial" as const, "full" as const, "disabled" as const),
      sleepInterval: fc.constantFrom(1, 100, 3600),
    }),
    async apply(world, { network: n, strategy: s, mode, sleepInterval }) {
      const { key, network } = world.network(n);
      const state: StrategyState = { ...freshStrategyState, mode, sleepInterval };
      const entry = s === null ? null : nth(entries, s);
      const setting = world.store.strategies.set(key, entry === null ? null : { entries: [entry], key: entry.key, state }, user);
      if (network === null && entry !== null) {
        await expect(setting).rejects.toMatchObject({ name: "NetworkNotFound" });
        return;
      }
      const set = entry === null || network === null ? null : (`${entry.key}-${network.scope}` as ScopedKey);
      expect(await setting).toBe(set);
      if (network !== null) network.strategy = set === null ? null : { key: set, state };
    },
  }),
  operation({
    name: "write what an execution of a strategy has changed",
    weight: 2,
    arguments: fc.record({ network: networkIndex, strategy, iterations: fc.nat({ max: 2 }), status, current: fc.boolean() }),
    async apply(world, { network: n, strategy: s, iterations, status: becomes, current }) {
      const { key, network } = world.network(n);
      const is = network?.strategy ?? null;
      // Mostly what it was when the execution began.
      const read = current && is !== null ? is : { key: `${nth(entries, s).key}-${nth(world.scopes, 0)}`, state: { iterations } };
      const state: StrategyState = {
        // What users own must not be written.
        ...freshStrategyState,
        mode: "full",
        sleepInterval: 7,
        status: becomes,
        iterations: read.state.iterations + 1,
        lastIteration: world.now,
        lastIterationResultCount: iterations,
        exception: becomes === "error" ? ["ValueError", "é"] : null,
        traceback: becomes === "error" ? "trace" : null,
      };
      const same = is !== null && is.key === read.key && is.state.iterations === read.state.iterations;
      expect(await world.store.strategies.updateState(key, read.key as ScopedKey, read.state.iterations, state)).toBe(same);
      if (!same) return;
      const { mode, sleepInterval, maxTasksPerTransformation, taskScaling } = is.state;
      is.state = { ...state, mode, sleepInterval, maxTasksPerTransformation, taskScaling };
    },
  }),
  operation({
    name: "wake a strategy",
    weight: 1,
    arguments: networkIndex,
    async apply(world, n) {
      const { key, network } = world.network(n);
      const is = network?.strategy ?? null;
      expect(await world.store.strategies.wake(key, user)).toBe(is === null ? null : key);
      if (is !== null) is.state = { ...is.state, status: "awake", exception: null, traceback: null };
    },
  }),
  operation({
    name: "ask which strategies are due",
    weight: 1,
    arguments: fc.record({
      scopes: scopeSet,
      minSleep: fc.constantFrom(0, 50, 1000),
      states: fc.constantFrom<NetworkState[]>(["active"], ["active", "inactive", "invalid", "deleted"]),
    }),
    async apply(world, { scopes: set, minSleep, states }) {
      const scopes = world.scopeSets(set);
      const due = world.model.submitted.flatMap(({ key, scope, state, strategy: is }) => {
        if (is === null || state === null || !states.includes(state) || !inScopes(scopes, scope)) return [];
        const { mode, status: now, lastIteration, sleepInterval } = is.state;
        const rested = world.now >= (lastIteration ?? 0) + Math.max(minSleep, sleepInterval) * 1_000_000;
        return mode !== "disabled" && now !== "error" && rested ? [{ network: key, strategy: is.key, state: is.state }] : [];
      });
      const told = await world.store.strategies.due({ scopes, minSleep, states });
      const byNetwork = (a: { network: string }, b: { network: string }) => (a.network < b.network ? -1 : 1);
      expect([...told].sort(byNetwork)).toEqual(due.sort(byNetwork));
    },
  }),
];
