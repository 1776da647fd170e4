import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { createTestDatabase } from "./test-database.ts";

const template = {
  name: "of_test_services_test",
  prepare: async (url: string): Promise<void> => {
    const connection = new Client({ connectionString: url });
    await connection.connect();
    await connection.query("create table prepared (n int); insert into prepared select generate_series(1, 5)");
    await connection.end();
  },
};
const databases = await Promise.all([createTestDatabase(template), createTestDatabase(template), createTestDatabase()]);

describe.skipIf(databases[0] === undefined)("a test database", () => {
  const ask = async (url: string | undefined, query: string): Promise<unknown> => {
    const connection = new Client({ connectionString: url });
    await connection.connect();
    try {
      return (await connection.query(query)).rows[0];
    } finally {
      await connection.end();
    }
  };

  test("is a copy of its template, and the caller's own", async () => {
    const [first, second, empty] = databases;
    await ask(first?.url, "delete from prepared");
    expect(await ask(first?.url, "select count(*)::int n from prepared")).toEqual({ n: 0 });
    expect(await ask(second?.url, "select count(*)::int n from prepared")).toEqual({ n: 5 });
    expect(await ask(empty?.url, "select count(*)::int n from pg_tables where schemaname = 'public'")).toEqual({ n: 0 });
  });

  test("can be dropped while connections are open", async () => {
    const [first] = databases;
    const connection = new Client({ connectionString: first?.url });
    connection.on("error", () => {});
    await connection.connect();
    await first?.drop();
    await expect(ask(first?.url, "select 1")).rejects.toThrow("does not exist");
    await connection.end().catch(() => {});
  });
});
