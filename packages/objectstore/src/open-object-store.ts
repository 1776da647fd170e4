import { openFilesystemStore } from "./filesystem/filesystem-store.ts";
import type { ObjectStore } from "./object-store.ts";
import { InvalidObjectStoreUrl } from "./object-store-error.ts";

/** What the address does not say. */
export interface OpenObjectStoreOptions {
  /** Where objects wait whose path is not known yet, for stores that are not on this machine. Default: the system's temporary directory. */
  readonly spoolDirectory?: string;
}

/**
 * Opens the store an address names: `file:DIRECTORY` (made when absent; relative to the working directory) or
 * `s3://bucket/prefix?endpoint=URL&region=NAME` (credentials, and the region when absent, from the usual AWS environment variables).
 * Throws `InvalidObjectStoreUrl`, `ObjectStoreUnavailable`.
 */
export const openObjectStore = async (url: string, options: OpenObjectStoreOptions = {}): Promise<ObjectStore> => {
  if (url.startsWith("file:")) return openFilesystemStore(directoryOf(url));
  if (url.startsWith("s3:")) {
    // Loaded only here: the S3 client costs a start-up time and memory that a directory does not need.
    const { openS3Store } = await import("./s3/s3-store.ts");
    return openS3Store(url, options);
  }
  throw new InvalidObjectStoreUrl(withoutSecrets(url), "its scheme is neither file nor s3");
};

const directoryOf = (url: string): string => {
  const path = url.startsWith("file:///") ? decodeURIComponent(new URL(url).pathname) : url.slice("file:".length);
  if (path === "") throw new InvalidObjectStoreUrl(url, "it names no directory");
  return path;
};

const withoutSecrets = (url: string): string => url.replace(/\/\/[^/@]*@/, "//").replace(/\?.*$/, "");
