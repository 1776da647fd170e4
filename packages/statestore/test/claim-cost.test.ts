/**
 * What a claim, a heartbeat, a result and a page look at does not grow with what is in the store: Tasks of Protocols that nobody asked for, and Tasks that
 * wait for another. Counted, and not timed: by rows that the server has read on PostgreSQL. (On SQLite the plans say it: `query-plans.test.ts`.)
 */
import type { ScopedKey } from "@alchemiscale/contract";
import { Client } from "pg";
import { expect, it } from "vitest";
import { openStateStore, type StateStore } from "../src/index.ts";
import { create, failure, nth, report, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

const wanted = "ProtocolWanted";
const blocked = 100_000;
const repetitions = 20;

onEveryEngine(
  "the cost of",
  (under) => {
    /** Rows that were read by scanning and through indexes, by table (those of a page or two are scanned rightly), while `work` ran on a store of its own. */
    const rowsRead = async (
      work: (store: StateStore) => Promise<void>,
    ): Promise<Map<string, { scanned: number; sought: number }>> => {
      const client = new Client({ connectionString: under.url });
      await client.connect();
      const read = async () => {
        await client.query("select pg_stat_clear_snapshot()");
        const { rows } = await client.query(
          "select relname, coalesce(seq_tup_read, 0) as scanned, coalesce(idx_tup_fetch, 0) as sought from pg_stat_user_tables where n_live_tup > 500",
        );
        return new Map(rows.map((row) => [String(row.relname), { scanned: Number(row.scanned), sought: Number(row.sought) }]));
      };
      try {
        const before = await read();
        const store = await openStateStore(under.url, { connections: 1 });
        await work(store);
        // A connection that ends tells what it has counted.
        await store.close();
        await expect
          .poll(
            async () =>
              (
                await client.query(
                  "select 1 from pg_stat_activity where application_name = 'alchemiscale' and pid <> pg_backend_pid() and query like '%draw_clock%'",
                )
              ).rowCount,
          )
          .toBe(0);
        const after = await read();
        return new Map(
          [...after].map(([table, { scanned, sought }]) => {
            const was = before.get(table) ?? { scanned: 0, sought: 0 };
            return [table, { scanned: scanned - was.scanned, sought: sought - was.sought }];
          }),
        );
      } finally {
        await client.end();
      }
    };

    const expectCheap = (counted: Map<string, { scanned: number; sought: number }>, each: number) => {
      const scans = [...counted].filter(([, { scanned }]) => scanned > 0);
      expect(scans).toEqual([]);
      for (const [table, { sought }] of counted) expect([table, sought / repetitions < each]).toEqual([table, true]);
    };

    it("claims, heartbeats, results and pages does not grow with what they do not need", { timeout: 300_000 }, async () => {
      const { store } = under;
      const submitted = await under.network({ transformations: 2, protocol: (i) => (i === 0 ? wanted : "ProtocolOther") });
      const [own, other] = [nth(submitted.transformations, 0), nth(submitted.transformations, 1)];
      const { network, hub, scope } = submitted;
      const action = async (tasks: readonly ScopedKey[]) => void (await store.hubs.action(network, tasks, null, user));
      const parent = nth(await create(store, own, 1), 0);
      // Nine in ten of what can be claimed nobody asks for, and far more waits for one that never ends.
      for (let n = 0; n < blocked; n += 20_000) await action(await create(store, own, 20_000, parent));
      await action(await create(store, other, 4500));
      const tasks = await create(store, own, 500);
      await action(tasks);
      await store.tasks.setPriorities(tasks.slice(0, 250), 5n, user);
      const service = await under.service();
      const client = new Client({ connectionString: under.url });
      await client.connect();
      // As the server does by itself, now and then.
      await client.query("vacuum analyze");
      await client.end();

      const claimed: ScopedKey[] = [];
      const keep = (found: readonly (ScopedKey | null)[]) => {
        const [task] = found;
        if (task === null || task === undefined) throw new Error("nothing was claimed");
        claimed.push(task);
      };
      const request = { service, count: 1, protocols: [wanted] };
      expectCheap(
        await rowsRead(async (one) => {
          for (let n = 0; n < repetitions; n++) keep(await one.claims.claimFromHub(hub, request));
        }),
        20,
      );
      const gate = { scopes: [scope], exclude: [], forgiveBefore: 0, maxFailures: 1000, sentScopesExclude: true };
      expectCheap(
        await rowsRead(async (one) => {
          for (let n = 0; n < repetitions; n++) keep((await one.claims.claim({ ...request, ...gate })).tasks);
        }),
        30,
      );
      expectCheap(
        await rowsRead(async (one) => {
          for (const [n, task] of claimed.entries()) {
            await one.services.heartbeat(service);
            const resultKey = `ProtocolDAGResult-${n}`;
            await one.results.report(
              n % 2 === 0 ? report(task, service, { resultKey }) : failure(task, service, "boom", { resultKey }),
            );
            await one.results.forExecution(task);
            await one.claims.holder(task);
          }
        }),
        100,
      );
      expectCheap(
        await rowsRead(async (one) => {
          for (const task of claimed.slice(0, repetitions)) {
            await one.events.ofTask(task, 0, 100);
            await one.results.ofTask(task, true);
            await one.tasks.getStatuses([task]);
            await one.hubs.actionedNetworks(task);
            await one.events.latest();
          }
        }),
        60,
      );
    });
  },
  { sqlite: false },
);
