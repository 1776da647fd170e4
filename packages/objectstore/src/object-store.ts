/** What every store of results and files can do, whatever it is kept on. */

/** A part of an object: `length` bytes from byte `offset` on (to the end when `length` is absent). */
export interface ByteRange {
  readonly offset: number;
  readonly length?: number;
}

/** An object being read. Read `body` to its end, leave the loop over it, or call `close`: each lets its file or connection go. */
export interface StoredObject {
  /** Size of the whole object in bytes, also where only a range was asked for. */
  readonly size: number;
  /** The bytes asked for, in order; read once. A range is cut at the end of the object. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets the object go without reading it (to the end). */
  close(): Promise<void>;
}

/** One entry of a listing. */
export interface ListedObject {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface PutOptions {
  /** Stops the writing; nothing is stored. */
  readonly signal?: AbortSignal;
}

/**
 * An object whose bytes are written before its path is known (the key of a result stands in its last element).
 * Nothing can be seen under any path before `commit` has returned; a pending object left by a crash is never seen.
 */
export interface PendingObject {
  /** Bytes written so far. */
  readonly bytes: number;
  /** Appends a chunk; resolved when the next one may come (so that a slow disk slows the sender, and memory stays bounded). */
  write(chunk: Uint8Array): Promise<void>;
  /** Stores the object under `path`, durably, replacing what is there. Only once; after it, or a failure of it, the pending object is gone. */
  commit(path: string): Promise<void>;
  /** Lets the bytes go. May be called at any time, also after `commit` (it then does nothing). */
  abort(): Promise<void>;
}

/**
 * A store of immutable byte objects under slash-separated paths (`InvalidObjectPath` says which are allowed).
 * An object is there whole or not at all, also when the process is killed while it writes; what `put` or `commit` acknowledged is durable.
 *
 * Every method throws `InvalidObjectPath` for a path that breaks the rule (before anything is touched), and
 * `ObjectStoreUnavailable` when the store itself does not answer or refuses.
 */
export interface ObjectStore {
  /** Where the objects are, for people; holds no secret. */
  readonly description: string;
  /** Stores an object durably, replacing what is there. */
  put(path: string, source: AsyncIterable<Uint8Array> | Uint8Array, options?: PutOptions): Promise<{ readonly bytes: number }>;
  /** Starts an object whose path is given at the end. */
  begin(): Promise<PendingObject>;
  /** Opens an object for reading. Throws `ObjectNotFound`. */
  get(path: string, range?: ByteRange): Promise<StoredObject>;
  exists(path: string): Promise<boolean>;
  /** Removes an object; no error when it is not there. */
  delete(path: string): Promise<void>;
  /** The objects whose path starts with `prefix` (whole segments: `a/b` matches `a/b/c` and `a/b`, not `a/bc`; empty: all), in code-point order of their paths. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Probes the store: lists, writes and deletes a small object. Throws `ObjectStoreUnavailable`. */
  check(): Promise<void>;
  /** An address from which anyone may read the object for `seconds`. Absent where the store has no addresses of its own. */
  presign?(path: string, seconds: number): Promise<string>;
  /** Lets connections and files go; pending objects are aborted. */
  close(): Promise<void>;
}
