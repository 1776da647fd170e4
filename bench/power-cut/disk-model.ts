/**
 * What a disk may hold after a loss of power, given what was written and flushed before. Strict as POSIX, which promises no more: content is
 * there once its file was flushed, a name once its directory was; until then each sector and each name may be as it was at any time since.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { RandomNumbers } from "../networks/random-numbers.ts";
import type { LogRecord } from "./write-log.ts";

/** How much of what was not flushed is there afterwards. */
export type Survival =
  /** Nothing. */
  | "nothing"
  /** All, as after the kill of a process. */
  | "everything"
  /** What was written up to some moment, the last write torn. */
  | "up to a moment"
  /** All but one write, or one name. */
  | "all but one"
  /** Each sector and each name as it was at some moment of its own. */
  | "anything";

export const survivals: readonly Survival[] = ["nothing", "everything", "up to a moment", "all but one", "anything"];

const sector = 512;

type Change = { readonly offset: number; readonly data: Buffer } | { readonly size: number };

class FileContent {
  /** What is on the disk for certain. */
  #durable: Buffer = Buffer.alloc(0);
  #durableSize = 0;
  readonly #pending: Change[] = [];

  change(change: Change): void {
    this.#pending.push(change);
  }

  flush(): void {
    for (const change of this.#pending) {
      if ("size" in change) {
        if (change.size < this.#durableSize) this.#durable.fill(0, change.size, this.#durableSize);
        this.#grow(change.size);
        this.#durableSize = change.size;
      } else {
        const end = change.offset + change.data.length;
        this.#grow(end);
        change.data.copy(this.#durable, change.offset);
        this.#durableSize = Math.max(this.#durableSize, end);
      }
    }
    this.#pending.length = 0;
  }

  #grow(size: number): void {
    if (size <= this.#durable.length) return;
    const larger = Buffer.alloc(Math.max(size, 2 * this.#durable.length, 4096));
    this.#durable.copy(larger);
    this.#durable = larger;
  }

  /** The content after a loss of power. */
  after(survival: Survival, random: RandomNumbers): Buffer {
    const pending = this.#pending;
    if (pending.length === 0 || survival === "nothing") return Buffer.from(this.#durable.subarray(0, this.#durableSize));
    const extent = pending.reduce(
      (most, change) => Math.max(most, "size" in change ? change.size : change.offset + change.data.length),
      this.#durableSize,
    );
    const content = Buffer.alloc(extent);
    const { keeps, size: sizeOf, junk } = decide(survival, pending.length, random);
    // Space that a file was given and not yet written may hold whatever lay there before.
    if (junk) for (let at = this.#durableSize; at < extent; at += 1) content[at] = random.below(256);
    this.#durable.copy(content, 0, 0, this.#durableSize);
    const sizes = [this.#durableSize];
    let size = this.#durableSize;
    for (const [i, change] of pending.entries()) {
      const [start, end] =
        "size" in change
          ? [Math.min(size, change.size), Math.max(size, change.size)]
          : [change.offset, change.offset + change.data.length];
      for (let at = start; at < end; at = nextSector(at)) {
        if (!keeps(i, Math.floor(at / sector))) continue;
        const stop = Math.min(nextSector(at), end);
        if ("size" in change) content.fill(0, at, stop);
        else change.data.copy(content, at, at - start, stop - start);
      }
      size = "size" in change ? change.size : Math.max(size, end);
      sizes.push(size);
    }
    return content.subarray(0, sizeOf(sizes));
  }
}

interface Decision {
  /** Whether a change is on the disk in one sector of it. */
  readonly keeps: (change: number, sector: number) => boolean;
  /** The size of the file, given its size before the first change and after each. */
  readonly size: (sizes: readonly number[]) => number;
  readonly junk: boolean;
}

/** Draws what is there of `count` changes that were not flushed. */
function decide(survival: Survival, count: number, random: RandomNumbers): Decision {
  const at = (sizes: readonly number[], i: number): number => sizes[i] as number;
  switch (survival) {
    case "nothing":
      return { keeps: () => false, size: (sizes) => at(sizes, 0), junk: false };
    case "everything":
      return { keeps: () => true, size: (sizes) => at(sizes, count), junk: false };
    case "up to a moment": {
      const moment = random.below(count + 1);
      const torn = random.next();
      const keeps = (change: number): boolean => change < moment || (change === moment && random.next() < torn);
      return { keeps, size: (sizes) => at(sizes, Math.min(count, moment + random.below(2))), junk: false };
    }
    case "all but one": {
      const lost = random.below(count);
      return { keeps: (change) => change !== lost, size: (sizes) => at(sizes, count), junk: false };
    }
    case "anything": {
      // Of a sector, what was written up to some moment: later writes do not go back before earlier ones.
      const moments = new Map<number, number>();
      const lean = random.next();
      const keeps = (change: number, where: number): boolean => {
        let moment = moments.get(where);
        if (moment === undefined) {
          moment = random.next() < lean ? count : random.below(count + 1);
          moments.set(where, moment);
        }
        return change < moment;
      };
      return { keeps, size: (sizes) => random.pick(sizes), junk: random.next() < 0.25 };
    }
  }
}

function nextSector(at: number): number {
  return (Math.floor(at / sector) + 1) * sector;
}

/** What a name may stand for. */
type Target = FileContent | "directory" | null;

/** The names in a directory: what each stands for on the disk for certain, and what it has stood for since. */
class Directory {
  readonly names = new Map<string, { durable: Target; readonly since: Target[] }>();

  set(name: string, target: Target): void {
    const entry = this.names.get(name);
    if (entry === undefined) this.names.set(name, { durable: null, since: [target] });
    else entry.since.push(target);
  }

  /** What the name stands for as long as the power is on. */
  now(name: string): Target {
    const entry = this.names.get(name);
    return entry === undefined ? null : (entry.since[entry.since.length - 1] ?? (entry.since.length > 0 ? null : entry.durable));
  }

  flush(): void {
    for (const [name, entry] of this.names) {
      if (entry.since.length > 0) {
        entry.durable = entry.since[entry.since.length - 1] ?? null;
        entry.since.length = 0;
      }
      if (entry.durable === null) this.names.delete(name);
    }
  }
}

/** The files below a directory, which is empty and on the disk at first. Apply records in their order, and rebuild at any moment. */
export class DiskModel {
  readonly #root: string;
  readonly #files = new Map<bigint, FileContent>();
  readonly #directories = new Map<string, Directory>([["", new Directory()]]);

  /** @param root absolute, without symbolic links */
  constructor(root: string) {
    this.#root = root;
  }

  apply(record: LogRecord): void {
    switch (record.kind) {
      case "create": {
        const file = new FileContent();
        this.#files.set(record.inode, file);
        this.#set(record.path, file);
        break;
      }
      case "write":
        this.#file(record.inode).change({ offset: record.offset, data: record.data });
        break;
      case "truncate":
        this.#file(record.inode).change({ size: record.size });
        break;
      case "sync":
        this.#file(record.inode).flush();
        break;
      case "sync-directory":
        this.#directory(relative(this.#root, record.path)).flush();
        break;
      case "rename": {
        const target = this.#now(record.from);
        if (target === "directory") throw new Error(`the directory ${record.from} is renamed, which is not followed`);
        this.#set(record.to, target);
        this.#set(record.from, null);
        break;
      }
      case "link":
        this.#set(record.to, this.#now(record.from));
        break;
      case "unlink":
        this.#set(record.path, null);
        break;
      case "mkdir":
        this.#directories.set(relative(this.#root, record.path), new Directory());
        this.#set(record.path, "directory");
        break;
      case "rmdir":
        this.#set(record.path, null);
        break;
      case "sent":
        break;
    }
  }

  /** Writes what is there after a loss of power at this moment into a directory, which must be empty. */
  async rebuild(into: string, survival: Survival, random: RandomNumbers): Promise<void> {
    await this.#rebuild("", into, survival, random);
  }

  /** The files that there are as long as the power is on, by their paths below the root. */
  files(): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    const walk = (path: string): void => {
      for (const name of this.#directory(path).names.keys()) {
        const target = this.#directory(path).now(name);
        if (target === "directory") walk(join(path, name));
        else if (target !== null) found.set(join(path, name), target.after("everything", never));
      }
    };
    walk("");
    return found;
  }

  async #rebuild(path: string, into: string, survival: Survival, random: RandomNumbers): Promise<void> {
    const { names } = this.#directory(path);
    const undecided = [...names].filter(([, { since }]) => since.length > 0).map(([name]) => name);
    const lost = survival === "all but one" && undecided.length > 0 ? random.pick(undecided) : undefined;
    const lean = random.next();
    for (const [name, { durable, since }] of names) {
      const last = since[since.length - 1];
      let target = durable;
      if (since.length > 0 && last !== undefined) {
        if (survival === "everything" || (survival === "all but one" && name !== lost)) target = last;
        else if (survival === "anything" || survival === "up to a moment") {
          target = random.next() < lean ? last : random.pick([durable, ...since]);
        }
      }
      if (target === null) continue;
      if (target === "directory") {
        await mkdir(join(into, name));
        await this.#rebuild(join(path, name), join(into, name), survival, random);
      } else await writeFile(join(into, name), target.after(survival, random));
    }
  }

  #file(inode: bigint): FileContent {
    const file = this.#files.get(inode);
    if (file === undefined) throw new Error(`inode ${inode} is written to and was never created`);
    return file;
  }

  #directory(path: string): Directory {
    const directory = this.#directories.get(path);
    if (directory === undefined) throw new Error(`the directory ${path} was never made`);
    return directory;
  }

  #now(path: string): Target {
    const { directory, name } = this.#split(path);
    return directory.now(name);
  }

  #set(path: string, target: Target): void {
    const { directory, name } = this.#split(path);
    directory.set(name, target);
  }

  #split(path: string): { readonly directory: Directory; readonly name: string } {
    const below = relative(this.#root, path);
    const cut = below.lastIndexOf("/");
    return { directory: this.#directory(cut === -1 ? "" : below.slice(0, cut)), name: below.slice(cut + 1) };
  }
}

const never: RandomNumbers = {
  next: () => 0,
  below: () => 0,
  pick: ([first]) => first as never,
  hex: () => "",
};
