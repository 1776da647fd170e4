/** gzip for bytes that have been compressed before: there are no repeats to look for, so its parts need nothing of each other. */
import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";

const compress = promisify(deflateRaw);

/** A part that ends at a byte can be followed by any other (RFC 1951 §3.2.4). */
const anyPart = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 * 1024 };
/**
 * As text such bytes grow by a half in UTF-8; fewer bits for frequent characters win most of that back in a quarter of the time that looking for repeats would
 * take.
 */
const smaller = { ...anyPart, strategy: constants.Z_HUFFMAN_ONLY };
/** Nothing is won: for a reader who takes them faster than they could be made smaller here, and larger again there. */
const asTheyAre = { ...anyPart, level: constants.Z_NO_COMPRESSION };
const partBytes = 512 * 1024;
/** A reader who takes so long for a part, 25 MB a second, has it sooner when it is smaller. Milliseconds. */
const slowReader = 20;
/** Parts that are compressed at once, each in a thread: half the time on two cores. */
const atOnce = 3;

/** RFC 1952 §2.3: deflate, no time, no name, an unknown system. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
/** An empty last block. */
const lastBlock = Uint8Array.of(3, 0);

/** One member of gzip, in pieces, for any chunks. */
export async function* denseGzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield header;
  let crc = 0;
  let size = 0;
  let waited = slowReader;
  const underWay: Promise<Buffer>[] = [];
  for await (const bytes of inParts(source)) {
    crc = crc32(bytes, crc);
    size += bytes.length;
    const part = compress(bytes, waited < slowReader ? asTheyAre : smaller);
    // Who stops reading is not told of it any more.
    part.catch(() => {});
    underWay.push(part);
    if (underWay.length < atOnce) continue;
    const compressed = (await underWay.shift()) as Buffer;
    const given = performance.now();
    yield compressed;
    waited = (waited + performance.now() - given) / 2;
  }
  for (const compressed of underWay) yield await compressed;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield lastBlock;
  yield trailer;
}

async function* inParts(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    held.push(chunk);
    length += chunk.length;
    if (length < partBytes) continue;
    yield Buffer.concat(held);
    held = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(held);
}
