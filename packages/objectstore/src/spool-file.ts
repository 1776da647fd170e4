import { randomUUID } from "node:crypto";
import { mkdir, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { appendChunk } from "./append-chunk.ts";

/** Bytes that wait on this machine's disk. */
export interface SpoolFile {
  readonly bytes: number;
  append(chunk: Uint8Array): Promise<void>;
  /** A stream from the first byte on. */
  read(): Readable;
  close(): Promise<void>;
}

/**
 * Opens an empty spool file in `directory`. Its name is removed at once: the bytes live as long as the open file does, so that a crash leaves nothing behind
 * and nobody else can open it.
 */
export const openSpoolFile = async (directory: string): Promise<SpoolFile> => {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `alchemiscale-${randomUUID()}.spool`);
  const file = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
  } catch (error) {
    await file.close();
    throw error;
  }
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    append: async (chunk) => {
      await appendChunk(file, chunk);
      bytes += chunk.byteLength;
    },
    read: () => file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 }),
    close: () => file.close(),
  };
};
