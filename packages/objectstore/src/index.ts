export type { ByteRange, ListedObject, ObjectStore, PendingObject, PutOptions, StoredObject } from "./object-store.ts";
export { InvalidObjectPath, InvalidObjectStoreUrl, ObjectNotFound, ObjectStoreUnavailable } from "./object-store-error.ts";
export { type OpenObjectStoreOptions, openObjectStore } from "./open-object-store.ts";
export { type ResultLocation, resultPath, resultPathsToTry } from "./result-path.ts";
export { openSpoolFile, type SpoolFile } from "./spool-file.ts";
