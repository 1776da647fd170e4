import type { Scope } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { bringTo, create, nth, unknownNetwork, unknownTask, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

onEveryEngine("hubs", (under) => {
  it("take waiting, running and errored Tasks of their network's Transformations, once", async () => {
    const { transformations, network, scope } = await under.network();
    const transformation = nth(transformations, 0);
    const tasks = await create(under.store, transformation, 6);
    const statuses = ["waiting", "running", "error", "complete", "invalid", "deleted"] as const;
    for (const [i, status] of statuses.entries()) await bringTo(under.store, nth(tasks, i), status);
    const input = [...tasks, unknownTask(scope), nth(tasks, 0), transformation];
    expect(await under.store.hubs.action(network, input, null, user)).toEqual([
      tasks[0],
      tasks[1],
      tasks[2],
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(await under.store.hubs.action(network, [...tasks].reverse(), null, user)).toEqual(tasks.map(() => null));
    expect(await under.store.tasks.getStatuses(tasks)).toEqual(statuses);
    expect(await under.store.hubs.actionedTasks([network, unknownNetwork(scope), network])).toEqual([
      new Map([0, 1, 2].map((i) => [nth(tasks, i), 0.5])),
      new Map(),
      new Map([0, 1, 2].map((i) => [nth(tasks, i), 0.5])),
    ]);
    expect(await under.store.hubs.action(unknownNetwork(scope), tasks, null, user)).toEqual(tasks.map(() => null));
  });

  it("answer in the order of the input", async () => {
    const { transformations, network } = await under.network();
    const tasks = await create(under.store, nth(transformations, 0), 20);
    const reversed = [...tasks].reverse();
    expect(await under.store.hubs.action(network, reversed, null, user)).toEqual(reversed);
    expect(await under.store.hubs.cancel(network, tasks, user)).toEqual(tasks);
  });

  it("take no Task whose Transformation their network does not have", async () => {
    const one = await under.network({ transformations: 1 });
    const two = await under.network({ scope: one.scope, transformations: 1, name: "unrelated" });
    const tasks = await create(under.store, nth(one.transformations, 0), 2);
    expect(await under.store.hubs.action(two.network, tasks, null, user)).toEqual([null, null]);
    const elsewhere = await under.network({ transformations: 1 });
    expect(await under.store.hubs.action(elsewhere.network, tasks, null, user)).toEqual([null, null]);
  });

  it("may share a Task, with a weight each", async () => {
    const one = await under.network();
    const two = await under.network({ scope: one.scope, networkName: "two" });
    const tasks = await create(under.store, nth(one.transformations, 0), 1);
    await under.store.hubs.action(one.network, tasks, 0.1, user);
    await under.store.hubs.action(two.network, tasks, 0.9, user);
    expect(await under.store.hubs.actionedNetworks(nth(tasks, 0))).toEqual(
      new Map([
        [one.network, 0.1],
        [two.network, 0.9],
      ]),
    );
    await under.store.hubs.cancel(one.network, tasks, user);
    expect(await under.store.hubs.actionedNetworks(nth(tasks, 0))).toEqual(new Map([[two.network, 0.9]]));
    expect(await under.store.hubs.actionedNetworks(unknownTask(one.scope))).toEqual(new Map());
  });

  it("give the listed weights to the listed Tasks, also to those actioned before, and leave the others", async () => {
    const { transformations, network } = await under.network();
    const tasks = await create(under.store, nth(transformations, 0), 4);
    const [a, b, c, d] = [nth(tasks, 0), nth(tasks, 1), nth(tasks, 2), nth(tasks, 3)];
    const weights = async () => (await under.store.hubs.actionedTasks([network]))[0];
    expect(await under.store.hubs.action(network, [a, b], [0, 1], user)).toEqual([a, b]);
    expect(await under.store.hubs.action(network, [b, c], null, user)).toEqual([null, c]);
    expect(await weights()).toEqual(
      new Map([
        [a, 0],
        [b, 1],
        [c, 0.5],
      ]),
    );
    expect(await under.store.hubs.action(network, [d, a, d], [0.2, 0.3, 0.4], user)).toEqual([d, null, null]);
    expect(await weights()).toEqual(
      new Map([
        [a, 0.3],
        [b, 1],
        [c, 0.5],
        [d, 0.4],
      ]),
    );
    await under.store.hubs.action(network, [a, b, c, d], 0.7, user);
    expect(new Set((await weights())?.values())).toEqual(new Set([0.7]));
  });

  it("let go of what is cancelled, whatever its status, and keep status and claim", async () => {
    const { transformations, network, hub, scope } = await under.network();
    const tasks = await create(under.store, nth(transformations, 0), 2);
    await under.store.hubs.action(network, tasks, null, user);
    const service = await under.service();
    await under.store.claims.claimFromHub(hub, { service, count: 2, protocols: null });
    const first = nth(tasks, 0);
    expect(await under.store.hubs.cancel(network, [first, unknownTask(scope), first], user)).toEqual([first, null, first]);
    expect(await under.store.hubs.cancel(network, [first], user)).toEqual([null]);
    expect(await under.store.hubs.cancel(unknownNetwork(scope), [first], user)).toEqual([null]);
    expect(await under.store.tasks.getStatuses([first])).toEqual(["running"]);
    expect(await under.store.claims.holder(first)).toMatchObject({ service });
  });

  it("are listed by place and key, with their networks and weights", async () => {
    const b = await under.network({ scope: "hubs-b-p" });
    const a1 = await under.network({ scope: "hubs-a-p" });
    const a2 = await under.network({ scope: "hubs-a-p", networkName: "two" });
    await under.store.networks.setWeights([b.network], [0.125], user);
    const listed = await under.store.hubs.query({ scopes: ["hubs-*-*" as Scope] });
    const inA = [a1, a2].sort((x, y) => (x.hub < y.hub ? -1 : 1)).map(({ hub, network }) => ({ hub, network, weight: 0.5 }));
    expect(listed).toEqual([...inA, { hub: b.hub, network: b.network, weight: 0.125 }]);
    expect(await under.store.hubs.query({ scopes: [] })).toEqual([]);
  });
});
