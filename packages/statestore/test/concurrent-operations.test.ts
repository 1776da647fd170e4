/** Whatever runs at the same time, the rows that can be claimed have a key, the others have none, and no claim is left behind. */
import { DatabaseSync } from "node:sqlite";
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { Client } from "pg";
import { expect, it } from "vitest";
import { claimAll, create, failure, nth, report, user } from "./given.ts";
import { onEveryEngine, type StoreUnderTest } from "./on-every-engine.ts";

const wrongKeys = `
  select t.token as token, t.status as status, a.weight as weight, a.draw as draw, t.extends as extends
  from actioned a join task t on t.id = a.task left join task p on p.id = t.extends
  where (a.draw is not null) <> (t.status = 0 and t.service is null and a.weight > 0 and (t.extends is null or p.status = 2))
    or a.priority <> t.priority or t.status not in (0, 1, 3)`;
const wrongClaims = `
  select t.token as token, t.status as status, t.service as service from task t left join service s on s.id = t.service
  where t.service is not null and (t.status <> 1 or s.id is null)`;
const orphans = `
  select c.token as token, c.status as status, p.status as parent from task c join task p on p.id = c.extends
  where p.status in (4, 5) and c.status not in (4, 5)`;

async function rows(under: StoreUnderTest, text: string): Promise<unknown[]> {
  if (under.engine === "SQLite") {
    const database = new DatabaseSync(under.url.slice("sqlite:".length), { readOnly: true });
    const found = database.prepare(text).all();
    database.close();
    return found;
  }
  const client = new Client({ connectionString: under.url });
  await client.connect();
  const found = (await client.query(text)).rows;
  await client.end();
  return found;
}

onEveryEngine("operations at the same time", (under) => {
  it("leave a state that is right", { timeout: 120_000 }, async () => {
    const { store } = under;
    const one = await under.network({ transformations: 3 });
    const two = await under.network({ scope: one.scope, transformations: 3, networkName: "two" });
    const tasks: ScopedKey[] = [];
    for (const transformation of one.transformations) {
      const roots = await create(store, transformation, 20);
      tasks.push(...roots);
      for (let depth = 0, parents = roots; depth < 2; depth++) {
        const repeated = parents.map(() => transformation);
        parents = await store.tasks.create(repeated, parents, "user", user);
        tasks.push(...parents);
      }
    }
    const networks = [one.network, two.network];
    const hubs = [one.hub, two.hub];
    const services = await Promise.all(Array.from({ length: 6 }, () => under.service()));
    const any = <T>(list: readonly T[]): T => nth(list, Math.floor(Math.random() * list.length));
    const some = () => Array.from({ length: 1 + Math.floor(Math.random() * 8) }, () => any(tasks));
    let results = 0;

    const steps: readonly (() => Promise<unknown>)[] = [
      () => store.hubs.action(any(networks), some(), any([null, 0, 0.5, 1]), user),
      () => store.hubs.action(any(networks), some(), null, user),
      () => store.hubs.cancel(any(networks), some(), user),
      () => store.tasks.setStatuses(some(), "waiting", user),
      () => store.tasks.setPriorities(some(), any([1n, 5n, 10n]), user),
      () =>
        Math.random() < 0.1
          ? store.tasks.setStatuses([any(tasks)], any(["invalid", "deleted"] as const), user)
          : Promise.resolve(),
      () => {
        const task = any(tasks);
        return store.tasks.create([any(one.transformations)], [task], "user", user).then(
          (created) => tasks.push(...created),
          (error) => expect(error).toMatchObject({ name: "CannotExtend" }),
        );
      },
      async () => {
        const i = Math.floor(Math.random() * services.length);
        if (Math.random() > 0.2) return;
        const gone = nth(services, i);
        services[i] = await under.service();
        await store.services.deregister(gone, user);
      },
      ...Array.from({ length: 4 }, () => async () => {
        const service = any(services);
        const claimed = await claimAll(store, any(hubs), service, 3).catch((error) => {
          expect(error).toMatchObject({ name: "ServiceNotRegistered" });
          return [];
        });
        for (const task of claimed) {
          results += 1;
          const resultKey = `ProtocolDAGResult-${results}`;
          await store.results.report(
            Math.random() < 0.8 ? report(task, service, { resultKey }) : failure(task, service, "boom", { resultKey }),
          );
        }
      }),
    ];
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        for (let i = 0; i < 60; i++) await any(steps)();
      }),
    );
    await store.services.expire(Date.now() * 1000 - 3600e6);

    expect(await rows(under, wrongKeys)).toEqual([]);
    expect(await rows(under, wrongClaims)).toEqual([]);
    expect(await rows(under, orphans)).toEqual([]);
    const left = new Set<ScopedKey>();
    const service: ComputeServiceId = await under.service();
    for (const hub of hubs) for (const task of await claimAll(store, hub, service, 10_000)) left.add(task);
    expect(await rows(under, "select 1 from actioned where draw is not null")).toEqual([]);
  });
});
