/** The whole state is that of the model. */
import { DatabaseSync } from "node:sqlite";
import type { ScopedKey } from "@alchemiscale/contract";
import { Client } from "pg";
import { expect } from "vitest";
import { claimable } from "../model/hubs.ts";
import { countByStatus } from "../model/tasks.ts";
import { compareIdentities } from "./identities.ts";
import type { World } from "./world.ts";

export async function compare(world: World): Promise<void> {
  await compareTasks(world);
  await compareNetworks(world);
  await compareServices(world);
  await compareIdentities(world);
  await compareDraws(world);
}

async function compareTasks({ store, model }: World): Promise<void> {
  const { tasks } = model;
  const keys = tasks.map(({ key }) => key);
  expect(await store.tasks.getStatuses(keys)).toEqual(tasks.map(({ status }) => status));
  expect(await store.tasks.getPriorities(keys)).toEqual(tasks.map(({ priority }) => priority));
  const holders = await Promise.all(keys.map((key) => store.claims.holder(key)));
  expect(holders).toEqual(
    tasks.map(({ claim }) => {
      if (claim === null) return null;
      const { id: service, sentManagerKey, sentScopesExclude } = claim;
      return { service, sentManagerKey, sentScopesExclude };
    }),
  );
  const on = await Promise.all(keys.map((key) => store.hubs.actionedNetworks(key)));
  expect(on).toEqual(tasks.map(({ hubs }) => new Map([...hubs].map(([network, weight]) => [network.key, weight]))));
}

async function compareNetworks({ store, model }: World): Promise<void> {
  const keys = model.networks.map(({ key }) => key);
  const known = model.networks.map((network) => (network.state === null ? null : network));
  expect(await store.networks.getStates(keys)).toEqual(known.map((network) => network?.state ?? null));
  expect(await store.networks.getWeights(keys)).toEqual(known.map((network) => network?.weight ?? null));
  expect(await store.networks.statuses([...keys, ...keys])).toEqual(
    [...known, ...known].map((network) =>
      countByStatus(model.tasks.filter(({ transformation }) => network?.transformations.includes(transformation))),
    ),
  );
  expect(await store.hubs.actionedTasks(keys)).toEqual(
    known.map((network) => {
      const here = model.tasks.filter(({ hubs }) => network !== null && hubs.has(network));
      return new Map(here.map((task) => [task.key, network === null ? 0 : task.hubs.get(network)]));
    }),
  );
  expect(await store.restarts.get(keys)).toEqual(
    model.networks.map(({ patterns }) => patterns.map(({ pattern, maxRetries }) => ({ pattern, maxRetries }))),
  );
  for (const { key, strategy } of model.networks) {
    const told = await store.strategies.get(key);
    expect(told).toEqual(strategy === null ? null : { strategy: strategy.key, state: strategy.state });
  }
}

async function compareServices({ store, model, serviceIds, managerIds }: World): Promise<void> {
  for (const id of serviceIds) {
    const told = await store.services.get(id);
    const registered = model.service(id);
    if (registered === undefined) expect(told).toBeNull();
    else {
      const { sentManagerKey, sentScopesExclude, registered: since, heartbeat } = registered;
      expect(told).toMatchObject({ service: id, sentManagerKey, sentScopesExclude, registered: since, heartbeat });
    }
  }
  for (const id of managerIds) {
    const registered = model.managers.find((one) => one.id === id);
    const told = await store.managers.get(id);
    if (registered === undefined) {
      expect(told).toBeNull();
      continue;
    }
    const { status, detail, saturation, registered: since, updated } = registered;
    const services = model.services.filter(({ manager }) => manager === registered).map((one) => one.id);
    expect({ ...told, services: [...(told?.services ?? [])].sort() }).toEqual({
      manager: id,
      status,
      detail,
      saturation,
      registered: since,
      updated,
      services: services.sort(),
    });
  }
}

/** What claims are drawn from, and what is counted for restarts: only what can be claimed carries a key, and every counter is that of the model. */
async function compareDraws(world: World): Promise<void> {
  const { model } = world;
  const within = model.networks.map(({ scope }) => `'${scope}'`).join(", ");
  const drawn = await rows(
    world,
    `select o.key as network, s.text as scope, t.token as token, cast(a.priority as text) as priority, a.draw is not null as keyed
     from actioned a join task t on t.id = a.task join scope s on s.id = t.scope join object o on o.id = a.network where s.text in (${within})`,
  );
  expect(drawn).toHaveLength(model.tasks.reduce((sum, { hubs }) => sum + hubs.size, 0));
  for (const row of drawn) {
    const network = model.networks.find(({ key }) => key === `${row.network}-${row.scope}`);
    const task = model.tasks.find(({ key }) => key === (`Task-${row.token}-${row.scope}` as ScopedKey));
    if (task === undefined || network === undefined) throw new Error("every row is of a Task and a network that are known");
    expect(row.priority).toBe(String(task.priority));
    expect(row.keyed === 1 || row.keyed === true).toBe(claimable(model.tasks, network, null).includes(task));
  }
  const counters = await rows(
    world,
    `select o.key as network, s.text as scope, r.pattern as pattern, t.token as token, c.retries as retries
     from restart_counter c join restart_pattern r on r.id = c.pattern join task t on t.id = c.task join scope s on s.id = t.scope
       join object o on o.id = r.network where s.text in (${within})`,
  );
  const expected = model.networks.flatMap((network) =>
    network.patterns.flatMap(({ pattern, counters: of }) =>
      [...of].map(([task, retries]) => `${network.key} ${pattern} ${task.key} ${retries}`),
    ),
  );
  expect(
    counters.map((row) => `${row.network}-${row.scope} ${row.pattern} Task-${row.token}-${row.scope} ${row.retries}`).sort(),
  ).toEqual(expected.sort());
}

async function rows({ under }: World, query: string): Promise<Record<string, unknown>[]> {
  if (under.engine === "SQLite") {
    const database = new DatabaseSync(under.url.slice("sqlite:".length), { readOnly: true });
    try {
      return database.prepare(query).all();
    } finally {
      database.close();
    }
  }
  const client = new Client({ connectionString: under.url });
  await client.connect();
  try {
    return (await client.query(query)).rows;
  } finally {
    await client.end();
  }
}
