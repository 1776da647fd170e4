import { randomUUID } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import { startPostgresql } from "../../scripts/test-services/postgresql.ts";

export type StoreName = "sqlite" | "postgres";

/** Makes fresh state stores on one engine, every commit on disk. */
export interface StateStores {
  readonly name: StoreName;
  readonly description: string;
  /** `data`: the directory that a store in a file may use. */
  create(data: string): Promise<{ readonly url: string; remove(): Promise<void> }>;
  stop(): Promise<void>;
}

/** Throws `ServiceAbsent` where this machine has no PostgreSQL. */
export async function openStateStores(name: StoreName): Promise<StateStores> {
  return name === "sqlite" ? sqliteFiles : await postgresDatabases();
}

const sqliteFiles: StateStores = {
  name: "sqlite",
  description: "SQLite in the server's process, synchronous=full",
  create: async (data) => ({ url: `sqlite:${join(data, "state.sqlite")}`, remove: async () => {} }),
  stop: async () => {},
};

async function postgresDatabases(): Promise<StateStores> {
  const service = await startPostgresql({ durable: true });
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client(service.url);
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  return {
    name: "postgres",
    description: `${service.description}, fsync=on, on this machine`,
    create: async () => {
      const name = `bench_${randomUUID().replaceAll("-", "")}`;
      await run(`create database ${name}`);
      const url = new URL(service.url);
      url.pathname = `/${name}`;
      return { url: url.href, remove: () => run(`drop database ${name} with (force)`) };
    },
    stop: () => service.stop(),
  };
}
