import type { ComputeServiceId, Scope, ScopedKey } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { bringTo, claimAll, create, failure, nth, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

onEveryEngine("claims", (under) => {
  const withTasks = async (count: number, options: Parameters<typeof under.network>[0] = {}) => {
    const submitted = await under.network({ transformations: 1, ...options });
    const tasks = await create(under.store, nth(submitted.transformations, 0), count);
    await under.store.hubs.action(submitted.network, tasks, null, user);
    return { ...submitted, tasks, service: await under.service() };
  };
  const across = (
    scopes: readonly string[],
    service: ComputeServiceId,
    more: Partial<Parameters<typeof under.store.claims.claim>[0]> = {},
  ) =>
    under.store.claims.claim({
      service,
      count: 1,
      protocols: null,
      scopes: scopes as Scope[],
      exclude: [],
      forgiveBefore: 0,
      maxFailures: 3,
      sentScopesExclude: true,
      ...more,
    });

  it("give exactly as many entries as asked for, padded with null", async () => {
    const { hub, network, tasks, service } = await withTasks(3);
    const claim = (count: number) => under.store.claims.claimFromHub(hub, { service, count, protocols: null });
    expect(await claim(0)).toEqual([]);
    expect(await claim(-1)).toEqual([]);
    const claimed = await claim(5);
    expect(claimed).toHaveLength(5);
    expect(claimed.slice(0, 3).sort()).toEqual([...tasks].sort());
    expect(claimed.slice(3)).toEqual([null, null]);
    expect(await claim(2)).toEqual([null, null]);
    expect(await under.store.tasks.getStatuses(tasks)).toEqual(["running", "running", "running"]);
    expect((await under.store.hubs.actionedTasks([network]))[0]?.size).toBe(3);
  });

  it("of an unknown hub are nulls, of an unregistered service an error", async () => {
    const { hub, service, scope, tasks } = await withTasks(1);
    const unknown = `TaskHub-${"0".repeat(32)}-${scope}` as ScopedKey;
    expect(await under.store.claims.claimFromHub(unknown, { service, count: 2, protocols: null })).toEqual([null, null]);
    const stranger = "stranger-00000000000000000000000000000000" as ComputeServiceId;
    const refused = { name: "ServiceNotRegistered", data: { service: stranger } };
    await expect(under.store.claims.claimFromHub(hub, { service: stranger, count: 1, protocols: null })).rejects.toMatchObject(
      refused,
    );
    await expect(across([scope], stranger)).rejects.toMatchObject(refused);
    expect(await under.store.tasks.getStatuses(tasks)).toEqual(["waiting"]);
  });

  it("take whole levels of priority, the most urgent first", async () => {
    const { hub, tasks, service } = await withTasks(6);
    await under.store.tasks.setPriorities([nth(tasks, 4), nth(tasks, 5)], 1n, user);
    await under.store.tasks.setPriorities([nth(tasks, 0)], 2n ** 63n - 1n, user);
    await under.store.tasks.setPriorities([nth(tasks, 1)], 2n ** 63n - 2n, user);
    const claimed = await claimAll(under.store, hub, service, 5);
    expect(claimed.slice(0, 2).sort()).toEqual([nth(tasks, 4), nth(tasks, 5)].sort());
    expect(claimed.slice(2, 4).sort()).toEqual([nth(tasks, 2), nth(tasks, 3)].sort());
    expect(claimed[4]).toBe(tasks[1]);
    expect(await claimAll(under.store, hub, service, 5)).toEqual([tasks[0]]);
  });

  it("never draw what has no weight", async () => {
    const { hub, network, tasks, service } = await withTasks(5);
    await under.store.hubs.action(network, tasks, [0, 0, 1, 0, 0], user);
    expect(await claimAll(under.store, hub, service, 3)).toEqual([tasks[2]]);
    await under.store.hubs.action(network, [nth(tasks, 4)], 1e-300, user);
    expect(await claimAll(under.store, hub, service, 3)).toEqual([tasks[4]]);
  });

  it("keep to the Protocol classes asked for", async () => {
    const { network, hub, transformations } = await under.network({
      transformations: 6,
      protocol: (i) => (i % 2 === 0 ? "ProtocolA" : "ProtocolB"),
    });
    const tasks = await under.store.tasks.create(transformations, null, "user", user);
    await under.store.hubs.action(network, tasks, null, user);
    const service = await under.service();
    const claim = async (count: number, protocols: string[] | null) =>
      (await under.store.claims.claimFromHub(hub, { service, count, protocols })).filter((task) => task !== null);
    expect(await claim(10, ["ProtocolC"])).toEqual([]);
    expect((await claim(10, ["ProtocolB", "ProtocolC"])).sort()).toEqual([tasks[1], tasks[3], tasks[5]].sort());
    expect((await claim(10, null)).sort()).toEqual([tasks[0], tasks[2], tasks[4]].sort());
  });

  it("release a tree of extending Tasks layer by layer", async () => {
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const transformation = nth(transformations, 0);
    const [root] = await create(under.store, transformation, 1);
    if (root === undefined) throw new Error("one Task");
    const middle = await create(under.store, transformation, 2, root);
    const leaves = (await Promise.all(middle.map((task) => create(under.store, transformation, 2, task)))).flat();
    await under.store.hubs.action(network, [...leaves, ...middle, root], null, user);
    const service = await under.service();
    for (const layer of [[root], middle, leaves]) {
      const claimed = await claimAll(under.store, hub, service, 10);
      expect(claimed.sort()).toEqual([...layer].sort());
      await under.store.tasks.setStatuses(claimed, "complete", user);
    }
  });

  it("find what is actioned only after the Task that it extends has completed, wherever that was actioned", async () => {
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const [root] = await create(under.store, nth(transformations, 0), 1);
    const [child] = await create(under.store, nth(transformations, 0), 1, root);
    if (root === undefined || child === undefined) throw new Error("two Tasks");
    const service = await under.service();
    await under.store.hubs.action(network, [child], null, user);
    expect(await claimAll(under.store, hub, service, 1)).toEqual([]);
    await bringTo(under.store, root, "complete");
    expect(await claimAll(under.store, hub, service, 1)).toEqual([child]);
  });

  it("take a Task that is on several hubs once", async () => {
    const one = await under.network({ transformations: 1 });
    const two = await under.network({ scope: one.scope, transformations: 1, networkName: "two" });
    const tasks = await create(under.store, nth(one.transformations, 0), 4);
    for (const network of [one.network, two.network]) await under.store.hubs.action(network, tasks, null, user);
    const service = await under.service();
    const first = await claimAll(under.store, one.hub, service, 3);
    const second = await claimAll(under.store, two.hub, service, 3);
    expect(second).toHaveLength(1);
    expect([...first, ...second].sort()).toEqual([...tasks].sort());
    await under.store.tasks.setStatuses(first, "waiting", user);
    expect((await claimAll(under.store, two.hub, service, 5)).sort()).toEqual(first.sort());
  });

  it("come back after a Task waits again, and not while it is in error", async () => {
    const { hub, tasks, service } = await withTasks(1);
    const task = nth(tasks, 0);
    for (let i = 0; i < 3; i++) {
      expect(await claimAll(under.store, hub, service, 1)).toEqual([task]);
      await under.store.tasks.setStatuses([task], "error", user);
      expect(await claimAll(under.store, hub, service, 1)).toEqual([]);
      await under.store.tasks.setStatuses([task], "waiting", user);
    }
  });

  it("do not heed the weight of the hub or the state of the network when they are for one hub", async () => {
    const { hub, network, tasks, service } = await withTasks(1);
    await under.store.networks.setWeights([network], [0], user);
    await under.store.networks.setStates([network], ["deleted"], user);
    expect(await claimAll(under.store, hub, service, 1)).toEqual(tasks);
  });

  it("across hubs are filled from several, each hub within the scopes and not excluded", async () => {
    const a = await withTasks(2, { scope: "across-a-p" });
    const b = await withTasks(2, { scope: "across-b-p" });
    const c = await withTasks(2, { scope: "across-c-p" });
    const service = a.service;
    expect((await across(["nowhere-*-*"], service, { count: 2 })).tasks).toEqual([null, null]);
    expect((await across([], service, { count: 2 })).tasks).toEqual([null, null]);
    expect((await across(["across-*-*"], service, { count: 2, exclude: ["*-*-*" as Scope] })).tasks).toEqual([null, null]);
    const some = await across(["across-a-p", "across-b-*"], service, { count: 5, exclude: ["across-a-*" as Scope] });
    expect(some).toEqual({ denied: false, tasks: [...some.tasks.slice(0, 2), null, null, null] });
    expect(some.tasks.slice(0, 2).sort()).toEqual([...b.tasks].sort());
    const rest = await across(["across-*-*"], service, { count: 4, exclude: ["other-*-*" as Scope] });
    expect([...rest.tasks].sort()).toEqual([...a.tasks, ...c.tasks].sort());
    expect((await across(["across-*-*"], service, { count: 0 })).tasks).toEqual([]);
  });

  it("across hubs draw no hub without weight, and only those with a Protocol asked for", async () => {
    const a = await withTasks(1, { scope: "weights-a-p", protocol: () => "ProtocolA" });
    const b = await withTasks(1, { scope: "weights-b-p", protocol: () => "ProtocolB" });
    await under.store.networks.setWeights([a.network], [0], user);
    expect((await across(["weights-*-*"], a.service, { count: 3, protocols: ["ProtocolA"] })).tasks).toEqual([null, null, null]);
    expect((await across(["weights-*-*"], a.service, { count: 3, protocols: ["ProtocolB"] })).tasks).toEqual([
      b.tasks[0],
      null,
      null,
    ]);
    await under.store.networks.setWeights([a.network], [0.01], user);
    await under.store.networks.setStates([a.network], ["inactive"], user);
    expect((await across(["weights-*-*"], a.service)).tasks).toEqual(a.tasks);
  });

  it("are denied to a service that has failed too often lately, and failures are forgotten for good", async () => {
    const { tasks, service, scope, hub } = await withTasks(6);
    const start = Date.now() * 1000;
    for (let i = 0; i < 4; i++) {
      under.setClock(start + i * 1_000_000);
      const [task] = await claimAll(under.store, hub, service, 1);
      if (task === undefined) throw new Error("a Task is left");
      await under.store.results.report(failure(task, service, "boom", { resultKey: `ProtocolDAGResult-${i}` }));
    }
    under.setClock(null);
    const claim = (forgiveBefore: number, maxFailures: number) => across([scope], service, { forgiveBefore, maxFailures });
    expect(await claim(start - 1, 3)).toEqual({ denied: true, tasks: [] });
    expect((await claim(start - 1, 4)).denied).toBe(false);
    // The first one is as old as the limit, and so forgiven.
    expect((await claim(start, 3)).denied).toBe(false);
    expect((await claim(start - 1, 3)).denied).toBe(false);
    expect((await claim(start - 1, 2)).denied).toBe(true);
    expect(tasks).toHaveLength(6);
  });

  it("keep what the service shows of its generation", async () => {
    const { tasks, service, scope } = await withTasks(1);
    await across([scope], service, { sentScopesExclude: false });
    expect(await under.store.claims.holder(nth(tasks, 0))).toEqual({ service, sentManagerKey: true, sentScopesExclude: false });
    await across([scope], service, { sentScopesExclude: true });
    expect(await under.store.services.get(service)).toMatchObject({ sentScopesExclude: true });
  });

  it("of many at once on one hub give every Task to one only", async () => {
    const { hub, tasks } = await withTasks(300);
    const services = await Promise.all(Array.from({ length: 8 }, () => under.service()));
    const claimed = (
      await Promise.all(
        services.map(async (service, i) => {
          const mine: ScopedKey[] = [];
          for (;;) {
            const batch = await claimAll(under.store, hub, service, 1 + (i % 3));
            if (batch.length === 0) return mine;
            mine.push(...batch);
          }
        }),
      )
    ).flat();
    expect(claimed).toHaveLength(300);
    expect(new Set(claimed)).toEqual(new Set(tasks));
  });
});
