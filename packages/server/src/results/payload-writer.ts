/** Writes the payload of a result, and makes sure that its zstd frame states its content size: Python reads no other (compute-api §4). */
import { tmpdir } from "node:os";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { zstdContentSize } from "@alchemiscale/gufe/zstd";
import { openSpoolFile, type SpoolFile } from "@alchemiscale/objectstore";
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
  /** Known before it is there: it may have to be let go while it is being opened. */
  #spool: Promise<SpoolFile> | null = null;
  #discarded = false;

  constructor(write: (chunk: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Nothing any more after `discard`: a reader that has failed may still be given a chunk that was on its way. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#discarded) return;
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
    await pipeline((await this.#spool).read(), createZstdDecompress(), compressor, async (frame: AsyncIterable<Buffer>) => {
      for await (const chunk of frame) await this.#write(chunk);
    });
  }

  /** Removes what was put aside; once, at any time. */
  async discard(): Promise<void> {
    this.#discarded = true;
    // What failed to open has said so to who wrote.
    const spool = await this.#spool?.catch(() => null);
    await spool?.close();
  }

  async #decide(): Promise<void> {
    const start = Buffer.concat(this.#start ?? []);
    this.#start = null;
    const size = zstdContentSize(start);
    if (size === null) {
      this.#spool = openSpoolFile(tmpdir());
    } else if (size !== undefined) {
      this.#statedSize = size;
    }
    await this.#pass(start);
  }

  async #pass(chunk: Uint8Array): Promise<void> {
    if (this.#spool === null) await this.#write(chunk);
    else await (await this.#spool).append(chunk);
  }
}
