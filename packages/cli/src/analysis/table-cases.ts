import { InvalidInput } from "@alchemiscale/analysis";
import { jsonToPlain, parseJson } from "@alchemiscale/gufe";
import { readDocument } from "../check/read-document.ts";
import { UsageError } from "../usage-error.ts";

/** What a file is to be computed of: one case, or each row of a table. */
export interface TableCases {
  readonly cases: readonly unknown[];
  /** What to call a case in an error: `rows[2]`, or nothing where the file is the case. */
  readonly nameOf: (index: number) => string | undefined;
}

/**
 * The cases in a JSON file, which may be compressed: an object `{"rows": […]}` or a list has several, any other object is one.
 * @param shared members of the table that each row has, too, unless it has its own
 * @throws {UsageError} when it is no JSON of such a shape.
 */
export async function readCases(file: string, shared: readonly string[] = []): Promise<TableCases> {
  const content = parsed(await readDocument(file), file);
  if (Array.isArray(content)) return { cases: content, nameOf: (index) => `[${index}]` };
  if (typeof content !== "object" || content === null)
    throw new UsageError(`${file} holds ${JSON.stringify(content)}; a case is a JSON object, and a table has them in "rows"`);
  if (!("rows" in content)) return { cases: [content], nameOf: () => undefined };
  if (!Array.isArray(content.rows)) throw new UsageError(`${file}: rows must be a list of cases`);
  const common = Object.fromEntries(Object.entries(content).filter(([name]) => shared.includes(name)));
  const cases = content.rows.map((row: unknown) => (typeof row === "object" && row !== null ? { ...common, ...row } : row));
  return { cases, nameOf: (index) => `rows[${index}]` };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Python writes NaN and Infinity where JSON has nothing: that is a fault of the case that has them, not of the others.
    try {
      return jsonToPlain(parseJson(text));
    } catch {
      throw new UsageError(`${file} is no JSON: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** What errors call a case that stands alone. */
export const wholeCase = "the case";

type Fields = { readonly [name: string]: unknown };

/** The value as an object. */
export function objectAt(value: unknown, field: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InvalidInput(field, `is ${shown(value)}; it must be a JSON object`);
}

export function listAt(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (Array.isArray(value)) return value;
  throw new InvalidInput(name, value === undefined ? "is missing; it must be a list" : `is ${shown(value)}; it must be a list`);
}

export function numberAt(value: unknown, field: string): number {
  if (typeof value === "number" || typeof value === "bigint") {
    const number = Number(value);
    if (Number.isFinite(number)) return number;
    throw new InvalidInput(field, `is ${number}; it must be a finite number`);
  }
  throw new InvalidInput(
    field,
    value === undefined ? "is missing; it must be a number" : `is ${shown(value)}; it must be a number`,
  );
}

export function textAt(value: unknown, field: string): string {
  if (typeof value === "string") return value;
  throw new InvalidInput(field, value === undefined ? "is missing; it must be a text" : `is ${shown(value)}; it must be a text`);
}

export function numbersAt(fields: Fields, name: string): number[] {
  return listAt(fields, name).map((value, i) => numberAt(value, `${name}[${i}]`));
}

/** A list of lists of numbers. */
export function numberRowsAt(fields: Fields, name: string): number[][] {
  return listAt(fields, name).map((row, i) => numbersAt({ [`${name}[${i}]`]: row }, `${name}[${i}]`));
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
