/** Which stores a command acts on. */
import { environmentVariable } from "../environment.ts";
import { UsageError } from "../usage-error.ts";
import { type DataDirectory, locateDataDirectory } from "./data-directory.ts";

export interface StoreUrls {
  readonly directory: DataDirectory;
  /** As `openStateStore` reads it. May hold a password: never print it. */
  readonly stateStore: string;
  /** True where it is in the data directory. */
  readonly stateStoreEmbedded: boolean;
  /** As `openObjectStore` reads it. */
  readonly objectStore: string;
  readonly objectStoreEmbedded: boolean;
}

/**
 * The two store URLs of the environment, and the data directory for each that is not set.
 * @param options `data`: the directory; `url`: the address of the Python server's database, which people may bring along.
 * @throws {UsageError} when only the settings of the Python server's database are there: a command that then quietly began an empty
 * store of its own would look as if everything had been lost.
 */
export function storeUrls(options: { readonly data?: string; readonly url?: string }): StoreUrls {
  const directory = locateDataDirectory(options.data);
  const stateStore = environmentVariable("ALCHEMISCALE_STATE_STORE_URL");
  const objectStore = environmentVariable("ALCHEMISCALE_OBJECT_STORE_URL");
  const neo4j = options.url !== undefined ? "--url" : environmentVariable("NEO4J_URL") !== undefined ? "NEO4J_URL" : undefined;
  if (stateStore === undefined && neo4j !== undefined) {
    throw new UsageError(
      `${neo4j} names a Neo4j database, and this release does not read Neo4j. Leave it out to use the data directory, or set ALCHEMISCALE_STATE_STORE_URL (sqlite:FILE or postgres://…).`,
    );
  }
  return {
    directory,
    stateStore: stateStore ?? `sqlite:${directory.stateFile}`,
    stateStoreEmbedded: stateStore === undefined,
    objectStore: objectStore ?? `file:${directory.objectDirectory}`,
    objectStoreEmbedded: objectStore === undefined,
  };
}
