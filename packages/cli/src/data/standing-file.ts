import { existsSync } from "node:fs";
import { CommandFailure } from "../usage-error.ts";
import { sqliteFileOf } from "./api-locks.ts";
import type { StoreUrls } from "./store-urls.ts";

/**
 * For commands that look at what is there: opening a store would make a new one where the path is wrong.
 * @throws {CommandFailure} for a SQLite file that does not exist.
 */
export function requireStandingFile(urls: StoreUrls): void {
  const file = sqliteFileOf(urls.stateStore);
  if (file === null || existsSync(file)) return;
  throw new CommandFailure(
    `there is no state store ${file}. Name the right one with --data or ALCHEMISCALE_STATE_STORE_URL, or begin one with: alchemiscale database init`,
  );
}
