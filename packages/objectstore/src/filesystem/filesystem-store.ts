import { randomUUID } from "node:crypto";
import type { Dirent } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { appendChunk } from "../append-chunk.ts";
import { isObjectPath, objectPathSegments, objectPrefixSegments } from "../object-path.ts";
import type { ListedObject, ObjectStore, PendingObject } from "../object-store.ts";
import { InvalidObjectPath, ObjectNotFound, ObjectStoreUnavailable } from "../object-store-error.ts";
import { writeAll } from "../write-all.ts";
import { durableDirectories, flushDirectory, makeDurableDirectory } from "./durable-directories.ts";

// Starts with a dot, so no object path can lead into it; in the store's own directory, so that a rename never crosses file systems.
const pendingDirectory = ".pending";
const leftoverAge = 60 * 60 * 1000;
const readSize = 256 * 1024;

/**
 * Keeps each object in a file of its own below `directory`, which is made when absent.
 *
 * An object is written to a temporary file, flushed, renamed to its path, and the directory flushed: a reader meets the whole old or the whole new
 * object, and what was acknowledged survives a loss of power. Temporary files that a crash left are removed at opening once they have not been
 * written to for an hour (younger ones may belong to another process).
 */
export const openFilesystemStore = async (directory: string): Promise<ObjectStore> => {
  const root = resolve(directory);
  const pendingRoot = join(root, pendingDirectory);
  const description = `file:${root}`;
  const pending = new Set<PendingObject>();
  const makeDirectory = durableDirectories(root);

  const asStoreError = (operation: string, error: unknown): Error => {
    if (error instanceof InvalidObjectPath || error instanceof ObjectNotFound || error instanceof ObjectStoreUnavailable)
      return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new ObjectStoreUnavailable(description, operation, reason, { cause: error });
  };

  try {
    await makeDurableDirectory(root);
    await mkdir(pendingRoot, { recursive: true });
    await flushDirectory(root);
    await removeLeftovers(pendingRoot);
  } catch (error) {
    throw asStoreError("open", error);
  }

  const begin = async (): Promise<PendingObject> => {
    const temporary = join(pendingRoot, randomUUID());
    let file: FileHandle | undefined;
    try {
      file = await open(temporary, "wx");
    } catch (error) {
      throw asStoreError("begin an object", error);
    }
    let bytes = 0;

    const discard = async (): Promise<void> => {
      pending.delete(object);
      const opened = file;
      file = undefined;
      await opened?.close().catch(() => {});
      await rm(temporary, { force: true }).catch(() => {});
    };

    const object: PendingObject = {
      get bytes() {
        return bytes;
      },
      write: async (chunk) => {
        if (file === undefined)
          throw new ObjectStoreUnavailable(description, "write", "the object is already committed or aborted");
        try {
          await appendChunk(file, chunk);
          bytes += chunk.byteLength;
        } catch (error) {
          throw asStoreError("write", error);
        }
      },
      commit: async (path) => {
        if (file === undefined)
          throw new ObjectStoreUnavailable(description, "commit", "the object is already committed or aborted");
        try {
          const segments = objectPathSegments(path);
          const opened = file;
          await opened.sync();
          file = undefined;
          await opened.close();
          const parent = await makeDirectory(segments.slice(0, -1));
          await rename(temporary, join(root, ...segments));
          await flushDirectory(parent);
          pending.delete(object);
        } catch (error) {
          await discard();
          throw clashing(path, error) ?? asStoreError("commit", error);
        }
      },
      abort: async () => {
        if (pending.has(object)) await discard();
      },
    };
    pending.add(object);
    return object;
  };

  const remove = async (path: string): Promise<void> => {
    const file = join(root, ...objectPathSegments(path));
    try {
      await unlink(file);
      await flushDirectory(dirname(file));
    } catch (error) {
      if (!isAbsent(error) && !isDirectory(error)) throw asStoreError("delete", error);
    }
  };

  const put: ObjectStore["put"] = async (path, source, options) => {
    objectPathSegments(path);
    return writeAll(begin, path, source, options?.signal);
  };

  return {
    description,
    begin,
    put,
    delete: remove,

    get: async (path, range) => {
      const location = join(root, ...objectPathSegments(path));
      let file: FileHandle;
      let size: number;
      try {
        file = await open(location, "r");
      } catch (error) {
        throw isAbsent(error) ? new ObjectNotFound(path) : asStoreError("read", error);
      }
      try {
        const found = await file.stat();
        if (!found.isFile()) throw new ObjectNotFound(path);
        size = found.size;
      } catch (error) {
        await file.close();
        throw asStoreError("read", error);
      }
      const first = Math.min(range?.offset ?? 0, size);
      const end = Math.min(range?.length === undefined ? size : first + range.length, size);
      if (end <= first) {
        await file.close();
        return { size, body: Readable.from([]), close: async () => {} };
      }
      const body = file.createReadStream({ start: first, end: end - 1, highWaterMark: readSize });
      return {
        size,
        body,
        close: async () => {
          body.destroy();
          await file.close().catch(() => {});
        },
      };
    },

    exists: async (path) => {
      try {
        return (await stat(join(root, ...objectPathSegments(path)))).isFile();
      } catch (error) {
        if (isAbsent(error)) return false;
        throw asStoreError("look up an object", error);
      }
    },

    list: async function* (prefix) {
      const segments = objectPrefixSegments(prefix);
      try {
        yield* walk(root, segments);
      } catch (error) {
        throw asStoreError("list", error);
      }
    },

    check: async () => {
      try {
        await readdir(root);
      } catch (error) {
        throw asStoreError("list", error);
      }
      await put("_check_test", new TextEncoder().encode("test"));
      await remove("_check_test");
    },

    close: async () => {
      await Promise.all([...pending].map((object) => object.abort()));
    },
  };
};

