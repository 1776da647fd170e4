import { joinKeyedChain, keyedChainFromDeep } from "@alchemiscale/gufe";
import { latin1Bytes } from "./latin1-bytes.ts";

/** What a compute service needs to make a Task's ProtocolDAG. */
export interface TaskTransformation {
  /** Keyed chain text of the (Non)Transformation. */
  readonly transformation: string;
  /** Stored bytes of the result that the Task extends, as the API keeps them (normally a zstd frame of a keyed chain). */
  readonly extended: Uint8Array | null;
}

/**
 * Reads `[T, R]` of `GET /tasks/{task}/transformation/gufe` (compute-api §3.6). T is a keyed chain from servers of 0.8.0 and a JSON
 * text of the nested form from older ones: decided by its JSON type. Undefined for anything else.
 */
export function readTaskTransformation(text: string): TaskTransformation | undefined {
  const [transformation, result, ...more] = elementsOf(text) ?? [];
  if (transformation === undefined || result === undefined || more.length > 0) return undefined;
  const chain = chainOf(transformation);
  const extended = bytesOf(result);
  return chain === undefined || extended === undefined ? undefined : { transformation: chain, extended };
}

function chainOf(element: string): string | undefined {
  if (element.startsWith("[")) return element;
  if (!element.startsWith('"')) return undefined;
  const nested: unknown = JSON.parse(element);
  return typeof nested === "string" ? joinKeyedChain(keyedChainFromDeep(nested).entries) : undefined;
}

function bytesOf(element: string): Uint8Array | null | undefined {
  if (element === "null") return null;
  if (!element.startsWith('"')) return undefined;
  const text: unknown = JSON.parse(element);
  return typeof text === "string" ? latin1Bytes(text) : undefined;
}

/**
 * The texts of a JSON array's elements. Looks at brackets and strings only, since the elements are gufe content, which keeps its
 * characters; they are parsed by whoever reads them.
 */
function elementsOf(text: string): string[] | undefined {
  const array = text.trim();
  if (!array.startsWith("[") || !array.endsWith("]")) return undefined;
  const elements: string[] = [];
  let depth = 0;
  let start = 1;
  for (let at = 0; at < array.length; at += 1) {
    const character = array[at];
    if (character === '"') {
      const end = endOfString(array, at);
      if (end === -1) return undefined;
      at = end;
    } else if (character === "[" || character === "{") {
      depth += 1;
    } else if (character === "]" || character === "}") {
      depth -= 1;
      if (depth === 0 && at !== array.length - 1) return undefined;
    } else if (character === "," && depth === 1) {
      elements.push(array.slice(start, at).trim());
      start = at + 1;
    }
  }
  if (depth !== 0) return undefined;
  elements.push(array.slice(start, -1).trim());
  return elements;
}

/** Index of the quote that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}
