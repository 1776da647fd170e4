/** Files of gufe objects, as people have them: plain, compressed, or cut out of a request. */
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import { CommandFailure } from "../usage-error.ts";

/** The longest text that the language can hold. */
const largestText = 2 ** 29 - 24;

/**
 * The text of a file, which may be compressed with gzip or zstd, also twice; the name does not matter.
 * @throws {CommandFailure} when it cannot be read, is damaged, or is not text.
 */
export async function readDocument(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = file === "-" ? await readStandardInput() : await readFile(file);
  } catch (error) {
    throw new CommandFailure(`cannot read ${file}: ${reason(error)}`);
  }
  return decodeDocument(bytes, file);
}

/** The same for bytes at hand; `name` is used in errors. */
export async function decodeDocument(bytes: Uint8Array, name: string): Promise<string> {
  let content = bytes;
  for (let layer = 0; layer < 3; layer += 1) {
    const decompress = isGzip(content) ? unzip : isZstd(content) ? unzstd : undefined;
    if (decompress === undefined) break;
    try {
      content = await decompress(content);
    } catch (error) {
      throw new CommandFailure(`${name} is damaged, or expands to more than ${largestText} bytes: ${reason(error)}`);
    }
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new CommandFailure(`${name} is no JSON text: it is not UTF-8 (nor gzip or zstd)`);
  }
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isZstd = (bytes: Uint8Array) => bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
const unzip = (bytes: Uint8Array): Promise<Uint8Array> => promisify(gunzip)(bytes, { maxOutputLength: largestText });
const unzstd = async (bytes: Uint8Array): Promise<Uint8Array> => decompressZstd(bytes, { maxBytes: largestText });

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