/** The files at and below `root/segments` in code-point order of their whole paths. */
async function* walk(root: string, segments: readonly string[]): AsyncGenerator<ListedObject> {
  const directory = join(root, ...segments);
  let entries: Dirent[];
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (isNoDirectory(error)) {
      const path = segments.join("/");
      const found = await stat(directory).catch(() => undefined);
      if (found?.isFile()) yield { path, size: found.size };
      return;
    }
    if (isAbsent(error)) return;
    throw error;
  }
  // A directory sorts as its name and the slash that follows it.
  const named = entries.map((entry) => ({ entry, order: entry.isDirectory() ? `${entry.name}/` : entry.name }));
  named.sort((a, b) => (a.order < b.order ? -1 : 1));
  for (const { entry } of named) {
    const path = [...segments, entry.name];
    if (!isObjectPath(path.join("/"))) continue;
    if (entry.isDirectory()) yield* walk(root, path);
    else if (entry.isFile()) {
      const found = await stat(join(directory, entry.name)).catch(() => undefined);
      if (found !== undefined) yield { path: path.join("/"), size: found.size };
    }
  }
}

const removeLeftovers = async (pendingRoot: string): Promise<void> => {
  for (const name of await readdir(pendingRoot)) {
    const path = join(pendingRoot, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && Date.now() - found.mtimeMs > leftoverAge) await rm(path, { force: true });
  }
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;
const isNoDirectory = (error: unknown): boolean => codeOf(error) === "ENOTDIR";
const isDirectory = (error: unknown): boolean =>
  codeOf(error) === "EISDIR" || (codeOf(error) === "EPERM" && process.platform === "darwin");
const isAbsent = (error: unknown): boolean => codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";

/** The error for a path of which a part is an object already, or which is itself a directory of objects; undefined for other failures. */
const clashing = (path: string, error: unknown): InvalidObjectPath | undefined =>
  ["ENOTDIR", "EISDIR", "EEXIST"].includes(codeOf(error) ?? "")
    ? new InvalidObjectPath(path, "another object has this path, or a part of it, as a folder or as its own path")
    : undefined;
