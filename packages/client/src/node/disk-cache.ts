import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, opendir, readFile, rename, rm, stat, unlink, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ContentCache, ContentKind } from "../cache/content-cache.ts";
import { InvalidArgument } from "../client-error.ts";

export interface DiskCacheOptions {
  /** `$XDG_CACHE_HOME/alchemiscale-client`, else `~/.cache/alchemiscale-client`, unless told. Made when something is first kept. */
  readonly directory?: string;
  /** What all files together may take; 1 GiB unless told. Several processes at once may exceed it by what they have written since each last looked. */
  readonly maxBytes?: number;
  /** Told of what went wrong: a file that was damaged (and is dropped), a disk that is full. Calls go on without the cache. */
  readonly onProblem?: (problem: string) => void;
}

/** Files begin with these and the SHA-256 of what follows. */
const magic = Buffer.from("alchemiscale-1\n");
const digestBytes = 32;
/** Left behind by processes that were killed. */
const temporaryLifeMs = 3_600_000;

/**
 * A cache on the disk, for any number of processes at once and without a lock: each file is written aside and renamed, its name is the
 * hash of server, kind and key, and what it holds is checked by its own hash when it is read. The least recently used go first.
 * @throws {InvalidArgument} for a negative size.
 */
export function diskCache(options: DiskCacheOptions = {}): ContentCache {
  const { directory = defaultDirectory(), maxBytes = 2 ** 30, onProblem = () => {} } = options;
  if (!(maxBytes >= 0)) throw new InvalidArgument("maxBytes", maxBytes, "a number of at least 0");
  return new DiskCache(directory, maxBytes, onProblem);
}

class DiskCache implements ContentCache {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #onProblem: (problem: string) => void;
  /** Written by this process since it last looked at the whole. Infinity: it never looked. */
  #written = Number.POSITIVE_INFINITY;
  /** What the whole held then. */
  #held = 0;
  #trimming: Promise<void> | undefined;

  constructor(directory: string, maxBytes: number, onProblem: (problem: string) => void) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#onProblem = onProblem;
  }

  async get(server: string, kind: ContentKind, key: string): Promise<Uint8Array | undefined> {
    const path = this.#path(server, kind, key);
    try {
      const file = await readFile(path);
      const start = magic.length + digestBytes;
      const content = file.subarray(start);
      if (!file.subarray(0, magic.length).equals(magic) || !digestOf(content).equals(file.subarray(magic.length, start))) {
        this.#onProblem(`${path}, kept for ${key} of ${server}, was damaged; it is dropped and asked for again`);
        await unlink(path);
        return undefined;
      }
      const now = new Date();
      // The file's time is when it was last used. Another process may have dropped it meanwhile.
      await utimes(path, now, now).catch(() => {});
      return new Uint8Array(content);
    } catch (error) {
      this.#tell(error);
      return undefined;
    }
  }

  async put(server: string, kind: ContentKind, key: string, bytes: Uint8Array): Promise<void> {
    const size = magic.length + digestBytes + bytes.length;
    if (size > this.#maxBytes) return;
    const path = this.#path(server, kind, key);
    try {
      if (await isThere(path)) return;
      await mkdir(join(path, ".."), { recursive: true });
      const temporary = `${path}.${process.pid}.${randomBytes(6).toString("hex")}.part`;
      try {
        const file = await open(temporary, "wx");
        try {
          await file.writev([magic, digestOf(bytes), bytes]);
        } finally {
          await file.close();
        }
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      this.#written += size;
      // Looking at the whole takes time for each file: not at each of them.
      if (this.#held + this.#written > this.#maxBytes) await this.#trim();
    } catch (error) {
      this.#tell(error);
    }
  }

  #path(server: string, kind: ContentKind, key: string): string {
    const name = createHash("sha256")
      .update(JSON.stringify([server, kind, key]))
      .digest("hex");
    return join(this.#directory, "v1", name.slice(0, 2), name.slice(2));
  }

  async #trim(): Promise<void> {
    this.#trimming ??= this.#trimNow().finally(() => {
      this.#trimming = undefined;
    });
    await this.#trimming;
  }

  /** Down to nine tenths, so that not every further file makes this necessary. */
  async #trimNow(): Promise<void> {
    this.#written = 0;
    const files = await this.#files();
    let held = files.reduce((sum, { size }) => sum + size, 0);
    if (held > this.#maxBytes) {
      files.sort((a, b) => a.used - b.used);
      for (const { path, size } of files) {
        if (held <= 0.9 * this.#maxBytes) break;
        // Two processes may drop the same one.
        await rm(path, { force: true });
        held -= size;
      }
    }
    this.#held = held;
  }

  async #files(): Promise<{ readonly path: string; readonly size: number; readonly used: number }[]> {
    const files: { path: string; size: number; used: number }[] = [];
    for await (const entry of await opendir(join(this.#directory, "v1"), { recursive: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const facts = await stat(path).catch(() => undefined);
      if (facts === undefined) continue;
      if (path.endsWith(".part")) {
        if (facts.mtimeMs < Date.now() - temporaryLifeMs) await rm(path, { force: true });
        continue;
      }
      files.push({ path, size: facts.size, used: facts.mtimeMs });
    }
    return files;
  }

  #tell(error: unknown): void {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isAbsent) this.#onProblem(error instanceof Error ? error.message : String(error));
  }
}

function defaultDirectory(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base === undefined || base === "" ? join(homedir(), ".cache") : base, "alchemiscale-client");
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
