import { readFileSync } from "node:fs";
import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import { taskStatuses } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { bringTo, create, nth, unknownNetwork, unknownTask, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

interface TableRow {
  readonly from: TaskStatus;
  readonly to: TaskStatus;
  readonly store_allows: boolean;
  readonly effects: {
    readonly drops_claim: boolean;
    readonly drops_actions: boolean;
    readonly cascades_to_extending_tasks: boolean;
  } | null;
}
const table = JSON.parse(readFileSync(new URL("./fixtures/task_status.json", import.meta.url), "utf8")) as { rows: TableRow[] };

onEveryEngine("tasks", (under) => {
  it("are created waiting, one for each entry, in the order of the input", async () => {
    const { transformations, scope, network } = await under.network({ transformations: 3 });
    const wanted = [2, 0, 1, 0, 2].map((i) => nth(transformations, i));
    const tasks = await under.store.tasks.create(wanted, null, "user", user);
    expect(new Set(tasks).size).toBe(5);
    for (const [i, task] of tasks.entries()) {
      expect(task).toMatch(new RegExp(`^Task-[0-9a-f]{32}-${scope}$`));
      expect(await under.store.tasks.transformationOf(task)).toBe(wanted[i]);
      expect(await under.store.tasks.networksOf(task)).toEqual([network]);
      expect(await under.store.objects.exists(task)).toBe(true);
    }
    expect(await under.store.tasks.getStatuses(tasks)).toEqual(tasks.map(() => "waiting"));
    expect(await under.store.tasks.getPriorities(tasks)).toEqual(tasks.map(() => 10n));
    expect(await under.store.tasks.create([], null, null, user)).toEqual([]);
  });

  it("take the scope of their own Transformation", async () => {
    const [one, two] = [await under.network(), await under.network()];
    const tasks = await under.store.tasks.create([nth(one.transformations, 0), nth(two.transformations, 0)], null, null, user);
    expect(nth(tasks, 0).endsWith(one.scope)).toBe(true);
    expect(nth(tasks, 1).endsWith(two.scope)).toBe(true);
  });

  it("extend Tasks of the same Transformation, each its own parent", async () => {
    const { transformations } = await under.network();
    const transformation = nth(transformations, 0);
    const parents = await create(under.store, transformation, 50);
    const children = await under.store.tasks.create(
      parents.map(() => transformation),
      parents.map((p, i) => (i % 2 === 0 ? p : null)),
      "user",
      user,
    );
    const all = await under.store.tasks.ofTransformation(transformation);
    const extended = new Map(all.map((task) => [task.task, task.extends]));
    for (const [i, child] of children.entries()) expect(extended.get(child)).toBe(i % 2 === 0 ? parents[i] : null);
  });

  it("are refused all together when one cannot be created", async () => {
    const { transformations, scope, systems } = await under.network();
    const [transformation, other] = [nth(transformations, 0), nth(transformations, 1)];
    const [parent, foreign, gone] = [
      ...(await create(under.store, transformation, 1)),
      ...(await create(under.store, other, 1)),
      ...(await create(under.store, transformation, 1)),
    ];
    if (parent === undefined || foreign === undefined || gone === undefined) throw new Error("three Tasks");
    await bringTo(under.store, gone, "deleted");
    const before = (await under.store.tasks.ofTransformation(transformation)).length;
    const attempt = (extend: ScopedKey | null) =>
      under.store.tasks.create([transformation, transformation], [null, extend], null, user);
    await expect(attempt(foreign)).rejects.toMatchObject({
      name: "CannotExtend",
      data: { reason: "transformation", extends: foreign },
    });
    await expect(attempt(gone)).rejects.toThrow(`Cannot extend ${gone}`);
    await expect(attempt(unknownTask(scope))).rejects.toMatchObject({ name: "CannotExtend", data: { reason: "missing" } });
    await expect(attempt(transformation)).rejects.toThrow(`\`extends\` ScopedKey (${transformation}`);
    await expect(under.store.tasks.create([transformation], [null, null], null, user)).rejects.toMatchObject({
      data: { reason: "length" },
    });
    for (const no of [`Transformation-${"0".repeat(32)}-${scope}` as ScopedKey, nth(systems, 0), unknownNetwork(scope)]) {
      await expect(under.store.tasks.create([transformation, no], null, null, user)).rejects.toMatchObject({
        name: "TransformationNotFound",
        data: { transformation: no },
      });
    }
    expect((await under.store.tasks.ofTransformation(transformation)).length).toBe(before);
    for (const status of ["waiting", "running", "error", "complete"] as const) {
      const [task] = await create(under.store, transformation, 1);
      if (task === undefined) throw new Error("one Task");
      await bringTo(under.store, task, status);
      expect(await attempt(task)).toHaveLength(2);
    }
  });

  it("are found by scope and status, by network, and by what they extend", async () => {
    const { transformations, network, scope } = await under.network();
    const transformation = nth(transformations, 0);
    const [root] = await create(under.store, transformation, 1);
    if (root === undefined) throw new Error("one Task");
    const [middle] = await create(under.store, transformation, 1, root);
    if (middle === undefined) throw new Error("one Task");
    const [leaf] = await create(under.store, transformation, 1, middle);
    const [elsewhere] = await create(under.store, nth(transformations, 1), 1);
    await bringTo(under.store, root, "complete");
    const { tasks } = under.store;
    expect(await tasks.query({ scopes: [scope] })).toEqual([root, middle, leaf, elsewhere].sort());
    expect(await tasks.query({ scopes: [scope], status: "complete" })).toEqual([root]);
    expect(await tasks.query({ scopes: [scope], status: "nonsense" })).toEqual([]);
    expect(await tasks.ofNetwork(network)).toEqual([root, middle, leaf, elsewhere]);
    expect(await tasks.ofNetwork(network, "waiting")).toEqual([middle, leaf, elsewhere]);
    expect(await tasks.ofNetwork(unknownNetwork(scope))).toEqual([]);
    expect(await tasks.ofTransformation(transformation, { extends: root })).toEqual([
      { task: middle, extends: root },
      { task: leaf, extends: middle },
    ]);
    expect(await tasks.ofTransformation(transformation, { extends: middle, status: "complete" })).toEqual([]);
    expect(await tasks.ofTransformation(nth(transformations, 1), { extends: root })).toEqual([]);
    for (const odd of ["", "nonsense", unknownTask(scope), `${root}x`])
      expect(await tasks.ofTransformation(transformation, { extends: odd })).toEqual([]);
    expect(await tasks.ofTransformation(transformation, { status: "complete" })).toEqual([{ task: root, extends: null }]);
    expect(await tasks.transformationOf(unknownTask(scope))).toBeNull();
    expect(await tasks.networksOf(unknownTask(scope))).toEqual([]);
  });

  it.each(table.rows)("move from $from to $to as the Python server's do", async ({ from, to, store_allows, effects }) => {
    const { transformations, network } = await under.network({ transformations: 1 });
    const [task] = await create(under.store, nth(transformations, 0), 1);
    if (task === undefined) throw new Error("one Task");
    await under.store.hubs.action(network, [task], null, user);
    await bringTo(under.store, task, from);
    const actioned = (await under.store.hubs.actionedNetworks(task)).size;
    expect(await under.store.tasks.setStatuses([task, null, task], to, user)).toEqual(
      store_allows ? [task, null, task] : [null, null, null],
    );
    expect(await under.store.tasks.getStatuses([task])).toEqual([store_allows ? to : from]);
    if (effects !== null) expect((await under.store.hubs.actionedNetworks(task)).size).toBe(effects.drops_actions ? 0 : actioned);
  });

  it.each(taskStatuses)("lose their claim when set to %s, but for running", async (to) => {
    const { transformations, network, hub } = await under.network({ transformations: 1 });
    const [task] = await create(under.store, nth(transformations, 0), 1);
    if (task === undefined) throw new Error("one Task");
    await under.store.hubs.action(network, [task], null, user);
    const service = await under.service();
    await under.store.claims.claimFromHub(hub, { service, count: 1, protocols: null });
    expect(await under.store.claims.holder(task)).toMatchObject({ service });
    await under.store.tasks.setStatuses([task], to, user);
    expect(await under.store.claims.holder(task)).toEqual(
      to === "running" ? { service, sentManagerKey: true, sentScopesExclude: null } : null,
    );
  });

  it.each(["invalid", "deleted"] as const)(
    "take the whole tree below them along to %s, but for what has ended already",
    async (to) => {
      const { transformations, network } = await under.network();
      const transformation = nth(transformations, 0);
      const [root] = await create(under.store, transformation, 1);
      if (root === undefined) throw new Error("one Task");
      const level1 = await create(under.store, transformation, 2, root);
      const level2 = (await Promise.all(level1.map((task) => create(under.store, transformation, 2, task)))).flat();
      const tree = [root, ...level1, ...level2];
      await under.store.hubs.action(network, tree, null, user);
      const other = to === "invalid" ? "deleted" : "invalid";
      await bringTo(under.store, nth(level2, 0), other);
      await bringTo(under.store, nth(level2, 1), "complete");
      await bringTo(under.store, nth(level1, 1), "running");
      expect(await under.store.tasks.setStatuses([root], to, user)).toEqual([root]);
      expect(await under.store.tasks.getStatuses(tree)).toEqual([to, to, to, other, to, to, to]);
      expect(await under.store.hubs.actionedTasks([network])).toEqual([new Map()]);
    },
  );

  it("answer one for each position, duplicates and missing ones included", async () => {
    const { transformations, scope, network } = await under.network();
    const tasks = await create(under.store, nth(transformations, 0), 3);
    const two = await under.network({ scope, networkName: "two" });
    for (const hub of [network, two.network]) await under.store.hubs.action(hub, tasks, null, user);
    const input = [nth(tasks, 1), unknownTask(scope), nth(tasks, 0), null, nth(tasks, 1), transformations[0] ?? null];
    expect(await under.store.tasks.setStatuses(input, "deleted", user)).toEqual([tasks[1], null, tasks[0], null, tasks[1], null]);
    expect(await under.store.tasks.getStatuses(input)).toEqual(["deleted", null, "deleted", null, "deleted", null]);
    expect(await under.store.tasks.setStatuses([], "deleted", user)).toEqual([]);
  });

  it("have priorities of 64 bits", async () => {
    const { transformations, scope } = await under.network();
    const tasks = await create(under.store, nth(transformations, 0), 2);
    const most = 2n ** 63n - 1n;
    expect(await under.store.tasks.setPriorities([nth(tasks, 0), unknownTask(scope), null], most, user)).toEqual([
      tasks[0],
      null,
      null,
    ]);
    expect(await under.store.tasks.setPriorities([nth(tasks, 0)], most, user)).toEqual([tasks[0]]);
    expect(await under.store.tasks.getPriorities([...tasks, unknownTask(scope), null])).toEqual([most, 10n, null, null]);
    await under.store.tasks.setPriorities([nth(tasks, 0)], most - 1n, user);
    expect(await under.store.tasks.getPriorities(tasks)).toEqual([most - 1n, 10n]);
  });

  it("leave a trace of every change: when, what, from, to, who and why", async () => {
    const { transformations, network, hub } = await under.network();
    const [task] = await create(under.store, nth(transformations, 0), 1);
    if (task === undefined) throw new Error("one Task");
    const before = await under.store.events.latest();
    await under.store.hubs.action(network, [task], 0.25, { identity: "ana", strategy: "binary search", reason: "wanted" });
    await under.store.hubs.action(network, [task], 0.75, { identity: "ana" });
    await under.store.tasks.setPriorities([task], 3n, { identity: "ana" });
    const service = await under.service();
    await under.store.claims.claimFromHub(hub, { service, count: 1, protocols: null });
    await under.store.tasks.setStatuses([task], "waiting", { identity: "ana", reason: "stuck" });
    await under.store.hubs.cancel(network, [task], { identity: "ana" });
    const events = await under.store.events.ofTask(task, before);
    expect(
      events.map(({ kind, from, to, identity, service, reason, strategy }) => [
        kind,
        from,
        to,
        identity,
        service,
        strategy,
        reason,
      ]),
    ).toEqual([
      ["action", null, "0.25", "ana", null, "binary search", "wanted"],
      ["weight", "0.25", "0.75", "ana", null, null, null],
      ["priority", "10", "3", "ana", null, null, null],
      ["claim", "waiting", "running", null, service, null, null],
      ["status", "running", "waiting", "ana", null, null, "stuck"],
      ["cancel", null, null, "ana", null, null, null],
    ]);
    expect(events.every((event) => event.task === task && Math.abs(event.at - Date.now() * 1000) < 60e6)).toBe(true);
    expect(nth(events, 0).network).toBe(network);
    expect(await under.store.events.ofTask(task, nth(events, 1).id, 2)).toEqual(events.slice(2, 4));
    expect((await under.store.events.ofTask(task)).map(({ kind }) => kind)[0]).toBe("create");
  });
});
