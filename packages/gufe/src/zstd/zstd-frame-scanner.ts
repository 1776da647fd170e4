import { ZstdError } from "../errors.ts";

const magic = [0x28, 0xb5, 0x2f, 0xfd] as const;

/** What a frame's header tells. */
interface FrameHeader {
  readonly length: number;
  /** Bytes of content; null where not stated. */
  readonly contentSize: bigint | null;
  readonly hasChecksum: boolean;
}

/** Longest header: magic, descriptor, window, dictionary, size. */
const maxHeader = 18;

/**
 * Follows the structure of one zstd frame through bytes in chunks, without decompressing: where it ends, and whether it
 * states its content size, which Python insists on (spec/gufe.md §2.4). Decoders read several frames as one text, Python only
 * the first; so whoever stores bytes for Python checks that they are exactly one frame.
 */
export class ZstdFrameScanner {
  /** Bytes of the header while it is incomplete; then undefined. */
  #head: number[] | undefined = [];
  #contentSize: bigint | null | undefined;
  #hasChecksum = false;
  /** Bytes to pass over before the next block header. */
  #skip = 0;
  #block: number[] = [];
  #isLast = false;
  #isDone = false;
  #read = 0;
  #trailing = 0;

  /** The content size that the header states; `null` where it states none, `undefined` until the header has been read. */
  get contentSize(): bigint | null | undefined {
    return this.#contentSize;
  }

  /** Bytes of the frame read so far; of the whole frame once `isDone`. */
  get frameLength(): number {
    return this.#read;
  }

  /** Whether the frame has ended. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Reads the next bytes. Throws `ZstdError` (`not-zstd`, `corrupt`). */
  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#isDone) {
      if (this.#head !== undefined) {
        this.#header(this.#head, chunk[at++] as number);
        this.#read += 1;
      } else if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        at += step;
        this.#read += step;
        this.#skip -= step;
        this.#isDone = this.#isLast && this.#skip === 0;
      } else {
        this.#blockHeader(chunk[at++] as number);
        this.#read += 1;
      }
    }
    this.#trailing += chunk.length - at;
  }

  /** Ends the bytes. Throws `ZstdError` (`not-zstd`, `truncated`, `trailing-bytes`) where they are not one whole frame. */
  end(): void {
    if (!this.#isDone) {
      const code = this.#read < 4 ? "not-zstd" : "truncated";
      throw new ZstdError(code, `byte ${this.#read}`, code === "truncated" ? "The zstd frame is cut short" : "Not zstd data");
    }
    if (this.#trailing > 0)
      throw new ZstdError("trailing-bytes", `byte ${this.#read}`, `${this.#trailing} bytes follow the zstd frame`);
  }

  #header(head: number[], byte: number): void {
    head.push(byte);
    if (head.length <= 4 && byte !== magic[head.length - 1]) {
      throw new ZstdError("not-zstd", "", "Not zstd data: it does not begin with a zstd frame header");
    }
    const header = readHeader(head);
    if (header === undefined) return;
    this.#head = undefined;
    this.#contentSize = header.contentSize;
    this.#hasChecksum = header.hasChecksum;
  }

  #blockHeader(byte: number): void {
    const block = this.#block;
    block.push(byte);
    if (block.length < 3) return;
    const header = (block[0] as number) | ((block[1] as number) << 8) | (byte << 16);
    const type = (header >> 1) & 3;
    if (type === 3) throw new ZstdError("corrupt", `byte ${this.#read}`, "The zstd frame has a block of a reserved type");
    this.#block = [];
    this.#isLast = (header & 1) === 1;
    // A run-length block holds one byte, whatever its size says.
    this.#skip = (type === 1 ? 1 : header >> 3) + (this.#isLast && this.#hasChecksum ? 4 : 0);
    this.#isDone = this.#isLast && this.#skip === 0;
  }
}

/** Reads the header at the start of `bytes`; `undefined` where it is not whole, or none. */
export function readHeader(bytes: ArrayLike<number>): FrameHeader | undefined {
  const descriptor = bytes[4];
  if (descriptor === undefined || magic.some((byte, i) => bytes[i] !== byte)) return undefined;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const flag = descriptor >> 6;
  const sizeBytes = flag === 0 ? (isSingleSegment ? 1 : 0) : 1 << flag;
  const start = 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] as number);
  const length = start + sizeBytes;
  if (bytes.length < length || length > maxHeader) return undefined;
  let size = 0n;
  for (let i = sizeBytes - 1; i >= 0; i--) size = (size << 8n) | BigInt(bytes[start + i] as number);
  const contentSize = sizeBytes === 0 ? null : sizeBytes === 2 ? size + 256n : size;
  return { length, contentSize, hasChecksum: (descriptor & 4) !== 0 };
}
