/** Files of gufe objects, as people have them: plain, compressed, or cut out of a request; of any size. */
import { createReadStream } from "node:fs";
import { GzipError, ZstdError } from "@alchemiscale/gufe";
import { readOn, uncompressedChunks } from "@alchemiscale/gufe/zstd";
import { CommandFailure } from "../usage-error.ts";

export type Chunks = AsyncIterable<Uint8Array>;

/** A document that fits into memory as a text, or one that is read as it comes. */
export type Document = { readonly text: string } | { readonly chunks: Chunks };

/** A longer document is read as it comes, if it can be. */
const wholeBytes = 2 ** 27;
/** The longest text that the language can hold. */
export const largestText = 2 ** 29 - 24;

/** The bytes of a file; `-` is standard input. */
export async function* fileChunks(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* (file === "-" ? process.stdin : createReadStream(file)) as Chunks;
  } catch (error) {
    throw new CommandFailure(`cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * The text of a file, which may be compressed with gzip or zstd, also twice; the name does not matter.
 * @throws {CommandFailure} when it cannot be read, is damaged, is not text, or too large for one.
 */
export function readDocument(file: string): Promise<string> {
  return wholeText(fileChunks(file), file);
}

/** The same for bytes at hand; `name` is used in errors. */
export function decodeDocument(bytes: Uint8Array, name: string): Promise<string> {
  return wholeText(pieces(bytes), name);
}

async function wholeText(bytes: Chunks, name: string): Promise<string> {
  const document = await openDocument(bytes, name, largestText);
  if ("text" in document) return document.text;
  throw new CommandFailure(`${name} is too large: it holds more than ${largestText} characters`);
}

/**
 * The content of bytes, of any size, undone as {@link readDocument} does.
 * @param most bytes that are held where the rest can be read as it comes
 * @throws {CommandFailure} when they are damaged, or no text.
 */
export async function openDocument(bytes: Chunks, name: string, most = wholeBytes): Promise<Document> {
  const content = await uncompressed(bytes, name);
  const source = content[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    held.push(next.value);
    length += next.value.length;
    if (length > largestText || (length > most && canBeReadAsItComes(held[0] as Uint8Array))) {
      return { chunks: readOn(held, source) };
    }
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(held)) };
  } catch {
    throw new CommandFailure(`${name} is no JSON text: it is not UTF-8 (nor gzip or zstd)`);
  }
}

/** Bytes at hand as they would come. */
export async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 2 ** 20) yield bytes.subarray(at, at + 2 ** 20);
}

/** Keyed chains, answers and posted results; of the other objects the whole is needed. */
function canBeReadAsItComes(start: Uint8Array): boolean {
  const text = Buffer.from(start.subarray(0, 4096)).toString("latin1").trimStart();
  return text.startsWith("[") || text.includes('"protocoldagresult"');
}

async function uncompressed(bytes: Chunks, name: string): Promise<Chunks> {
  try {
    return named((await uncompressedChunks(bytes)).content, name);
  } catch (error) {
    throw damaged(error, name);
  }
}

async function* named(content: Chunks, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw damaged(error, name);
  }
}

function damaged(error: unknown, name: string): unknown {
  const isDamage = error instanceof GzipError || error instanceof ZstdError;
  return isDamage ? new CommandFailure(`${name} is damaged: ${error.message}`) : error;
}
