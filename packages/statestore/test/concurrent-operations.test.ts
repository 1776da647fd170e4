/** Whatever runs at the same time, the rows that can be claimed have a key, the others have none, and no claim is left behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { Client } from "pg";
import { expect, it } from "vitest";
import type { Acknowledged, ConcurrentPlan } from "./concurrent-process.ts";
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
// A counter for each pattern of a hub and each Task there, and no other.
const wrongCounters = `
  select r.pattern as pattern, c.task as task, 'without the Task' as wrong from restart_counter c join restart_pattern r on r.id = c.pattern
  where not exists (select 1 from actioned a where a.network = r.network and a.task = c.task)
  union all
  select r.pattern, a.task, 'missing' from restart_pattern r join actioned a on a.network = r.network
  where not exists (select 1 from restart_counter c where c.pattern = r.id and c.task = a.task)
  union all
  select cast(c.pattern as text), c.task, 'without the pattern' from restart_counter c
  where not exists (select 1 from restart_pattern r where r.id = c.pattern)`;
// What the log says a Task became is what it was when it changed next, and what it is now: nothing was overwritten, and nothing claimed twice.
const brokenHistories = `
  select task, id, was, before from (
    select e.task as task, e.id as id, e.was as was, lag(e.became) over (partition by e.task order by e.id) as before
    from event e where e.kind in (1, 2, 3)) h
  where (before is null and was is not null) or (before is not null and was <> before)`;
const wrongEnds = `
  select t.token as token, t.status as status, e.became as became from task t
  join event e on e.id = (select max(id) from event l where l.task = t.id and l.kind in (1, 2, 3))
  where t.status <> case e.became when 'waiting' then 0 when 'running' then 1 when 'complete' then 2 when 'error' then 3 when 'invalid' then 4 else 5 end`;
// What is final stays so: complete becomes invalid or deleted at most.
const wrongMoves = `
  select task, was, became from event where kind = 2 and was <> became and (was in ('invalid', 'deleted')
    or (was = 'complete' and became not in ('invalid', 'deleted')) or (was = 'waiting' and became in ('complete', 'error'))
    or (was = 'error' and became in ('running', 'complete')))`;
const claimsInTheLog = `
  select t.token as token, v.name as service from event e join task t on t.id = e.task join agent v on v.id = e.service where e.kind = 3`;

async function rows(under: StoreUnderTest, text: string): Promise<Record<string, unknown>[]> {
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
    expect(await rows(under, brokenHistories)).toEqual([]);
    expect(await rows(under, wrongEnds)).toEqual([]);
    const left = new Set<ScopedKey>();
    const service: ComputeServiceId = await under.service();
    for (const hub of hubs) for (const task of await claimAll(store, hub, service, 10_000)) left.add(task);
    expect(await rows(under, "select 1 from actioned where draw is not null")).toEqual([]);
  });

  it("of several processes leave a state that is right, and lose and double nothing that was acknowledged", {
    timeout: 300_000,
  }, async () => {
    const { store } = under;
    const one = await under.network({ transformations: 3 });
    const two = await under.network({ scope: one.scope, transformations: 3, networkName: "two" });
    const tasks: ScopedKey[] = [];
    for (const transformation of one.transformations) {
      let parents = await create(store, transformation, 30);
      tasks.push(...parents);
      for (let depth = 0; depth < 2; depth++) {
        parents = await store.tasks.create(
          parents.map(() => transformation),
          parents,
          "user",
          user,
        );
        tasks.push(...parents);
      }
    }
    const networks = [one.network, two.network];
    for (const network of networks) await store.hubs.action(network, tasks, null, user);
    const before = new Set((await rows(under, claimsInTheLog)).map((row) => JSON.stringify(row)));

    const plan = {
      clients: 4,
      scope: one.scope,
      networks,
      hubs: [one.hub, two.hub],
      transformations: one.transformations,
      tasks,
    };
    const steps = Number(process.env.ALCHEMISCALE_TEST_STEPS ?? 80);
    const ended = await Promise.all(
      [1, 2, 3].map((process) => endOf(under.url, { process, ...plan } satisfies ConcurrentPlan, steps)),
    );
    for (const { code, errors } of ended) expect({ code, errors }).toEqual({ code: 0, errors: "" });
    const acknowledged = ended.flatMap((process) => process.acknowledged);

    for (const wrong of [wrongKeys, wrongClaims, orphans, wrongCounters, brokenHistories, wrongEnds, wrongMoves]) {
      expect(await rows(under, wrong)).toEqual([]);
    }
    const created = [...tasks, ...acknowledged.flatMap((what) => (what.kind === "created" ? what.tasks : []))];
    expect(await store.tasks.getStatuses(created)).not.toContain(null);
    const reported = acknowledged.flatMap((what) => (what.kind === "reported" ? [what] : []));
    expect(reported.length).toBeGreaterThan(0);
    for (const { ref } of reported) expect(await store.results.get(ref)).not.toBeNull();
    // Each claim that a service was told of is in the log, and no other: a Task is claimed as often as it was given out.
    const told = acknowledged.flatMap((what) => (what.kind === "claimed" ? [`${what.task} ${what.service}`] : []));
    const logged = (await rows(under, claimsInTheLog)).filter((row) => !before.has(JSON.stringify(row)));
    expect(logged.map(({ token, service }) => `Task-${token}-${one.scope} ${service}`).sort()).toEqual(told.sort());
    // Nothing that could be claimed is beyond reach.
    const service = await under.service();
    for (const hub of plan.hubs) await claimAll(store, hub, service, 10_000);
    expect(
      await rows(
        under,
        `select 1 from actioned a join network n on n.id = a.network join scope s on s.id = n.scope where a.draw is not null and s.text = '${one.scope}'`,
      ),
    ).toEqual([]);
  });
});

const script = fileURLToPath(new URL("./concurrent-process.ts", import.meta.url));

async function endOf(
  url: string,
  plan: ConcurrentPlan,
  steps: number,
): Promise<{ readonly code: number | null; readonly errors: string; readonly acknowledged: readonly Acknowledged[] }> {
  const child = spawn(process.execPath, [script, url, JSON.stringify(plan), String(steps)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, errors] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  await once(child, "close");
  const acknowledged = out.split("\n").filter((line) => line !== "");
  return { code: child.exitCode, errors, acknowledged: acknowledged.map((line) => JSON.parse(line)) };
}
