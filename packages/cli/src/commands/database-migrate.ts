import { readSchema, type StateStoreOptions } from "@alchemiscale/statestore";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { storeUrls } from "../data/store-urls.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";

export interface DatabaseMigrateOptions extends StoreOptions, Pick<StateStoreOptions, "migrations"> {
  readonly iHaveABackup?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `database migrate`: shows what is pending, then applies it. */
export async function databaseMigrate(options: DatabaseMigrateOptions): Promise<void> {
  const module = options.migrations === undefined ? {} : { migrations: options.migrations };
  const schema = await readSchema(storeUrls(options).stateStore, module);
  if (options.json) printJson(schema);
  else {
    note(`State store: ${schema.description}`);
    const version = schema.version === 0 ? "no schema yet" : `schema version ${schema.version}`;
    if (schema.pending.length === 0) print(`${version}; nothing is pending`);
    else print(`${version}; pending:`);
    for (const { version, title, rewrites } of schema.pending) {
      print(`  ${String(version).padStart(4)}  ${title}${rewrites ? style("yellow", "  (drops or rewrites)") : ""}`);
    }
  }
  if (options.dryRun || schema.pending.length === 0) return;
  await withStateStore(options, (store) => store.check(), { ...module, backupAtHand: options.iHaveABackup ?? false });
  note("Its tables are up to date.");
}
