/** The event log as it is followed. What is written to it is tested where it happens. */
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { Client } from "pg";
import { expect, it } from "vitest";
import type { Event } from "../src/state-store.ts";
import { claimAll, create, nth, report, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

onEveryEngine("the event log", (under) => {
  const ids = (events: readonly Event[]) => events.map(({ id }) => id);

  it("tells of a network what befell it and the Tasks of its Transformations, page by page", async () => {
    const { events } = under.store;
    const { scope, network, hub, transformations } = await under.network({ transformations: 2 });
    const other = await under.network({ transformations: 1 });
    const [task] = await create(under.store, nth(transformations, 1), 1);
    const [alien] = await create(under.store, nth(other.transformations, 0), 1);
    if (task === undefined || alien === undefined) throw new Error("two Tasks were created");
    await under.store.hubs.action(network, [task], null, user);
    const service = await under.service();
    await claimAll(under.store, hub, service, 1);
    await under.store.results.report(report(task, service));
    await under.store.networks.setStates([network], ["inactive"], user);

    const all = await events.ofNetwork(network);
    expect(all.map(({ kind, to }) => [kind, to])).toEqual([
      ["submit", "active"],
      ["create", "waiting"],
      ["action", expect.anything()],
      ["claim", "running"],
      ["result", "ok"],
      ["status", "complete"],
      ["state", "inactive"],
    ]);
    expect(new Set(all.map((event) => event.task))).toEqual(new Set([null, task]));
    expect(new Set(all.map((event) => event.network))).toEqual(new Set([null, network]));
    const paged: Event[] = [];
    for (let page = await events.ofNetwork(network, 0, 2); page.length > 0; ) {
      paged.push(...page);
      page = await events.ofNetwork(network, nth(page, -1).id, 2);
    }
    expect(paged).toEqual(all);
    expect(await events.ofTask(task)).toEqual(all.filter((event) => event.task === task));
    expect(await events.ofNetwork(`AlchemicalNetwork-${"0".repeat(32)}-${scope}` as ScopedKey)).toEqual([]);
    expect(await events.ofTask(`Task-${"0".repeat(32)}-${scope}` as ScopedKey)).toEqual([]);
  });

  it("tells a Task that belongs to two networks to both, once", async () => {
    const { scope, network, transformations } = await under.network({ transformations: 2 });
    const another = await under.network({ scope, transformations: 2, networkName: "another" });
    expect(another.network).not.toBe(network);
    const [task] = await create(under.store, nth(transformations, 0), 1);
    if (task === undefined) throw new Error("a Task was created");
    await under.store.hubs.action(another.network, [task], null, user);
    for (const one of [network, another.network]) {
      const of = (await under.store.events.ofNetwork(one)).filter((event) => event.task === task);
      expect(of.map(({ kind }) => kind)).toEqual(["create", "action"]);
    }
  });

  it("is told as a whole, from an id on", async () => {
    const { events } = under.store;
    const before = await events.latest();
    const { network, transformations } = await under.network({ transformations: 1 });
    const [task] = await create(under.store, nth(transformations, 0), 1);
    const told = await events.since(before);
    expect(told.map(({ kind, task: of }) => [kind, of])).toEqual([
      ["submit", null],
      ["create", task],
    ]);
    expect(nth(told, 0).network).toBe(network);
    expect(await events.since(before, 1)).toEqual(told.slice(0, 1));
    expect(await events.latest()).toBe(nth(told, 1).id);
    expect(await events.since(await events.latest())).toEqual([]);
  });

  it("misses nothing for whoever reads on after the last id while many write", { timeout: 60_000 }, async () => {
    const { events } = under.store;
    const start = await events.latest();
    const { network, hub, transformations } = await under.network({ transformations: 3 });
    const tasks = (await Promise.all(transformations.map((one) => create(under.store, one, 40)))).flat();
    await under.store.hubs.action(network, tasks, null, user);
    let done = false;
    const follow = async (read: (after: number) => Promise<Event[]>) => {
      const got: Event[] = [];
      for (;;) {
        const last = done;
        const page = await read(got.at(-1)?.id ?? start);
        got.push(...page);
        if (last && page.length === 0) return got;
      }
    };
    const followers = [follow((after) => events.since(after, 7)), follow((after) => events.ofNetwork(network, after, 7))];
    const work = async (n: number) => {
      const service = `follow-${n.toString(16).padStart(32, "0")}` as ComputeServiceId;
      await under.store.services.register(service, { managerName: null, sentManagerKey: true, identity: null });
      for (;;) {
        const claimed = await claimAll(under.store, hub, service, 3);
        if (claimed.length === 0) return;
        // Transactions of very different lengths beside each other.
        await Promise.all([
          ...claimed.map((task) => under.store.results.report(report(task, service))),
          create(under.store, nth(transformations, n % 3), n * 20),
        ]);
      }
    };
    await Promise.all([1, 2, 3, 4, 5].map(work));
    done = true;
    const [whole, ofNetwork] = await Promise.all(followers);
    expect(ids(whole ?? [])).toEqual(ids(await events.since(start, 1_000_000)));
    expect(ids(ofNetwork ?? [])).toEqual(ids(await events.ofNetwork(network, start, 1_000_000)));
    expect(whole?.filter(({ kind }) => kind === "claim")).toHaveLength(120);
  });

  // On SQLite one transaction writes at a time.
  if (under.engine === "PostgreSQL")
    it("holds back what was committed while a lower id is still open", async () => {
      const { events } = under.store;
      const slow = new Client({ connectionString: under.url });
      await slow.connect();
      try {
        for (const end of ["commit", "rollback"]) {
          const before = await events.latest();
          await slow.query("begin");
          const { rows } = await slow.query("insert into event (at, kind) values (1, 0) returning id::int as id");
          const { network } = await under.network();
          expect(await events.since(before)).toEqual([]);
          expect(await events.ofNetwork(network)).toEqual([]);
          expect(await events.latest()).toBe(before);
          await slow.query(end);
          const kinds = (await events.since(before)).map(({ kind }) => kind);
          expect(kinds).toEqual(end === "commit" ? ["submit", "submit"] : ["submit"]);
          expect(nth(await events.ofNetwork(network), 0).id).toBeGreaterThan(rows[0].id);
        }
      } finally {
        await slow.end();
      }
    });
});
