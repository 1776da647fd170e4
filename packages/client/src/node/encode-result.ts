import { createReadStream, createWriteStream, openAsBlob } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, createZstdCompress, gzip, gzipSync, zstdCompress, zstdCompressSync } from "node:zlib";
import type { ComputeServiceId, Provenance } from "@alchemiscale/contract";
import type { ResultBody } from "../alchemiscale-compute-client.ts";
import { escapeLatin1 } from "./escape-latin1.ts";

/** The keyed chain of a ProtocolDAGResult: its UTF-8 bytes, a file of them, or a file of one zstd frame of them with content size. */
export type ResultSource = { readonly bytes: Uint8Array } | { readonly path: string; readonly zstd?: boolean };

export interface EncodedResult extends ResultBody {
  /** Removes the temporary files. */
  dispose(): Promise<void>;
}

export interface EncodeOptions {
  /** Where large results put their temporary files; default: the system's. */
  readonly directory?: string;
  /** Sources above this many bytes pass through files. */
  readonly memoryLimit?: number;
  /** Where and how the result was computed; sent with it. Servers that do not keep it pass over it. */
  readonly provenance?: Provenance | undefined;
}

type About = Pick<EncodeOptions, "provenance"> & { readonly service: ComputeServiceId };

/** The payload's compression matters for storage; the outer layers only unpack again what the form of the body unpacked. */
const gzipLevel = 1;
/** Up to so many bytes are compressed at once: sooner done than another thread is asked to. */
const smallBytes = 64 * 1024;
/** Up to so many go as they are: what gzip would save of them is not worth its time, nor its undoing. */
const plainBytes = 16 * 1024;

/**
 * The request body of a result post (compute-api §4): the chain compressed with zstd twice, each frame with its content size, as
 * Latin-1 text in a JSON object, the whole gzipped unless it is small. Memory stays bounded for sources in files.
 */
export async function encodeResult(
  source: ResultSource,
  service: ComputeServiceId,
  options: EncodeOptions = {},
): Promise<EncodedResult> {
  const { memoryLimit = 16 * 1024 * 1024, directory, provenance } = options;
  const about = { service, provenance };
  if ("bytes" in source) return inMemory(await zstd(source.bytes), about);
  const { size } = await stat(source.path);
  if (size > memoryLimit) return throughFiles(source.path, source.zstd === true, about, directory);
  const content = await readFile(source.path);
  return inMemory(source.zstd === true ? content : await zstd(content), about);
}

async function inMemory(payload: Uint8Array, about: About): Promise<EncodedResult> {
  const [head, tail] = envelope(about);
  const text = Buffer.concat([head, escapeLatin1(await zstd(payload)), tail]);
  const dispose = async () => {};
  if (text.length <= plainBytes) return { body: new Blob([text]), dispose };
  const options = { level: gzipLevel };
  const body = text.length <= smallBytes ? gzipSync(text, options) : await promisify(gzip)(text, options);
  return { body: new Blob([new Uint8Array(body)]), contentEncoding: "gzip", dispose };
}

async function throughFiles(path: string, isPayload: boolean, about: About, parent = tmpdir()): Promise<EncodedResult> {
  const directory = await mkdtemp(join(parent, "alchemiscale-result-"));
  const dispose = () => rm(directory, { recursive: true, force: true });
  try {
    const payload = isPayload ? path : join(directory, "payload.zst");
    if (!isPayload) await pipeline(createReadStream(path), await zstdOf(path), createWriteStream(payload));
    const body = join(directory, "body.json.gz");
    const [head, tail] = envelope(about);
    await pipeline(
      createReadStream(payload),
      await zstdOf(payload),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        yield head;
        for await (const chunk of chunks) yield escapeLatin1(chunk);
        yield tail;
      },
      createGzip({ level: gzipLevel }),
      createWriteStream(body),
    );
    return { body: await openAsBlob(body), contentEncoding: "gzip", dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Without the pledge, streaming and asynchronous forms leave the content size out of the frame, and Python cannot read it. */
async function zstdOf(path: string): Promise<NodeJS.ReadWriteStream> {
  return createZstdCompress({ pledgedSrcSize: (await stat(path)).size });
}

/** What stands before and after the text of the bytes. */
function envelope({ service, provenance }: About): [Buffer, Buffer] {
  const more = provenance === undefined ? "" : `, "provenance": ${JSON.stringify(provenance)}`;
  return [
    Buffer.from('{"protocoldagresult": {"__class__": "bytes", "__module__": "builtins", ":is_custom:": true, "latin-1": "'),
    Buffer.from(`"}, "compute_service_id": ${JSON.stringify(service)}${more}}`),
  ];
}

async function zstd(bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length <= smallBytes) return zstdCompressSync(bytes);
  return promisify(zstdCompress)(bytes, { pledgedSrcSize: bytes.length });
}
