/** Makes the request of a result of any size as it is sent, in a stream: the bytes of a real result with one long output put in. */
import { randomBytes } from "node:crypto";
import { pipeline } from "node:stream";
import { constants, createZstdCompress, zstdDecompressSync } from "node:zlib";
import { scenarioFile } from "../../../scripts/recorded-scenarios/scenario.ts";

const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * The JSON of `POST /tasks/{task}/results`, as Python writes it (ASCII with `\u00e9` escapes), of at least `bytes` bytes. Nearly all of it is text that
 * does not compress, so that every layer is long.
 * @param blockBytes of the long output; it repeats itself unseen only beyond the window of the compressor
 */
export async function* largeResultRequest(bytes: number, blockBytes = 6 * 2 ** 20): AsyncGenerator<Buffer> {
  const small = scenarioFile("files/8ce547eeb2d11c4307f016eae32a07fbd4abb6c86c80d2ba26fc64661add95c5.json").toString();
  const latin1 = (JSON.parse(small) as { protocoldagresult: { "latin-1": string } }).protocoldagresult["latin-1"];
  const chain = zstdDecompressSync(zstdDecompressSync(Buffer.from(latin1, "latin1"))).toString();
  const at = chain.indexOf('"outputs": {') + '"outputs": {'.length;
  const [head, tail] = [`${chain.slice(0, at)}"bulk": "`, `", ${chain.slice(at)}`];
  // Repeated far outside of the compressor's window, so that it does not notice.
  const block = Buffer.from(randomBytes(blockBytes).toString("base64"));
  // Base64 to bytes, then 4.1 characters a byte; a little less, so that it is never too short.
  const expansion = 0.75 * 4.05;
  const blocks = Math.ceil(bytes / expansion / block.length);
  const payload = createZstdCompress({
    ...fast,
    pledgedSrcSize: Buffer.byteLength(head) + blocks * block.length + Buffer.byteLength(tail),
  });
  async function* chainBytes() {
    yield Buffer.from(head);
    for (let i = 0; i < blocks; i++) yield block;
    yield Buffer.from(tail);
  }
  const outer = createZstdCompress(fast);
  pipeline(chainBytes, payload, outer, () => {});
  let length = 0;
  yield Buffer.from('{"protocoldagresult": {"__class__": "bytes", "__module__": "builtins", ":is_custom:": true, "latin-1": "');
  for await (const chunk of outer as AsyncIterable<Buffer>) {
    const text = escaped(chunk);
    length += text.length;
    yield text;
  }
  if (length < bytes) throw new Error(`the request became only ${length} bytes long, not ${bytes}`);
  yield Buffer.from('"}, "compute_service_id": "None"}');
}

const escapes = Array.from({ length: 256 }, (_, code) => {
  const text = JSON.stringify(String.fromCharCode(code)).slice(1, -1);
  return Buffer.from(code < 128 ? text : `\\u00${code.toString(16).padStart(2, "0")}`);
});

function escaped(bytes: Buffer): Buffer {
  const result = Buffer.allocUnsafe(bytes.length * 6);
  let length = 0;
  for (const byte of bytes) {
    const ascii = escapes[byte] as Buffer;
    if (ascii.length === 1) result[length++] = ascii[0] as number;
    else for (let i = 0; i < ascii.length; i++) result[length++] = ascii[i] as number;
  }
  return result.subarray(0, length);
}
