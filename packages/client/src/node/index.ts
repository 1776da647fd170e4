/** What the clients need of Node: files, zstd, and sockets with settings. */
export { connectionFromEnvironment } from "./connection-from-environment.ts";
export { type DiskCacheOptions, diskCache } from "./disk-cache.ts";
export { type EncodedResult, encodeResult, type ResultSource } from "./encode-result.ts";
export { type Gathered, type GatherOptions, gatherResults } from "./gather-results.ts";
export { type NodeFetchOptions, nodeFetch } from "./node-fetch.ts";
export { type ChainInFile, type OpenArchive, type OpenArchiveOptions, openArchive } from "./open-archive.ts";
export { decompressResult, type ReadResultOptions, readResult } from "./read-result.ts";
export { ImportNotPossible, type Restored, type RestoreOptions, restoreArchive } from "./restore-archive.ts";
