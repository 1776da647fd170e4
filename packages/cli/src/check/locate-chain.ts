/** Finds the gufe object in a document: alone, or inside a request or an answer that was kept. */
import {
  JsonByteScanner,
  type KeyedChain,
  keyedChainFromDeep,
  MemberExtractor,
  scanMembers,
  sliceKeyedChain,
} from "@alchemiscale/gufe";
import { CommandFailure } from "../usage-error.ts";
import { type Chunks, type Document, largestText, openDocument, pieces } from "./read-document.ts";

export interface LocatedChain {
  /** The chain, or the bytes of its text where that is too long to be held. */
  readonly chain: KeyedChain | Chunks;
  /** What the object was in, for people. */
  readonly form: string;
  /** True where the document itself has no keys and all of them were computed: nothing can be verified then. */
  readonly keysAreComputed: boolean;
}

/**
 * Reads a keyed chain, the older deep form, the body of a submission (`network`), of a posted result (`protocoldagresult`), or an
 * answer with a stored result.
 * @throws {CommandFailure} when the document holds none of them; {@link GufeError} for a damaged one, saying where.
 */
export async function locateChain(bytes: Chunks, name: string): Promise<LocatedChain> {
  return locate(await openDocument(bytes, name), name, 0);
}

async function locate(document: Document, name: string, depth: number): Promise<LocatedChain> {
  // A result in a request in an answer: nobody makes that, and without an end a document could.
  if (depth > 3) throw new CommandFailure(`${name} wraps its content too many times`);
  if ("chunks" in document) return locateInChunks(document.chunks, name, depth);
  // Only what JSON calls blank: a leading byte order mark is an error, which trim() would hide.
  const text = document.text.replace(/^[ \t\n\r]+/, "");
  const enclosed = onlyText(text);
  if (enclosed !== undefined)
    return within("the answer of a server, ", await locate(await decoded(enclosed, name), name, depth + 1));
  if (!text.startsWith("{")) return { chain: sliceKeyedChain(text), form: "keyed chain", keysAreComputed: false };

  const members = scanMembers(text);
  const result = members.get("protocoldagresult");
  if (result !== undefined) {
    return within("the body of a posted result, ", await locate(await decodedBytes(result, name), name, depth + 1));
  }
  const network = members.get("network");
  if (network !== undefined && members.has("scope")) {
    return within("the body of a submission, ", await locate({ text: network }, name, depth + 1));
  }
  if (members.has("__qualname__")) {
    return { chain: keyedChainFromDeep(text), form: "deep form, which has no keys of its own", keysAreComputed: true };
  }
  throw new CommandFailure(
    `${name} holds a JSON object that is none of gufe's; expected a keyed chain [["key", {…}], …], or an object with __qualname__ and __module__`,
  );
}

/** The same for a document that is too long to be held. What it is shows in its first characters. */
async function locateInChunks(chunks: Chunks, name: string, depth: number): Promise<LocatedChain> {
  const source = chunks[Symbol.asyncIterator]();
  const first = await source.next();
  async function* all(): AsyncGenerator<Uint8Array> {
    if (first.done !== true) yield first.value;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  }
  const start = first.done === true ? "" : Buffer.from(first.value.subarray(0, 4096)).toString("latin1");
  if (/^[ \t\n\r]*\[[ \t\n\r]*"/.test(start)) {
    return within("the answer of a server, ", await locate(await openDocument(bytesInArray(all()), name), name, depth + 1));
  }
  if (/^[ \t\n\r]*\[/.test(start)) return { chain: all(), form: "keyed chain", keysAreComputed: false };
  const inner = await openDocument(bytesOfResult(all(), name), name);
  return within("the body of a posted result, ", await locate(inner, name, depth + 1));
}

/** The bytes in `["…"]`, one character a byte. */
async function* bytesInArray(json: Chunks): AsyncGenerator<Uint8Array> {
  const found: Uint8Array[] = [];
  const scanner = new JsonByteScanner({
    interest: (path) => (path.length === 0 ? "enter" : path[0] === 0 ? "bytes" : "skip"),
    bytes: (_, bytes) => found.push(bytes),
  });
  for await (const chunk of json) {
    scanner.write(chunk);
    yield* found.splice(0);
  }
  scanner.end();
}

/** The bytes in `{"protocoldagresult": {"latin-1": "…"}}`. */
async function* bytesOfResult(json: Chunks, name: string): AsyncGenerator<Uint8Array> {
  const found: Uint8Array[] = [];
  let hasBytes = false;
  const extractor = new MemberExtractor({
    bytesAt: [["protocoldagresult", "latin-1"]],
    onBytes: (bytes) => found.push(bytes),
  });
  for await (const chunk of json) {
    extractor.write(chunk);
    hasBytes ||= found.length > 0;
    yield* found.splice(0);
  }
  extractor.end();
  if (!hasBytes) {
    throw new CommandFailure(
      `${name} is too large: of objects above ${largestText} characters only keyed chains and results are read, and it is a JSON object without protocoldagresult`,
    );
  }
}

function within(wrapping: string, located: LocatedChain): LocatedChain {
  return { ...located, form: `${wrapping}${located.form}` };
}

/** The text in `["…"]`: an answer with the stored bytes of a result, one character a byte. */
function onlyText(text: string): string | undefined {
  if (!/^\[\s*"/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length === 1 && typeof value[0] === "string" ? value[0] : undefined;
  } catch {
    return undefined;
  }
}

/** The content of a bytes object of gufe, `{"__class__": "bytes", …, "latin-1": "…"}`. */
async function decodedBytes(text: string, name: string): Promise<Document> {
  const latin1 = text.startsWith("{") ? scanMembers(text).get("latin-1") : text;
  const value: unknown = latin1?.startsWith('"') ? JSON.parse(latin1) : undefined;
  if (typeof value !== "string") throw new CommandFailure(`${name}: protocoldagresult has no text in its member latin-1`);
  return decoded(value, name);
}

function decoded(characters: string, name: string): Promise<Document> {
  for (let index = 0; index < characters.length; index += 1) {
    if (characters.charCodeAt(index) > 0xff) {
      throw new CommandFailure(`${name}: character ${index} of the encoded bytes is above U+00FF`);
    }
  }
  return openDocument(pieces(Buffer.from(characters, "latin1")), name);
}
