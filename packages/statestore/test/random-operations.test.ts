/** Random sequences of operations give what the model says, and leave every row that can be claimed with a key, and no other. */
import { DatabaseSync } from "node:sqlite";
import { type ComputeServiceId, type ScopedKey, type TaskStatus, taskStatuses } from "@alchemiscale/contract";
import fc from "fast-check";
import { expect, it } from "vitest";
import { failure, nth, report, unknownTask, user } from "./given.ts";
import { ModelStore, type ModelTask } from "./model-store.ts";
import { onEveryEngine, type StoreUnderTest } from "./on-every-engine.ts";
import { sampleNetwork } from "./sample-network.ts";

const protocols = ["ProtocolA", "ProtocolB", "ProtocolA"];
/** Two networks that share a Transformation. */
const hubsOf = [
  [0, 1],
  [1, 2],
] as const;

const index = fc.nat({ max: 15 });
const several = fc.array(index, { maxLength: 8, size: "max" });
const weight = fc.constantFrom(0, 0.25, 0.5, 1);
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("create" as const),
      transformations: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 4 }),
      parent: fc.option(index, { freq: 3 }),
      foreign: fc.constantFrom(false, false, false, false, true),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("action" as const),
      hub: fc.nat({ max: 1 }),
      tasks: several,
      weights: fc.oneof(fc.constant(null), weight, fc.array(weight, { minLength: 8, maxLength: 8 })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("claim" as const),
      hub: fc.nat({ max: 1 }),
      count: fc.nat({ max: 4 }),
      service: fc.nat({ max: 1 }),
      protocols: fc.constantFrom(null, null, ["ProtocolA"], ["ProtocolB", "ProtocolC"]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("claimAcross" as const), count: fc.nat({ max: 6 }), service: fc.nat({ max: 1 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("status" as const),
      tasks: several,
      to: fc.constantFrom<TaskStatus>(...taskStatuses, "waiting", "complete"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("priority" as const),
      tasks: several,
      priority: fc.constantFrom(1n, 2n, 10n, 2n ** 63n - 1n),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), hub: fc.nat({ max: 1 }), tasks: several }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("report" as const),
      task: index,
      ok: fc.boolean(),
      key: fc.nat({ max: 2 }),
      poster: fc.constantFrom(0, 1, "None" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("finish" as const), tasks: several, ok: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deregister" as const), service: fc.nat({ max: 1 }) }) },
);
type RandomOperation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

class Run {
  readonly #under: StoreUnderTest;
  readonly #model = new ModelStore(hubsOf, protocols);
  readonly #keys = new Map<string, ModelTask>();
  #transformations: ScopedKey[] = [];
  #networks: ScopedKey[] = [];
  #hubs: ScopedKey[] = [];
  #services: ComputeServiceId[] = [];
  readonly scope: string;

  constructor(under: StoreUnderTest) {
    this.#under = under;
    this.scope = under.scope();
  }

  async begin(): Promise<void> {
    const all = sampleNetwork({ scope: this.scope, transformations: 3, protocol: (i) => nth(protocols, i) });
    for (const [i, members] of hubsOf.entries()) {
      const own = sampleNetwork({
        scope: this.scope,
        transformations: 3,
        protocol: (k) => nth(protocols, k),
        networkName: `network ${i}`,
      });
      const transformations = members.map((k) => nth(own.transformations, k));
      const { network, hub } = await this.#under.store.networks.submit({ ...own, transformations }, user);
      this.#networks.push(network);
      this.#hubs.push(hub);
    }
    this.#transformations = all.transformations.map(({ key }) => `${key}-${this.scope}` as ScopedKey);
    this.#services = [await this.#under.service(), await this.#under.service()];
    // Roots, children and grandchildren, most of them on the hubs.
    await this.apply({ kind: "create", transformations: [0, 1, 2, 1], parent: null, foreign: false });
    for (const parent of [0, 1, 2, 4, 5]) await this.apply({ kind: "create", transformations: [0], parent, foreign: false });
    const everyone = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    for (const hub of [0, 1]) await this.apply({ kind: "action", hub, tasks: everyone, weights: null });
  }

  #pick(i: number): { key: ScopedKey; task: ModelTask | null } {
    const { tasks } = this.#model;
    // Now and then a Task that does not exist.
    if (tasks.length === 0 || i === 15) return { key: unknownTask(this.scope), task: null };
    const task = nth(tasks, i % tasks.length);
    return { key: task.name as ScopedKey, task };
  }

  async apply(op: RandomOperation): Promise<void> {
    const { store } = this.#under;
    const model = this.#model;
    switch (op.kind) {
      case "create": {
        const parent = op.parent === null ? null : this.#pick(op.parent);
        const first = op.foreign ? (op.transformations[0] ?? 0) : (parent?.task?.transformation ?? 0);
        const transformations = op.transformations.map((t) => (parent === null ? t : first));
        const extend = parent === null ? null : transformations.map(() => parent.key);
        const allowed = parent === null || (parent.task !== null && model.mayExtend(parent.task, first));
        const created = store.tasks.create(
          transformations.map((t) => nth(this.#transformations, t)),
          extend,
          null,
          user,
        );
        if (!allowed) {
          await expect(created).rejects.toMatchObject({ name: "CannotExtend" });
          return;
        }
        for (const [i, key] of (await created).entries())
          this.#keys.set(key, model.create(key, nth(transformations, i), parent?.task ?? null));
        return;
      }
      case "action": {
        const picked = op.tasks.map((i) => this.#pick(i));
        const weights = Array.isArray(op.weights) ? op.weights.slice(0, picked.length) : op.weights;
        const reply = await store.hubs.action(
          nth(this.#networks, op.hub),
          picked.map(({ key }) => key),
          weights,
          user,
        );
        const last = new Map(picked.map(({ task }, i) => [task, Array.isArray(weights) ? (weights[i] ?? null) : weights]));
        expect(reply).toEqual(
          picked.map(({ key, task }) => (task !== null && model.action(task, op.hub, last.get(task) ?? null) ? key : null)),
        );
        return;
      }
      case "claim": {
        const service = nth(this.#services, op.service);
        const before = model.claimable(op.hub, op.protocols);
        const reply = await store.claims.claimFromHub(nth(this.#hubs, op.hub), {
          service,
          count: op.count,
          protocols: op.protocols,
        });
        expect(reply).toHaveLength(op.count);
        const claimed = this.#claimed(reply);
        expect(claimed).toHaveLength(Math.min(op.count, before.length));
        // Level by level, the most urgent first.
        const levels = before.map(({ priority }) => priority).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        expect(claimed.map(({ priority }) => priority)).toEqual(levels.slice(0, claimed.length));
        for (const task of claimed) {
          expect(before).toContain(task);
          model.claim(task, service);
        }
        return;
      }
      case "claimAcross": {
        const service = nth(this.#services, op.service);
        const before = new Set([...model.claimable(0, null), ...model.claimable(1, null)]);
        const { denied, tasks } = await store.claims.claim({
          service,
          count: op.count,
          protocols: null,
          scopes: [this.scope as never],
          exclude: [],
          forgiveBefore: 0,
          maxFailures: 1e9,
          sentScopesExclude: true,
        });
        expect(denied).toBe(false);
        const claimed = this.#claimed(tasks);
        expect(claimed).toHaveLength(Math.min(op.count, before.size));
        for (const task of claimed) {
          expect(before.has(task)).toBe(true);
          model.claim(task, service);
        }
        return;
      }
      case "status": {
        const picked = op.tasks.map((i) => this.#pick(i));
        const reply = await store.tasks.setStatuses(
          picked.map(({ key }) => key),
          op.to,
          user,
        );
        expect(reply).toEqual(picked.map(({ key, task }) => (task !== null && model.setStatus(task, op.to) ? key : null)));
        return;
      }
      case "priority": {
        const picked = op.tasks.map((i) => this.#pick(i));
        const reply = await store.tasks.setPriorities(
          picked.map(({ key }) => key),
          op.priority,
          user,
        );
        expect(reply).toEqual(picked.map(({ key, task }) => (task === null ? null : key)));
        for (const { task } of picked) if (task !== null) task.priority = op.priority;
        return;
      }
      case "cancel": {
        const picked = op.tasks.map((i) => this.#pick(i));
        const reply = await store.hubs.cancel(
          nth(this.#networks, op.hub),
          picked.map(({ key }) => key),
          user,
        );
        expect(reply).toEqual(picked.map(({ key, task }) => (task?.hubs.has(op.hub) ? key : null)));
        for (const { task } of picked) task?.hubs.delete(op.hub);
        return;
      }
      case "report": {
        const { key, task } = this.#pick(op.task);
        const poster = op.poster === "None" ? "None" : nth(this.#services, op.poster);
        const resultKey = `ProtocolDAGResult-${op.key}`;
        const posted = store.results.report(
          op.ok ? report(key, poster, { resultKey }) : failure(key, poster, "boom", { resultKey }),
        );
        if (task === null) await expect(posted).rejects.toMatchObject({ name: "TaskNotFound" });
        else {
          await posted;
          model.report(task, resultKey, op.ok, poster);
        }
        return;
      }
      case "finish": {
        const picked = op.tasks.map((i) => this.#pick(i));
        for (const to of ["running", op.ok ? "complete" : "error"] as const) {
          const reply = await store.tasks.setStatuses(
            picked.map(({ key }) => key),
            to,
            user,
          );
          expect(reply).toEqual(picked.map(({ key, task }) => (task !== null && model.setStatus(task, to) ? key : null)));
        }
        return;
      }
      case "deregister": {
        const service = nth(this.#services, op.service);
        await store.services.deregister(service, user);
        model.deregister(service);
        this.#services[op.service] = await this.#under.service();
        return;
      }
    }
  }

  #claimed(reply: readonly (ScopedKey | null)[]): ModelTask[] {
    const present = reply.filter((key) => key !== null);
    expect(reply.slice(present.length).every((key) => key === null)).toBe(true);
    return present.map((key) => {
      const task = this.#keys.get(key);
      if (task === undefined) throw new Error(`${key} was never created`);
      return task;
    });
  }

  /** The whole state is that of the model. */
  async compare(): Promise<void> {
    const { store } = this.#under;
    const { tasks } = this.#model;
    const keys = tasks.map(({ name }) => name as ScopedKey);
    expect(await store.tasks.getStatuses(keys)).toEqual(tasks.map(({ status }) => status));
    expect(await store.tasks.getPriorities(keys)).toEqual(tasks.map(({ priority }) => priority));
    expect(await store.hubs.actionedTasks(this.#networks)).toEqual(
      hubsOf.map((_, hub) => new Map(tasks.flatMap((task) => (task.hubs.has(hub) ? [[task.name, task.hubs.get(hub)]] : [])))),
    );
    const holders = await Promise.all(keys.map((key) => store.claims.holder(key)));
    expect(holders.map((holder) => holder?.service ?? null)).toEqual(tasks.map(({ service }) => service));
    if (this.#under.engine === "SQLite") this.#compareKeys();
  }

  /** Only what can be claimed carries a key; the rows repeat what they should of their Task. */
  #compareKeys(): void {
    const database = new DatabaseSync(this.#under.url.slice("sqlite:".length), { readOnly: true });
    const rows = database
      .prepare(
        `select t.token as token, cast(a.priority as text) as priority, a.draw is not null as keyed,
           row_number() over (partition by a.task order by a.network) as n, o.key as network
         from actioned a join task t on t.id = a.task join scope s on s.id = t.scope join object o on o.id = a.network where s.text = ?`,
      )
      .all(this.scope);
    database.close();
    for (const row of rows) {
      const task = this.#keys.get(`Task-${row.token}-${this.scope}`);
      const hub = this.#networks.indexOf(`${row.network}-${this.scope}` as ScopedKey);
      if (task === undefined) throw new Error("every row is of a Task that was created");
      expect(row.priority).toBe(String(task.priority));
      expect(row.keyed === 1).toBe(this.#model.claimable(hub, null).includes(task));
    }
  }
}

onEveryEngine("random operations", (under) => {
  it("do what the model says", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 60, size: "max" }), async (operations) => {
        const run = new Run(under);
        await run.begin();
        for (const [i, op] of operations.entries()) {
          await run.apply(op);
          if (i % 8 === 7) await run.compare();
        }
        await run.compare();
      }),
      { numRuns: under.engine === "SQLite" ? 60 : 15 },
    );
  });
});
