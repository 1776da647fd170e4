import { createReadStream } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ArchivedObject,
  type ArchivedRepeat,
  type ArchiveIndex,
  ArchiveScanner,
  ChainError,
  compareTexts,
} from "@alchemiscale/gufe";
import { uncompressedChunks } from "@alchemiscale/gufe/zstd";

/** An AlchemicalArchive in a file, looked through once and read again where something is wanted. */
export interface OpenArchive {
  /** Of the archive itself, of its network, and of its results by Transformation, each result after the one that it extends. gufe keys. */
  readonly contents: ArchiveIndex["contents"];
  /** How many results there are. */
  readonly count: number;
  /** The keyed chain of an object in the archive, with the characters that it has there. */
  chain(key: string): ChainInFile;
  /** Removes what was unpacked. */
  close(): Promise<void>;
}

export interface ChainInFile {
  /** UTF-8. */
  readonly bytes: number;
  chunks(): AsyncGenerator<Uint8Array>;
}

export interface OpenArchiveOptions {
  /** Where an archive that is compressed, or comes in a stream, is unpacked; the system's directory for temporary files unless told. */
  readonly directory?: string;
}

/** Most bytes that are read at once. */
const pieceBytes = 2 ** 20;

/**
 * Opens an archive: a file of a keyed chain as gufe's `to_json` and `network archive` write it, plain, gzip or zstd; or its bytes. Its whole form is checked
 * (keys are not recomputed); memory is that of its keys and of one object.
 * @throws {GufeError} `JsonSyntaxError`, `ChainError`, `ShapeError`, `JsonLimitError`, `GzipError` or `ZstdError`: what is wrong, and where. And what the
 * file system says.
 */
export async function openArchive(
  source: string | AsyncIterable<Uint8Array>,
  options: OpenArchiveOptions = {},
): Promise<OpenArchive> {
  const given = typeof source === "string" ? createReadStream(source, { highWaterMark: pieceBytes }) : source;
  const { content, compressed } = await uncompressedChunks(given);
  const scanner = new ArchiveScanner();
  if (typeof source === "string" && !compressed) {
    for await (const chunk of content) scanner.write(chunk);
    return checked(scanner.end(), await open(source), async () => {});
  }
  const directory = await mkdtemp(join(options.directory ?? tmpdir(), "alchemiscale-archive-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const file = await open(join(directory, "archive.json"), "wx+");
    // Where open files can be removed, nothing is left behind by a process that is killed; elsewhere it is removed in the end.
    await remove().catch(() => {});
    try {
      for await (const chunk of content) {
        scanner.write(chunk);
        await file.appendFile(chunk);
      }
      return await checked(scanner.end(), file, remove);
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    await remove();
    throw error;
  }
}

async function checked(index: ArchiveIndex, file: FileHandle, remove: () => Promise<void>): Promise<OpenArchive> {
  const close = async () => {
    await file.close();
    await remove();
  };
  try {
    for (const repeat of index.repeats) await refuseOther(file, repeat);
  } catch (error) {
    await close();
    throw error;
  }
  const { contents } = index;
  return {
    contents,
    count: [...contents.results.values()].reduce((sum, { length }) => sum + length, 0),
    chain: (key) => chainInFile(file, index.chainOf(key)),
    close,
  };
}

/** gufe would take the last object under a key; which one is right, nobody can tell. */
async function refuseOther(file: FileHandle, { first, again }: ArchivedRepeat): Promise<void> {
  const [a, b] = [await textOf(file, first), await textOf(file, again)];
  if (["same", "equivalent"].includes(compareTexts(a, b))) return;
  throw new ChainError("repeated-key", `byte ${again.start}`, `The key ${again.key} appears twice with different content`);
}

async function textOf(file: FileHandle, object: ArchivedObject): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of dict(file, object)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function chainInFile(file: FileHandle, objects: readonly ArchivedObject[]): ChainInFile {
  const before = ({ key }: ArchivedObject, i: number) => `${i === 0 ? "[" : ", "}["${key}", `;
  return {
    bytes: objects.reduce((sum, object, i) => sum + before(object, i).length + object.bytes + 1, 1),
    async *chunks() {
      for (const [i, object] of objects.entries()) {
        yield Buffer.from(before(object, i));
        yield* dict(file, object);
        yield Buffer.from(i === objects.length - 1 ? "]]" : "]");
      }
    },
  };
}

async function* dict(file: FileHandle, { key, start, bytes }: ArchivedObject): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; ) {
    const wanted = Math.min(pieceBytes, bytes - at);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, start + at);
    if (bytesRead === 0) throw new ChainError("truncated", key, "The archive was changed while it was read: it is shorter now");
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
