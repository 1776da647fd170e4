import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ScopedKey } from "@alchemiscale/contract";
import { afterAll, expect, it } from "vitest";
import { openStateStore } from "../src/index.ts";
import { migrate } from "../src/sql/migrations/migrate.ts";
import { migrations } from "../src/sql/migrations/migrations.ts";
import { SqliteConnection } from "../src/sql/sqlite/sqlite-connection.ts";

const directory = mkdtempSync(join(tmpdir(), "alchemiscale-old-strategies-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("strategies that were set before there were stacks are stacks of one, and are executed", async () => {
  const file = join(directory, "state.sqlite");
  const connection = new SqliteConnection(file, "write");
  await migrate(connection.transaction(0), "the old store", { migrations: migrations.slice(0, 10) });
  connection.close();
  const database = new DatabaseSync(file);
  database.exec(`
    insert into scope (id, text, org, campaign, project) values (1, 'o-c-p', 'o', 'c', 'p');
    insert into class (id, name) values (1, 'AlchemicalNetwork'), (2, 'BinarySearch');
    insert into object (id, scope, key, class, height, text) values (1, 1, 'AlchemicalNetwork-1', 1, 0, '{}'), (2, 1, 'BinarySearch-1', 2, 0, '{}');
    insert into network (id, scope, token, state, weight, created) values (1, 1, 't', 0, 0.5, 0);
    insert into strategy (network, object, mode, status, iterations, sleep_interval, last_iteration_result_count,
      max_tasks_per_transformation, task_scaling, exception_type, exception_message, traceback)
    values (1, 2, 'full', 'error', 4, 60, 2, 3, 'linear', 'ValueError', 'no', 'Traceback')`);
  database.close();

  const store = await openStateStore(`sqlite:${file}`);
  try {
    const network = "AlchemicalNetwork-1-o-c-p" as ScopedKey;
    const work = await store.strategies.work(network);
    expect(work).toMatchObject({
      combine: "weighted",
      blocked: null,
      state: { mode: "full", iterations: 4 },
      members: [
        { strategy: "BinarySearch-1-o-c-p", role: "add", until: "done", weight: 1, status: "error", traceback: "Traceback" },
      ],
    });
    const outcome = { status: "awake", exception: null, traceback: null } as const;
    const nothing = { create: [], action: [], cancel: [], members: [outcome], resultCount: 2, decision: "{}" };
    expect(await store.strategies.apply(network, { ...outcome, ...nothing, version: work?.version ?? "none" })).toBe(true);
    expect(await store.strategies.describe(network)).toMatchObject({ state: { iterations: 5, status: "awake" } });
    expect((await store.store.integrity()).findings).toEqual([]);
  } finally {
    await store.close();
  }
});
