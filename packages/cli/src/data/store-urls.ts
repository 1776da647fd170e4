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
  /** True where somebody has named the data directory, so that other processes may be meant to share it. */
  readonly directoryNamed: boolean;
}

/** The Python server's options for its stores (user-api §8), and our `--data`. */
export interface StoreUrlOptions {
  readonly data?: string;
  readonly url?: string;
  readonly user?: string;
  readonly password?: string;
  readonly dbname?: string;
  readonly s3Bucket?: string;
  readonly s3Prefix?: string;
  readonly defaultRegion?: string;
}

/**
 * The two stores: options, else variables, else the data directory.
 * @throws {UsageError} when only the settings of the Python server's database are there: a command that then quietly began an empty
 * store of its own would look as if everything had been lost.
 */
export function storeUrls(options: StoreUrlOptions): StoreUrls {
  const directory = locateDataDirectory(options.data);
  const stateStore = stateStoreUrl(options);
  const objectStore = objectStoreUrl(options);
  return {
    directory,
    stateStore: stateStore ?? `sqlite:${directory.stateFile}`,
    stateStoreEmbedded: stateStore === undefined,
    objectStore: objectStore ?? `file:${directory.objectDirectory}`,
    objectStoreEmbedded: objectStore === undefined,
    directoryNamed: options.data !== undefined || environmentVariable("ALCHEMISCALE_DATA") !== undefined,
  };
}

function stateStoreUrl(options: StoreUrlOptions): string | undefined {
  const { url } = options;
  if (url !== undefined && /^(sqlite|postgres|postgresql):/.test(url)) return withParts(url, options);
  const isNeo4j = url !== undefined && /^(bolt|neo4j)(\+[a-z]+)?:/i.test(url);
  if (url !== undefined && !isNeo4j) {
    throw new UsageError(
      `--url must be sqlite:FILE or postgres://user:password@host/database; this one begins with ${JSON.stringify(url.split(":")[0])}`,
    );
  }
  const named = environmentVariable("ALCHEMISCALE_STATE_STORE_URL");
  if (named !== undefined) return named;
  const neo4j = isNeo4j ? "--url" : environmentVariable("NEO4J_URL") !== undefined ? "NEO4J_URL" : undefined;
  if (neo4j !== undefined) {
    throw new UsageError(
      `${neo4j} names a Neo4j database, and this release does not read Neo4j. What the Python server keeps there stays with the Python server for now. To begin with an empty store here, set ALCHEMISCALE_STATE_STORE_URL (sqlite:FILE or postgres://…), or leave ${neo4j} out to use the data directory.`,
    );
  }
  return undefined;
}

/** `--user`, `--password` and `--dbname` fill in what the address of a PostgreSQL leaves out. */
function withParts(url: string, { user, password, dbname }: StoreUrlOptions): string {
  if (!url.startsWith("postgres") || !URL.canParse(url)) return url;
  const whole = new URL(url);
  if (user !== undefined && whole.username === "") whole.username = encodeURIComponent(user);
  if (password !== undefined && whole.password === "") whole.password = encodeURIComponent(password);
  if (dbname !== undefined && whole.pathname.length <= 1) whole.pathname = `/${encodeURIComponent(dbname)}`;
  return whole.href;
}

/** A bucket named as for the Python server is as good as an address of ours. */
function objectStoreUrl(options: StoreUrlOptions): string | undefined {
  const named = environmentVariable("ALCHEMISCALE_OBJECT_STORE_URL");
  if (options.s3Bucket === undefined && named !== undefined) return named;
  const bucket = options.s3Bucket ?? environmentVariable("AWS_S3_BUCKET");
  if (bucket === undefined) {
    if (options.s3Prefix !== undefined) throw new UsageError("--s3-prefix needs --s3-bucket, or AWS_S3_BUCKET");
    return undefined;
  }
  const prefix = (options.s3Prefix ?? environmentVariable("AWS_S3_PREFIX") ?? "").replace(/^\/+|\/+$/g, "");
  const region = options.defaultRegion ?? environmentVariable("AWS_DEFAULT_REGION");
  return `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}${region === undefined ? "" : `?region=${encodeURIComponent(region)}`}`;
}
