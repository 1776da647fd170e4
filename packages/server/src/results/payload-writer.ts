/** Writes the payload of a result, and makes sure that its zstd frame states its content size: Python reads no other (compute-api §4). */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { zstdContentSize } from "@alchemiscale/gufe/zstd";
import { unprocessable } from "../transport/http-error.ts";

const longestHeader = 18;

/**
 * A frame that states its size goes through with the same bytes. One that does not waits in a temporary file until its size has been
 * counted, and is then compressed anew with it.
 */
export class PayloadWriter {
  readonly #write: (chunk: Uint8Array) => Promise<void>;
  #start: Uint8Array[] | null = [];
  #startLength = 0;
  #statedSize: bigint | null = null;
  #spool: { readonly file: FileHandle; readonly path: string } | null = null;

  constructor(write: (chunk: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#start === null) {
      await this.#pass(chunk);
      return;
    }
    this.#start.push(chunk);
    this.#startLength += chunk.length;
    if (this.#startLength >= longestHeader) await this.#decide();
  }

  /**
   * @param contentBytes what the frame decompressed to
   * @throws {HttpError} 422 where the frame states another size
   */
  async finish(contentBytes: number): Promise<void> {
    if (this.#start !== null) await this.#decide();
    if (this.#statedSize !== null && this.#statedSize !== BigInt(contentBytes)) {
      throw unprocessable(`the zstd frame of the result states ${this.#statedSize} bytes of content and holds ${contentBytes}`);
    }
    if (this.#spool === null) return;
    const compressor = createZstdCompress({ pledgedSrcSize: contentBytes, params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    await pipeline(
      createReadStream(this.#spool.path),
      createZstdDecompress(),
      compressor,
      async (frame: AsyncIterable<Buffer>) => {
        for await (const chunk of frame) await this.#write(chunk);
      },
    );
  }

  /** Removes what was put aside; may be called at any time. */
  async discard(): Promise<void> {
    const spool = this.#spool;
    this.#spool = null;
    if (spool === null) return;
    await spool.file.close();
    await rm(spool.path, { force: true });
  }

  async #decide(): Promise<void> {
    const start = Buffer.concat(this.#start ?? []);
    this.#start = null;
    const size = zstdContentSize(start);
    if (size === null) {
      const path = join(tmpdir(), `alchemiscale-${randomUUID()}.zst`);
      this.#spool = { file: await open(path, "wx", 0o600), path };
    } else if (size !== undefined) {
      this.#statedSize = size;
    }
    await this.#pass(start);
  }

  async #pass(chunk: Uint8Array): Promise<void> {
    if (this.#spool === null) await this.#write(chunk);
    else await this.#spool.file.write(chunk);
  }
}
