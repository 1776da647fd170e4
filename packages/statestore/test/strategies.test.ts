import type { Scope, ScopedKey } from "@alchemiscale/contract";
import type { ChainEntry } from "@alchemiscale/gufe";
import { expect, it } from "vitest";
import type { StrategyState } from "../src/index.ts";
import { freshStrategyState as fresh, unknownNetwork, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

const chain = (name: string): { entries: ChainEntry[]; key: string } => {
  const entry = (key: string, references: string[]): ChainEntry => ({
    key,
    qualname: key.slice(0, key.indexOf("-")),
    module: "m",
    text: `{"name": "${name}", "seed": 170141183460469231731687303715884105727}`,
    references,
    height: references.length,
  });
  return {
    entries: [entry(`Settings-${name}`, []), entry(`BinarySearch-${name}`, [`Settings-${name}`])],
    key: `BinarySearch-${name}`,
  };
};

onEveryEngine("strategies", (under) => {
  it("are set on a network, read with their state, replaced with a fresh one, and removed", async () => {
    const { network, scope } = await under.network();
    const { strategies, objects } = under.store;
    expect(await strategies.get(network)).toBeNull();
    const state: StrategyState = {
      ...fresh,
      mode: "full",
      sleepInterval: 60,
      maxTasksPerTransformation: 7,
      taskScaling: "linear",
    };
    const key = await strategies.set(network, { ...chain("one"), state }, user);
    expect(key).toBe(`BinarySearch-one-${scope}`);
    expect(await strategies.get(network)).toEqual({ strategy: key, state });
    expect((await objects.chain(`BinarySearch-one-${scope}` as ScopedKey))?.map(({ text }) => text)).toEqual(
      chain("one").entries.map(({ text }) => text),
    );
    expect(await objects.exists(`BinarySearch-one-${scope}` as ScopedKey)).toBe(true);
    expect(await strategies.set(network, { ...chain("two"), state: fresh }, user)).toBe(`BinarySearch-two-${scope}`);
    expect(await strategies.get(network)).toEqual({ strategy: `BinarySearch-two-${scope}`, state: fresh });
    expect(await strategies.set(network, null, user)).toBeNull();
    expect(await strategies.set(network, null, user)).toBeNull();
    expect(await strategies.get(network)).toBeNull();
  });

  it("need a network to be set on, not to be removed from", async () => {
    const network = unknownNetwork("o-c-p");
    await expect(under.store.strategies.set(network, { ...chain("one"), state: fresh }, user)).rejects.toMatchObject({
      name: "NetworkNotFound",
      data: { network },
    });
    expect(await under.store.strategies.set(network, null, user)).toBeNull();
    expect(await under.store.strategies.get(network)).toBeNull();
    expect(await under.store.strategies.wake(network, user)).toBeNull();
  });

  it("serve several networks of a scope, with a state for each", async () => {
    const one = await under.network();
    const two = await under.network({ scope: one.scope, networkName: "two" });
    const key = await under.store.strategies.set(one.network, { ...chain("shared"), state: fresh }, user);
    expect(await under.store.strategies.set(two.network, { ...chain("shared"), state: { ...fresh, mode: "full" } }, user)).toBe(
      key,
    );
    if (key === null) throw new Error("it was set");
    expect(await under.store.strategies.updateState(one.network, key, 0, { ...fresh, iterations: 1, status: "dormant" })).toBe(
      true,
    );
    expect((await under.store.strategies.get(one.network))?.state).toMatchObject({
      status: "dormant",
      iterations: 1,
      mode: "partial",
    });
    expect((await under.store.strategies.get(two.network))?.state).toMatchObject({
      status: "awake",
      iterations: 0,
      mode: "full",
    });
  });

  it("take what an execution writes only if they were not replaced or executed meanwhile, and keep what users own", async () => {
    const { network } = await under.network();
    const { strategies } = under.store;
    const one = await strategies.set(network, { ...chain("a"), state: fresh }, user);
    if (one === null) throw new Error("it was set");
    const done: StrategyState = {
      ...fresh,
      mode: "disabled",
      sleepInterval: 1,
      status: "error",
      iterations: 1,
      lastIteration: 1_767_000_000_123_456,
      lastIterationResultCount: 9,
      exception: ["ValueError", "no\u0000thing"],
      traceback: "Traceback …",
    };
    expect(await strategies.updateState(network, one, 0, done)).toBe(true);
    expect((await strategies.get(network))?.state).toEqual({
      ...done,
      mode: "partial",
      sleepInterval: 3600,
      exception: ["ValueError", "no\ufffdthing"],
    });
    expect(await strategies.updateState(network, one, 0, done)).toBe(false);
    await strategies.set(network, { ...chain("b"), state: fresh }, user);
    expect(await strategies.updateState(network, one, 0, done)).toBe(false);
    expect((await strategies.get(network))?.state).toEqual(fresh);
  });

  it("are woken: awake, without an exception, everything else as it was", async () => {
    const { network } = await under.network();
    const state: StrategyState = {
      ...fresh,
      status: "error",
      iterations: 4,
      lastIteration: 5,
      exception: ["E", "m"],
      traceback: "t",
    };
    await under.store.strategies.set(network, { ...chain("a"), state }, user);
    expect(await under.store.strategies.wake(network, user)).toBe(network);
    expect((await under.store.strategies.get(network))?.state).toEqual({
      ...state,
      status: "awake",
      exception: null,
      traceback: null,
    });
  });

  it("are due when neither disabled nor in error, after their interval or the least one, in the scopes and states asked for", async () => {
    const now = 1_800_000_000_000_000;
    under.setClock(now);
    const put = async (project: string, state: Partial<StrategyState>) => {
      const { network } = await under.network({ scope: `due-c-${project}` });
      await under.store.strategies.set(network, { ...chain("a"), state: { ...fresh, ...state } }, user);
      return network;
    };
    const second = 1e6;
    const never = await put("never", {});
    const dormant = await put("dormant", { status: "dormant", lastIteration: now - 3600 * second });
    await put("soon", { lastIteration: now - 3599 * second });
    await put("disabled", { mode: "disabled" });
    await put("error", { status: "error" });
    const short = await put("short", { sleepInterval: 10, lastIteration: now - 20 * second });
    const inactive = await put("inactive", {});
    await under.store.networks.setStates([inactive], ["inactive"], user);
    const due = async (filter: object = {}) =>
      (await under.store.strategies.due({ scopes: ["due-*-*" as Scope], minSleep: 0, states: ["active"], ...filter })).map(
        ({ network }) => network,
      );
    expect(await due()).toEqual([never, dormant, short]);
    expect(await due({ minSleep: 30 })).toEqual([never, dormant]);
    expect(await due({ minSleep: 3601 })).toEqual([never]);
    expect(await due({ scopes: ["due-c-short", "due-c-dormant"] })).toEqual([dormant, short]);
    expect(await due({ scopes: [] })).toEqual([]);
    expect(await due({ states: ["inactive", "active"] })).toEqual([never, inactive, dormant, short]);
    under.setClock(null);
  });
});
