import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Files that can be had again, under names of any form, in a directory of its own. Those that were not asked for longest go first, once all of
 * them together are larger than they may be.
 */
export class FileCache {
  readonly #directory: string;
  readonly #maxBytes: number;
  /** The longest not asked for first. */
  readonly #sizes = new Map<string, number>();

  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** Where the file of a name lies, or would. */
  pathOf(name: string): string {
    // Errors of Python name the file.
    const readable = name.replace(/[^\w-]+/g, "").slice(0, 60);
    return join(this.#directory, `${readable}-${createHash("sha256").update(name).digest("hex")}`);
  }

  has(name: string): boolean {
    return this.#sizes.has(name);
  }

  /** The path of a file, which `write` makes where it is not there. It stays until `trim`. */
  async obtain(name: string, write: (path: string) => Promise<void>): Promise<string> {
    const path = this.pathOf(name);
    if (!this.#sizes.has(name)) {
      try {
        await write(path);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    }
    await this.add(name);
    return path;
  }

  /** A file that was written at its path, or is asked for again. */
  async add(name: string): Promise<void> {
    const size = this.#sizes.get(name) ?? (await stat(this.pathOf(name))).size;
    this.#sizes.delete(name);
    this.#sizes.set(name, size);
  }

  async trim(): Promise<void> {
    let bytes = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const [name, size] of this.#sizes) {
      if (bytes <= this.#maxBytes) return;
      this.#sizes.delete(name);
      bytes -= size;
      await rm(this.pathOf(name), { force: true });
    }
  }
}
