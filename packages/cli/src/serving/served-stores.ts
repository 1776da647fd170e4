/** What a server may not be begun with, judged before anything is opened. */
import { applyToEnvironment, type ServingOptions } from "../data/store-options.ts";
import { type StoreUrls, storeUrls } from "../data/store-urls.ts";
import { environmentChoice, environmentVariable } from "../environment.ts";
import { UsageError } from "../usage-error.ts";

export interface ServingRuleOptions extends ServingOptions {
  /** Processes that share the port. */
  readonly workers: number;
  /** False for `serve`, which is everything in one process; parts of a server must accept each other's tokens. */
  readonly alone: boolean;
}

/**
 * The stores of a server.
 * @throws {UsageError}
 */
export function servedStores(options: ServingRuleOptions): StoreUrls {
  applyToEnvironment(options);
  const urls = storeUrls(options);
  if (options.workers > 1 && urls.stateStore.startsWith("sqlite:")) {
    throw new UsageError(
      `--workers ${options.workers} needs PostgreSQL: a SQLite file is for one process an API. Set ALCHEMISCALE_STATE_STORE_URL to postgres://user:password@host/database, or use --workers 1.`,
    );
  }
  const noSecret = environmentVariable("JWT_SECRET_KEY") === undefined;
  if (!options.alone && noSecret && !urls.stateStoreEmbedded && !urls.directoryNamed) {
    throw new UsageError(
      "the processes of a server must sign tokens with one secret, and this one has none: set JWT_SECRET_KEY to the same text for all of them (for example from: openssl rand -hex 32), or give them one data directory with --data or ALCHEMISCALE_DATA.",
    );
  }
  environmentChoice("JWT_ALGORITHM", "hs256", ["hs256"]);
  return urls;
}
