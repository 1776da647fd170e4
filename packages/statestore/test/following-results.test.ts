/** Results of a network in parts, claims given back, and hearing of changes. */
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { Client } from "pg";
import { expect, it, type Mock, vi } from "vitest";
import { type KnownResult, openStateStore, type ResultPart } from "../src/index.ts";
import { claimAll, create, failure, nth, report, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

const resultKey = (n: number) => `ProtocolDAGResult-${n.toString(16).padStart(32, "0")}`;

onEveryEngine("following results", (under) => {
  const everything = { ok: null, transformation: null };
  /** Part by part, to the end. */
  const follow = async (network: ScopedKey, limit: number, filter: object = {}) => {
    const { results } = under.store;
    const found: KnownResult[] = [];
    let part: ResultPart | null = await results.ofNetwork(network, { ...everything, after: 0, until: null, limit, ...filter });
    let parts = 1;
    for (; part !== null; parts += 1) {
      expect(part.results.length).toBeLessThanOrEqual(limit);
      found.push(...part.results);
      if (part.after >= part.until) break;
      part = await results.ofNetwork(network, { ...everything, after: part.after, until: part.until, limit, ...filter });
    }
    return { found, parts, until: part?.until ?? null };
  };

  it("come in parts, in the order in which they were reported, with what they are of", async () => {
    const { network, transformations } = await under.network({ transformations: 3 });
    const stranger = await under.network({ transformations: 1 });
    const [alien] = await create(under.store, nth(stranger.transformations, 0), 1);
    const refs: ScopedKey[] = [];
    for (const [i, transformation] of [...transformations, ...transformations, ...transformations].entries()) {
      const [task] = (await create(under.store, transformation, 1)) as [ScopedKey];
      const posted = { resultKey: resultKey(i) };
      refs.push(await under.store.results.report(i % 2 === 0 ? report(task, "s", posted) : failure(task, "s", "boom", posted)));
      await under.store.results.report(report(alien as ScopedKey, "s", { resultKey: resultKey(100 + i) }));
    }
    const { found } = await follow(network, 4);
    expect(found.map(({ ref }) => ref)).toEqual(refs);
    expect(found[1]).toMatchObject({ ok: false, transformation: nth(transformations, 1), resultKey: resultKey(1), creator: "s" });
    expect((await follow(network, 100, { ok: false })).found.map(({ ref }) => ref)).toEqual(refs.filter((_, i) => i % 2 === 1));
    const of = await follow(network, 2, { transformation: nth(transformations, 2) });
    expect(of.found.map(({ ref }) => ref)).toEqual(refs.filter((_, i) => i % 3 === 2));
    expect((await follow(network, 2, { transformation: nth(stranger.transformations, 0) })).found).toEqual([]);
    expect(await under.store.results.find(nth(refs, 0))).toEqual(found[0]);
    expect(await under.store.results.find(`ProtocolDAGResultRef-${"0".repeat(32)}-o-c-p` as ScopedKey)).toBeNull();
    const missing = `AlchemicalNetwork-${"0".repeat(32)}-o-c-p` as ScopedKey;
    expect(await under.store.results.ofNetwork(missing, { ...everything, after: 0, until: null, limit: 1 })).toBeNull();
  });

  it("that land while they are followed are left for the next time, and none is lost", async () => {
    const { network, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(transformations, 0), 3);
    await under.store.results.report(report(nth(tasks, 0), "s", { resultKey: resultKey(1) }));
    const ask = (after: number, until: number | null) =>
      under.store.results.ofNetwork(network, { ...everything, after, until, limit: 1 });
    const first = await ask(0, null);
    if (first === null) throw new Error("the network is there");
    await under.store.results.report(report(nth(tasks, 1), "s", { resultKey: resultKey(2) }));
    const rest = await ask(first.after, first.until);
    expect([rest?.results, rest?.after]).toEqual([[], first.until]);
    expect((await ask(first.until, null))?.results.map((result) => result.task)).toEqual([nth(tasks, 1)]);
  });

  it("of a network with very many Tasks come the same way", { timeout: 120_000 }, async () => {
    const { network, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(transformations, 0), 20_001);
    const stranger = await under.network({ transformations: 1 });
    const [alien] = await create(under.store, nth(stranger.transformations, 0), 1);
    const refs: ScopedKey[] = [];
    for (let i = 0; i < 7; i += 1) {
      refs.push(await under.store.results.report(report(nth(tasks, i * 1000), "s", { resultKey: resultKey(i) })));
      await under.store.results.report(report(alien as ScopedKey, "s", { resultKey: resultKey(200 + i) }));
    }
    expect((await follow(network, 3)).found.map(({ ref }) => ref)).toEqual(refs);
  });

  if (under.engine === "PostgreSQL")
    it("a result that commits late is not skipped by who has gone on", async () => {
      const { network, transformations } = await under.network({ transformations: 1 });
      const [slowly, quickly] = (await create(under.store, nth(transformations, 0), 2)) as [ScopedKey, ScopedKey];
      const slow = new Client({ connectionString: under.url });
      await slow.connect();
      await slow.query("begin");
      await slow.query(
        `insert into result (task, token, result_key, ok) select id, 'late', '${resultKey(1)}', 1 from task where token = $1`,
        [slowly.split("-")[1]],
      );
      await under.store.results.report(report(quickly, "s", { resultKey: resultKey(2) }));
      const before = await follow(network, 10);
      expect(before.found).toEqual([]);
      await slow.query("commit");
      await slow.end();
      const after = await follow(network, 10, { after: before.until ?? 0 });
      expect(after.found.map(({ task }) => task)).toEqual([slowly, quickly]);
    });

  it("claims that a service never heard of wait again; what it does not hold stays", async () => {
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(transformations, 0), 4);
    await under.store.hubs.action(network, tasks, null, user);
    const [mine, other] = [await under.service(), await under.service()];
    const [a, b] = await claimAll(under.store, hub, mine, 2);
    const [c] = await claimAll(under.store, hub, other, 1);
    if (a === undefined || b === undefined || c === undefined) throw new Error("three were claimed");
    await under.store.tasks.setStatuses([b], "error", user);
    expect(await under.store.claims.release(mine, [a, b, c, a], { reason: "why" })).toEqual([a]);
    expect(await under.store.tasks.getStatuses([a, b, c])).toEqual(["waiting", "error", "running"]);
    expect(await under.store.claims.holder(a)).toBeNull();
    expect(nth(await under.store.events.ofTask(a), -1)).toMatchObject({
      kind: "status",
      from: "running",
      to: "waiting",
      reason: "why",
    });
    expect(await under.store.claims.release("nobody" as ComputeServiceId, [c], {})).toEqual([]);
    const again = await claimAll(under.store, hub, other, 4);
    expect(again).toContain(a);
  });

  it("who watches hears of what this process and another one write, until he no longer does", async () => {
    const { transformations } = await under.network({ transformations: 1 });
    const elsewhere = await openStateStore(under.url);
    const heard = vi.fn();
    const end = under.store.watch(heard);
    // So that what another process writes is told apart from the start.
    await heardFromElsewhere(heard, () => create(elsewhere, nth(transformations, 0), 1));
    heard.mockClear();
    await create(under.store, nth(transformations, 0), 1);
    expect(heard).toHaveBeenCalled();
    end();
    await elsewhere.close();
    heard.mockClear();
    await create(under.store, nth(transformations, 0), 1);
    expect(heard).not.toHaveBeenCalled();
  });

  if (under.engine === "PostgreSQL")
    it("a connection for hearing of changes that is lost is made again", { timeout: 30_000 }, async () => {
      const { transformations } = await under.network({ transformations: 1 });
      const admin = new Client({ connectionString: under.url });
      await admin.connect();
      const listening = async () =>
        (
          await admin.query(
            "select pid from pg_stat_activity where application_name = 'alchemiscale changes' and datname = current_database()",
          )
        ).rows[0]?.pid as number | undefined;
      const elsewhere = await openStateStore(under.url);
      const heard = vi.fn();
      const end = under.store.watch(heard);
      const first = await vi.waitUntil(listening, { timeout: 10_000 });
      await admin.query("select pg_terminate_backend($1)", [first]);
      await vi.waitFor(async () => expect([undefined, first]).not.toContain(await listening()), { timeout: 10_000 });
      await heardFromElsewhere(heard, () => create(elsewhere, nth(transformations, 0), 1));
      end();
      await vi.waitFor(async () => expect(await listening()).toBeUndefined(), { timeout: 10_000 });
      await elsewhere.close();
      await admin.end();
    });

  it("the networks that events belong to are told", async () => {
    const { network, transformations } = await under.network({ transformations: 1 });
    const other = await under.network({ transformations: 1 });
    const start = await under.store.events.latest();
    await create(under.store, nth(transformations, 0), 2);
    const middle = await under.store.events.latest();
    await under.store.networks.setStates([other.network], ["inactive"], user);
    expect(await under.store.events.networksTouched(start, middle)).toEqual([network]);
    expect(new Set(await under.store.events.networksTouched(start, await under.store.events.latest()))).toEqual(
      new Set([network, other.network]),
    );
  });
});

/** Until what another process writes is heard of. */
const heardFromElsewhere = (heard: Mock, write: () => Promise<unknown>) =>
  vi.waitFor(
    async () => {
      heard.mockClear();
      await write();
      await vi.waitFor(() => expect(heard).toHaveBeenCalled(), { timeout: 1000 });
    },
    { timeout: 10_000 },
  );
