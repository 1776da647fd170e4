import { type Json, JsonNumber, type JsonObject } from "./json.ts";
import { pythonString } from "./python-string.ts";

/** What may differ between two ways of printing a tree with Python's separators and strings. */
export interface PrintStyle {
  /** The text of a number. */
  readonly number: (number: JsonNumber) => string;
  /** The members of an object in the order to print. */
  readonly members: (object: JsonObject) => Iterable<readonly [string, Json]>;
}

interface Open {
  readonly isObject: boolean;
  readonly items: Iterator<Json | readonly [string, Json]>;
  isFirst: boolean;
}

/** Prints a tree with separators `", "` and `": "` and ASCII strings (spec/gufe.md §1.3). Linear, at any depth. */
export function printJson(json: Json, style: PrintStyle): string {
  const out: string[] = [];
  const stack: Open[] = [];
  let value: Json = json;
  for (;;) {
    if (value instanceof Map) {
      out.push("{");
      const items = style.members(value)[Symbol.iterator]();
      stack.push({ isObject: true, items, isFirst: true });
    } else if (Array.isArray(value)) {
      out.push("[");
      stack.push({ isObject: false, items: value.values(), isFirst: true });
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
      } else {
        value = step.value as Json;
      }
      break;
    }
  }
}

function scalarText(value: null | boolean | string | JsonNumber, style: PrintStyle): string {
  if (typeof value === "string") return pythonString(value);
  return value instanceof JsonNumber ? style.number(value) : String(value);
}
