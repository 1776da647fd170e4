import { type Json, JsonNumber } from "../json/json.ts";
import { pythonNumber } from "../keys/python-number.ts";

/** Longest text returned: exception arguments may hold whole arrays, and this is for people to read. */
const maxLength = 20_000;

/** Exception arguments as Python shows a tuple of them: `('no convergence', nan)`. Cut at 20,000 characters. */
export function pythonArguments(values: readonly Json[]): string {
  const inner = values.map((value) => pythonRepr(value)).join(", ");
  const text = values.length === 1 ? `(${inner},)` : `(${inner})`;
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

function pythonRepr(root: Json): string {
  const out: string[] = [];
  // Texts to print and values to expand, last first, so that depth is no limit.
  const todo: (string | { readonly value: Json })[] = [{ value: root }];
  let length = 0;
  for (let next = todo.pop(); next !== undefined && length <= maxLength; next = todo.pop()) {
    const text = typeof next === "string" ? next : scalarRepr(next.value);
    if (text !== undefined) {
      out.push(text);
      length += text.length;
    } else expand((next as { readonly value: Json }).value as readonly Json[] | ReadonlyMap<string, Json>, todo);
  }
  return out.join("");
}

function expand(value: readonly Json[] | ReadonlyMap<string, Json>, todo: (string | { readonly value: Json })[]): void {
  const parts: (string | { readonly value: Json })[] = [];
  if (value instanceof Map) {
    for (const [name, member] of value) parts.push(parts.length === 0 ? "{" : ", ", `${stringRepr(name)}: `, { value: member });
    parts.push(parts.length === 0 ? "{}" : "}");
  } else {
    for (const item of value as readonly Json[]) parts.push(parts.length === 0 ? "[" : ", ", { value: item });
    parts.push(parts.length === 0 ? "[]" : "]");
  }
  for (let i = parts.length - 1; i >= 0; i--) todo.push(parts[i] as string);
}

function scalarRepr(value: Json): string | undefined {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return stringRepr(value);
  if (!(value instanceof JsonNumber)) return undefined;
  const text = pythonNumber(value);
  return text.endsWith("N") ? "nan" : text.replace("Infinity", "inf");
}

function stringRepr(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of value) {
    const code = character.codePointAt(0) as number;
    if (character === quote || character === "\\") out += `\\${character}`;
    else if (character === "\n") out += "\\n";
    else if (character === "\r") out += "\\r";
    else if (character === "\t") out += "\\t";
    else if (code < 0x20 || (code >= 0x7f && code < 0xa1)) out += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code >= 0xd800 && code <= 0xdfff) out += `\\u${code.toString(16)}`;
    else out += character;
  }
  return out + quote;
}
