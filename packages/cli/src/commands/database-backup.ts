import { basename, resolve } from "node:path";
import { sqliteFileOf } from "../data/api-locks.ts";
import type { StoreOptions } from "../data/open-stores.ts";
import { requireStandingFile } from "../data/standing-file.ts";
import { storeUrls } from "../data/store-urls.ts";
import { note, print } from "../terminal/print.ts";
import { startProgress } from "../terminal/progress.ts";
import { UsageError } from "../usage-error.ts";

/** `database backup`: a copy of a SQLite state store, also while it is used. It is not opened as a store, so it is not migrated either. */
export async function databaseBackup(file: string, options: StoreOptions): Promise<void> {
  const urls = storeUrls(options);
  const source = sqliteFileOf(urls.stateStore);
  if (source === null) {
    throw new UsageError(
      `this command copies SQLite files. PostgreSQL has its own means, which also work while it is used: pg_dump --format=custom --file=${basename(file)} DATABASE, and pg_restore to bring it back.`,
    );
  }
  requireStandingFile(urls);
  note(`State store: SQLite ${source}`);
  const { backupStateStore } = await import("@alchemiscale/statestore");
  const progress = startProgress("copying", 100);
  try {
    await backupStateStore(urls.stateStore, resolve(file), (done) => progress.update(Math.floor(done * 100), "%"));
  } finally {
    progress.stop();
  }
  print(resolve(file));
}
