/** What the clients need of Node: files, zstd, and sockets with settings. */
export { type EncodedResult, encodeResult, type ResultSource } from "./encode-result.ts";
export { type NodeFetchOptions, nodeFetch } from "./node-fetch.ts";
