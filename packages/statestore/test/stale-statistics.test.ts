/**
 * PostgreSQL plans by what it has counted, and keeps the plans. A store that was counted while it was empty has to take ten thousand Tasks as
 * well as any other. Counted in rows read, and not timed.
 */
import type { ScopedKey } from "@alchemiscale/contract";
import { Client } from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { openStateStore } from "../src/index.ts";
import { nth, user } from "./given.ts";
import { sampleNetwork } from "./sample-network.ts";

const database = await createTestDatabase();
const many = 3000;

test.skipIf(database === undefined)("what was counted while the store was empty makes no bulk operation quadratic", async () => {
  const url = database?.url ?? "";
  const client = new Client({ connectionString: url });
  await client.connect();
  const store = await openStateStore(url, { connections: 1 });
  try {
    await client.query("analyze");
    const { network } = await store.networks.submit(sampleNetwork({ scope: "o-c-p" }), {});
    const transformation = nth(await store.networks.transformationsOf(network), 0);
    const cycle = async (count: number): Promise<void> => {
      const tasks = await store.tasks.create(Array<ScopedKey>(count).fill(transformation), null, null, user);
      await store.hubs.action(network, tasks, 1, user);
      await store.tasks.setPriorities(tasks, 5n, user);
      await store.hubs.cancel(network, tasks, user);
      await store.tasks.setStatuses(tasks, "invalid", user);
    };
    // Plans are made, and made again after counting, for a store with next to nothing in it.
    for (let i = 0; i < 8; i += 1) await cycle(1);
    await client.query("analyze");
    for (let i = 0; i < 8; i += 1) await cycle(1);

    await cycle(many);
    await store.close();
    const read = async () => {
      const { rows } = await client.query(
        "select (select sum(seq_tup_read) from pg_stat_user_tables) + (select sum(idx_tup_read) from pg_stat_user_indexes) as rows",
      );
      return Number(rows[0].rows);
    };
    // The connection tells what it has counted when it ends; some fifty rows a Task are what all this needs (quadratic: 18,000).
    await expect.poll(read).toBeGreaterThan(many);
    expect(await read()).toBeLessThan(150 * many);
  } finally {
    await store.close();
    await client.end();
    await database?.drop();
  }
});
