/** Finds the gufe object in a document: alone, or inside a request or an answer that was kept. */
import { GufeError, type KeyedChain, keyedChainFromDeep, scanMembers, sliceKeyedChain } from "@alchemiscale/gufe";
import { CommandFailure } from "../usage-error.ts";
import { decodeDocument } from "./read-document.ts";

export interface LocatedChain {
  readonly chain: KeyedChain;
  /** What the object was in, for people. */
  readonly form: string;
  /** True where the document itself has no keys and all of them were computed: nothing can be verified then. */
  readonly keysAreComputed: boolean;
}

/**
 * Reads a keyed chain, the older deep form, the body of a submission (`network`), of a posted result (`protocoldagresult`), or an
 * answer with a stored result.
 * @throws {CommandFailure} when the document holds none of them, or a damaged one, saying where.
 */
export async function locateChain(document: string, name: string): Promise<LocatedChain> {
  try {
    return await locate(document, name, 0);
  } catch (error) {
    if (error instanceof GufeError) throw new CommandFailure(`${name} cannot be read as a gufe object: ${error.message}`);
    throw error;
  }
}

async function locate(document: string, name: string, depth: number): Promise<LocatedChain> {
  // A result in a request in an answer: nobody makes that, and without an end a document could.
  if (depth > 3) throw new CommandFailure(`${name} wraps its content too many times`);
  // Only what JSON calls blank: a leading byte order mark is an error, which trim() would hide.
  const text = document.replace(/^[ \t\n\r]+/, "");
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
    return within("the body of a submission, ", await locate(network, name, depth + 1));
  }
  if (members.has("__qualname__")) {
    return { chain: keyedChainFromDeep(text), form: "deep form, which has no keys of its own", keysAreComputed: true };
  }
  throw new CommandFailure(
    `${name} holds a JSON object that is none of gufe's; expected a keyed chain [["key", {…}], …], or an object with __qualname__ and __module__`,
  );
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
async function decodedBytes(text: string, name: string): Promise<string> {
  const latin1 = text.startsWith("{") ? scanMembers(text).get("latin-1") : text;
  const value: unknown = latin1?.startsWith('"') ? JSON.parse(latin1) : undefined;
  if (typeof value !== "string") throw new CommandFailure(`${name}: protocoldagresult has no text in its member latin-1`);
  return decoded(value, name);
}

function decoded(characters: string, name: string): Promise<string> {
  for (let index = 0; index < characters.length; index += 1) {
    if (characters.charCodeAt(index) > 0xff) {
      throw new CommandFailure(`${name}: character ${index} of the encoded bytes is above U+00FF`);
    }
  }
  return decodeDocument(Buffer.from(characters, "latin1"), name);
}
