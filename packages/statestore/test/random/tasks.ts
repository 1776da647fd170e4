import { type TaskStatus, taskStatuses } from "@alchemiscale/contract";
import fc from "fast-check";
import { expect } from "vitest";
import { nth, user } from "../given.ts";
import { inScopes } from "../model/model.ts";
import { cannotExtend, createTask, descendants, setStatus } from "../model/tasks.ts";
import {
  anyIndex,
  inKeyOrder,
  networkIndex,
  operation,
  type RandomOperation,
  scopeSet,
  someIndices,
  sorted,
  type World,
} from "./world.ts";

const status = fc.constantFrom<TaskStatus>(...taskStatuses, "waiting", "complete");
const position = fc.record({
  transformation: fc.nat({ max: 20 }),
  /** Of its parent's own Transformation, mostly. */
  foreign: fc.constantFrom(false, false, false, false, false, true),
  parent: fc.option(anyIndex, { freq: 2 }),
});

export const taskOperations: readonly RandomOperation[] = [
  operation({
    name: "create Tasks",
    weight: 5,
    arguments: fc.array(position, { minLength: 1, maxLength: 4 }),
    async apply(world, given) {
      const { model } = world;
      const rows = given.map(({ transformation, foreign, parent }) => {
        const extended = parent === null ? null : world.task(parent);
        const own = foreign ? undefined : extended?.task?.transformation;
        return { extended, transformation: own ?? world.transformation(transformation) };
      });
      const extend = rows.map(({ extended }) => extended?.key ?? null);
      const creating = world.store.tasks.create(
        rows.map(({ transformation }) => transformation.key),
        extend.every((key) => key === null) ? null : extend,
        "user",
        user,
      );
      const refused = rows.some(
        ({ extended, transformation }) => extended !== null && cannotExtend(extended.task, transformation) !== null,
      );
      const missing = rows.some(({ transformation }) => !model.transformations.includes(transformation));
      if (refused || missing) {
        // All or none; which of two faults is named is not laid down.
        const names = [...(refused ? ["CannotExtend"] : []), ...(missing ? ["TransformationNotFound"] : [])];
        const error: unknown = await creating.then(
          () => null,
          (reason) => reason,
        );
        expect(names).toContain(error instanceof Error ? error.name : "nothing");
        return;
      }
      const created = await creating;
      expect(created).toHaveLength(rows.length);
      for (const [i, key] of created.entries()) {
        const { extended, transformation } = nth(rows, i);
        expect(key.endsWith(`-${transformation.scope}`)).toBe(true);
        world.created(createTask(model, key, transformation, extended?.task ?? null));
      }
    },
  }),
  operation({
    name: "set statuses of Tasks",
    weight: 4,
    arguments: fc.record({ tasks: someIndices, to: status }),
    async apply(world, { tasks, to }) {
      await setStatuses(world, world.tasks(tasks), to);
    },
  }),
  operation({
    name: "run Tasks to their end by hand",
    weight: 2,
    arguments: fc.record({ tasks: someIndices, end: fc.constantFrom<TaskStatus>("complete", "error") }),
    async apply(world, { tasks, end }) {
      const picked = world.tasks(tasks);
      for (const to of ["running", end] as const) await setStatuses(world, picked, to);
    },
  }),
  operation({
    name: "set priorities of Tasks",
    weight: 2,
    arguments: fc.record({ tasks: someIndices, priority: fc.constantFrom(1n, 2n, 10n, 2n ** 53n + 1n, 2n ** 63n - 1n) }),
    async apply(world, { tasks, priority }) {
      const picked = world.tasks(tasks);
      const keys = picked.map(({ key }) => key);
      const reply = await world.store.tasks.setPriorities(keys, priority, user);
      expect(reply).toEqual(picked.map(({ key, task }) => (task === null ? null : key)));
      for (const { task } of picked) if (task !== null) task.priority = priority;
      expect(await world.store.tasks.getPriorities([...keys, null])).toEqual([
        ...picked.map(({ task }) => task?.priority ?? null),
        null,
      ]);
    },
  }),
  operation({
    name: "ask for Tasks",
    weight: 1,
    arguments: fc.record({ task: anyIndex, network: networkIndex, status: fc.option(status), scopes: scopeSet }),
    async apply(world, { task: i, network: n, status: wanted, scopes: set }) {
      const { tasks } = world.store;
      const { model } = world;
      const is = ({ status: has }: { status: TaskStatus }) => wanted === null || has === wanted;
      const filter = wanted === null ? {} : { status: wanted };
      const scopes = world.scopeSets(set);
      const rows = model.tasks.filter((task) => is(task) && inScopes(scopes, task.transformation.scope));
      expect(await tasks.query({ scopes, ...filter })).toEqual(
        inKeyOrder(rows.map(({ key, transformation }) => ({ key, scope: transformation.scope }))),
      );
      expect(await tasks.query({ scopes, status: "no status" })).toEqual([]);

      const { key: networkKey, network } = world.network(n);
      const here = model.tasks.filter((task) => is(task) && network?.transformations.includes(task.transformation));
      expect(sorted(await tasks.ofNetwork(networkKey, wanted ?? undefined))).toEqual(sorted(here.map(({ key }) => key)));

      const { key, task } = world.task(i);
      const networks = model.submitted.filter((of) => task !== null && of.transformations.includes(task.transformation));
      expect(sorted(await tasks.networksOf(key))).toEqual(sorted(networks.map((of) => of.key)));
      expect(await tasks.transformationOf(key)).toBe(task?.transformation.key ?? null);
      expect(await world.store.objects.exists(key)).toBe(task !== null);
      if (task === null) return;
      const pairs = (of: typeof model.tasks) => of.filter(is).map((one) => `${one.key} ${one.extends?.key ?? null}`);
      const told = (of: readonly { task: string; extends: string | null }[]) =>
        sorted(of.map((one) => `${one.task} ${one.extends}`));
      const { transformation } = task;
      expect(told(await tasks.ofTransformation(transformation.key, filter))).toEqual(
        sorted(pairs(model.tasks.filter((one) => one.transformation === transformation))),
      );
      expect(told(await tasks.ofTransformation(transformation.key, { extends: key, ...filter }))).toEqual(
        sorted(pairs(descendants(model, task))),
      );
    },
  }),
];

/** In the store and in the model, which answer alike. */
async function setStatuses(world: World, picked: ReturnType<World["tasks"]>, to: TaskStatus): Promise<void> {
  const reply = await world.store.tasks.setStatuses(
    picked.map(({ key }) => key),
    to,
    user,
  );
  expect(reply).toEqual(picked.map(({ key, task }) => (task !== null && setStatus(world.model, task, to) ? key : null)));
}
