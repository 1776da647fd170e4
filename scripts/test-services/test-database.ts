import { randomUUID } from "node:crypto";
import { Client, escapeIdentifier } from "pg";
import { askForService } from "./ask-for-service.ts";

/** A database of one test file's own. */
export interface TestDatabase {
  readonly url: string;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
}

/** A database that others are copied from: made once in a test run (copying takes a tenth of the time that migrating does). */
export interface DatabaseTemplate {
  /** `[a-z0-9_]+`; the same name means the same content. */
  readonly name: string;
  /** Fills it, and closes its connections before it returns. */
  prepare(url: string): Promise<void>;
}

/**
 * A fresh database on the PostgreSQL for tests: empty, or a copy of a template. Undefined where this machine has no PostgreSQL: skip the tests then
 * (`describe.skipIf(database === undefined)`). Call it with a top-level await, not in a hook: a first start may take its time.
 */
export const createTestDatabase = async (template?: DatabaseTemplate): Promise<TestDatabase | undefined> => {
  const service = await askForService("postgresql");
  if (service === undefined) return undefined;
  const urlOf = (database: string): string => {
    const url = new URL(service.url);
    url.pathname = `/${database}`;
    return url.href;
  };
  const name = `test_${randomUUID().replaceAll("-", "")}`;

  await withConnection(service.url, async (connection) => {
    if (template === undefined) {
      await connection.query(`create database ${name}`);
      return;
    }
    const from = `template_${template.name}`;
    // One file prepares the template, the others wait; the mark `datistemplate` is set when it is whole.
    await connection.query("select pg_advisory_lock(hashtext($1))", [from]);
    const { rows } = await connection.query("select datistemplate from pg_database where datname = $1", [from]);
    if (rows[0]?.datistemplate !== true) {
      if (rows.length > 0) await connection.query(`drop database ${escapeIdentifier(from)} with (force)`);
      await connection.query(`create database ${escapeIdentifier(from)}`);
      await template.prepare(urlOf(from));
      await connection.query(`alter database ${escapeIdentifier(from)} with is_template true`);
    }
    await connection.query(`create database ${name} template ${escapeIdentifier(from)}`);
  });

  return {
    url: urlOf(name),
    drop: () =>
      withConnection(
        service.url,
        async (connection) => void (await connection.query(`drop database if exists ${name} with (force)`)),
      ),
  };
};

const withConnection = async (url: string, work: (connection: Client) => Promise<void>): Promise<void> => {
  const connection = new Client({ connectionString: url });
  await connection.connect();
  try {
    await work(connection);
  } finally {
    await connection.end();
  }
};
