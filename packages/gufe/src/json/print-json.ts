import { type Json, JsonNumber, type JsonObject } from "./json.ts";
import { pythonString } from "./python-string.ts";

/** What may differ between two ways of printing a tree with Python's separators and strings. */
export interface PrintStyle {
  /** The text of a number. */
  readonly number: (number: JsonNumber) => string;
  /** The members of an object in the order to print; `depth` is 0 for the root, `rootMember` the root's member it lies in. */
  readonly members: (object: JsonObject, depth: number, rootMember: string) => Iterable<readonly [string, Json]>;
}

interface Open {
  readonly isObject: boolean;
  readonly items: Iterator<Json | readonly [string, Json]>;
  /** The member of the root below which this container lies; `""` for the root itself. */
  readonly rootMember: string;
  isFirst: boolean;
}

/** Prints a tree with separators `", "` and `": "` and ASCII strings (spec/gufe.md §1.3). Linear, at any depth. */
export function printJson(json: Json, style: PrintStyle): string {
  const out: string[] = [];
  const stack: Open[] = [];
  let value: Json = json;
  let rootMember = "";
  for (;;) {
    if (value instanceof Map) {
      out.push("{");
      const items = style.members(value, stack.length, rootMember)[Symbol.iterator]();
      stack.push({ isObject: true, items, rootMember, isFirst: true });
    } else if (Array.isArray(value)) {
      out.push("[");
      stack.push({ isObject: false, items: value.values(), rootMember, isFirst: true });
    } else out.push(scalarText(value as null | boolean | string | JsonNumber, style));
    for (;;) {
      const open = stack[stack.length - 1];
      if (open === undefined) return out.join("");
      const step = open.items.next();
      if (step.done) {
        out.push(open.isObject ? "}" : "]");
        stack.pop();
        continue;
      }
      if (open.isFirst) open.isFirst = false;
      else out.push(", ");
      if (open.isObject) {
        const [name, member] = step.value as readonly [string, Json];
        out.push(pythonString(name), ": ");
        value = member;
        rootMember = stack.length === 1 ? name : open.rootMember;
      } else {
        value = step.value as Json;
        rootMember = open.rootMember;
      }
      break;
    }
  }
}

function scalarText(value: null | boolean | string | JsonNumber, style: PrintStyle): string {
  if (typeof value === "string") return pythonString(value);
  return value instanceof JsonNumber ? style.number(value) : String(value);
}
