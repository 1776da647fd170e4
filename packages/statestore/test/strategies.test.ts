import type { Scope, ScopedKey } from "@alchemiscale/contract";
import type { ChainEntry } from "@alchemiscale/gufe";
import { describe, expect, it } from "vitest";
import { freshStrategyState as fresh } from "../../../scripts/stored-networks/fresh-strategy-state.ts";
import type { MemberOutcome, StrategyState } from "../src/index.ts";
import { bringTo, create, nth, report, unknownNetwork, user } from "./given.ts";
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

  describe("at work", () => {
    const outcome: MemberOutcome = { status: "awake", exception: null, traceback: null };
    const nothing = { create: [], action: [], cancel: [], members: [outcome], resultCount: 0, decision: "{}" };
    const keyOf = (transformation: ScopedKey) => transformation.split("-").slice(0, 2).join("-");

    const put = async (submission: object = {}) => {
      const place = await under.network();
      await under.store.strategies.set(place.network, { ...chain("work"), state: fresh, ...submission }, user);
      const work = async () => {
        const found = await under.store.strategies.work(place.network);
        if (found === null) throw new Error("it has a strategy");
        return found;
      };
      return { ...place, work };
    };

    it("tell results, Tasks and errors of all Transformations, from one moment", async () => {
      const { network, transformations, work } = await put();
      const [first, second] = [nth(transformations, 0), nth(transformations, 1)];
      const tasks = await create(under.store, first, 4);
      await under.store.hubs.action(network, tasks.slice(0, 2), null, user);
      await bringTo(under.store, nth(tasks, 2), "running");
      await under.store.results.report({ ...report(nth(tasks, 2), "service"), resultKey: "ProtocolDAGResult-1" });
      await bringTo(under.store, nth(tasks, 0), "running");
      await bringTo(under.store, nth(await create(under.store, second, 1), 0), "error");
      const found = await work();
      expect(found).toMatchObject({ state: fresh, blocked: null, combine: "weighted", maxGpuHours: null, resultCount: 1 });
      expect(found.transformations.map(({ transformation }) => transformation)).toEqual(transformations.map(keyOf).sort());
      const of = (key: ScopedKey) => found.transformations.find(({ transformation }) => transformation === keyOf(key));
      expect(of(first)).toEqual({ transformation: keyOf(first), results: 1, hasError: false, summary: null });
      expect(of(second)).toMatchObject({ results: 0, hasError: true });
      expect(found.tasks).toEqual([
        { task: tasks[0], transformation: keyOf(first), status: "running", actioned: true },
        { task: tasks[1], transformation: keyOf(first), status: "waiting", actioned: true },
        { task: tasks[3], transformation: keyOf(first), status: "waiting", actioned: false },
      ]);
    });

    it("create, action and cancel in one step, and keep what was decided", async () => {
      const { network, scope, transformations, work } = await put();
      const first = nth(transformations, 0);
      const [kept, free] = (await create(under.store, first, 2)) as [ScopedKey, ScopedKey];
      await under.store.hubs.action(network, [kept], null, user);
      const { version } = await work();
      const applied = await under.store.strategies.apply(network, {
        ...outcome,
        ...nothing,
        version,
        resultCount: 5,
        create: [{ transformation: keyOf(first), count: 2 }],
        action: [free],
        cancel: [kept],
        decision: '{"why": []}',
      });
      expect(applied).toBe(true);
      const { state, version: next } = await work();
      expect(state).toMatchObject({ status: "awake", iterations: 1, lastIterationResultCount: 5 });
      expect(state.lastIteration).not.toBeNull();
      expect(next).not.toBe(version);
      const [decision] = await under.store.strategies.decisions(network, null, 10);
      expect(decision).toMatchObject({ iteration: 1, strategy: `BinarySearch-work-${scope}`, text: '{"why": []}' });
      expect(decision?.created).toHaveLength(2);
      const [actioned] = await under.store.hubs.actionedTasks([network]);
      expect(new Set(actioned?.keys())).toEqual(new Set([free, ...(decision?.created ?? [])]));
      expect([...(actioned?.values() ?? [])]).toEqual([0.5, 0.5, 0.5]);
    });

    it("write nothing once the strategy was executed, woken, changed or replaced", async () => {
      const { network, transformations, work } = await put();
      const wanted = { create: [{ transformation: keyOf(nth(transformations, 0)), count: 1 }] };
      const changes: (() => Promise<unknown>)[] = [
        async () => under.store.strategies.apply(network, { ...outcome, ...nothing, version: (await work()).version }),
        () => under.store.strategies.wake(network, user),
        () => under.store.strategies.change(network, { mode: "disabled" }, user),
        () => under.store.strategies.set(network, { ...chain("work"), state: fresh }, user),
        () => under.store.strategies.set(network, null, user),
      ];
      for (const change of changes) {
        const { version } = await work();
        await change();
        expect(await under.store.strategies.apply(network, { ...outcome, ...nothing, ...wanted, version })).toBe(false);
      }
      expect(await under.store.tasks.ofNetwork(network)).toEqual([]);
    });

    it("do nothing twice, however many execute one at a time", async () => {
      const { network, transformations, work } = await put();
      const { version } = await work();
      const wanted = { create: transformations.map((key) => ({ transformation: keyOf(key), count: 1 })) };
      const iteration = { ...outcome, ...nothing, ...wanted, version };
      const applied = await Promise.all(Array.from({ length: 8 }, () => under.store.strategies.apply(network, iteration)));
      expect(applied.filter(Boolean)).toHaveLength(1);
      expect(await under.store.tasks.ofNetwork(network)).toHaveLength(transformations.length);
    });

    it("have members, in order, each with its own outcome", async () => {
      const two = chain("two");
      const members = [
        { key: "BinarySearch-work", weight: 0.5, role: "add", until: "connected", maxGpuHours: 3 },
        { key: two.key, weight: 2, role: "veto", until: "done", maxGpuHours: null },
      ] as const;
      const { network, scope, work } = await put({
        entries: [...chain("work").entries, ...two.entries],
        stack: { combine: "sequence", maxGpuHours: 7, members },
      });
      const found = await work();
      expect(found).toMatchObject({ combine: "sequence", maxGpuHours: 7, strategy: `BinarySearch-work-${scope}` });
      expect(found.members).toEqual(members.map(({ key, ...rules }) => ({ ...rules, ...outcome, strategy: `${key}-${scope}` })));
      const failed: MemberOutcome = { status: "error", exception: ["E", "m"], traceback: "t" };
      await under.store.strategies.apply(network, { ...outcome, ...nothing, version: found.version, members: [outcome, failed] });
      expect((await work()).members.map(({ status }) => status)).toEqual(["awake", "error"]);
      await under.store.strategies.wake(network, user);
      expect((await under.store.strategies.describe(network))?.members[1]).toMatchObject(outcome);
    });

    it("say why nobody executes them, until somebody does", async () => {
      const { network, work } = await put();
      const { version } = await work();
      await under.store.strategies.block(network, "another version", "no");
      expect((await work()).blocked).toBeNull();
      await under.store.strategies.block(network, version, "no interpreter");
      expect(await work()).toMatchObject({ blocked: "no interpreter", version, state: fresh });
      await under.store.strategies.apply(network, { ...outcome, ...nothing, version });
      expect((await work()).blocked).toBeNull();
    });

    it("change what users own, and nothing else", async () => {
      const { network, work } = await put({ state: { ...fresh, iterations: 3, status: "dormant" } });
      expect(await under.store.strategies.change(network, { mode: "full", sleepInterval: 9 }, user)).toBe(network);
      expect((await work()).state).toEqual({ ...fresh, iterations: 3, status: "dormant", mode: "full", sleepInterval: 9 });
      expect(await under.store.strategies.change(unknownNetwork("o-c-p"), { mode: "full" }, user)).toBeNull();
    });

    it("keep the last fifty decisions, told from the newest on", async () => {
      const { network, work } = await put();
      for (let i = 0; i < 52; i += 1) {
        await under.store.strategies.apply(network, { ...outcome, ...nothing, version: (await work()).version });
      }
      const newest = await under.store.strategies.decisions(network, null, 2);
      expect(newest.map(({ iteration }) => iteration)).toEqual([52, 51]);
      const rest = await under.store.strategies.decisions(network, newest.at(-1)?.id ?? null, 100);
      expect(rest.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 48 }, (_, i) => 50 - i));
    });
  });
});
