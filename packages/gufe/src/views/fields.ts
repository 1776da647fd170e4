/** Reading the fields of a keyed dict, with errors that name the object and the field. */
import { referenceMember } from "../chain/keyed-chain.ts";
import { ShapeError } from "../errors.ts";
import { isJsonArray, isJsonObject, type Json, JsonNumber, type JsonObject } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";

/** One keyed dict, parsed, and what to call it in messages. */
export interface Dict {
  readonly key: string;
  readonly members: JsonObject;
}

/** Parses the dict of a chain entry. */
export function readDict(entry: { readonly key: string; readonly text: string }): Dict {
  const members = parseJson(entry.text);
  if (!isJsonObject(members)) throw new ShapeError("not-an-object", entry.key, "A keyed dict must be a JSON object");
  return { key: entry.key, members };
}

/** An error for a field that does not have the shape its class prescribes. */
export function fieldError(dict: Dict, field: string, expected: string): ShapeError {
  return new ShapeError("field", `${dict.key}.${field}`, `The field ${field} must be ${expected}`);
}

export function textField(dict: Dict, field: string): string {
  const value = dict.members.get(field);
  if (typeof value !== "string") throw fieldError(dict, field, "a text");
  return value;
}

/** A text or null; absent counts as null (older releases leave names out). */
export function optionalTextField(dict: Dict, field: string): string | null {
  const value = dict.members.get(field) ?? null;
  if (value !== null && typeof value !== "string") throw fieldError(dict, field, "a text or null");
  return value;
}

export function integerField(dict: Dict, field: string, absent?: number): number {
  const value = dict.members.get(field);
  if (value === undefined && absent !== undefined) return absent;
  if (!(value instanceof JsonNumber) || !value.isInteger) throw fieldError(dict, field, "an integer");
  return value.toNumber();
}

export function booleanField(dict: Dict, field: string): boolean {
  const value = dict.members.get(field);
  if (typeof value !== "boolean") throw fieldError(dict, field, "true or false");
  return value;
}

/** An object; absent counts as `absent` where given. */
export function objectField(dict: Dict, field: string, absent?: JsonObject): JsonObject {
  const value = dict.members.get(field) ?? absent;
  if (!isJsonObject(value)) throw fieldError(dict, field, "an object");
  return value;
}

export function arrayField(dict: Dict, field: string): readonly Json[] {
  const value = dict.members.get(field);
  if (!isJsonArray(value)) throw fieldError(dict, field, "an array");
  return value;
}

/** The key that a reference names, or undefined if `value` is no reference. */
export function referenceKey(value: Json | undefined): string | undefined {
  const key = isJsonObject(value) ? value.get(referenceMember) : undefined;
  return typeof key === "string" ? key : undefined;
}

export function referenceField(dict: Dict, field: string): string {
  const key = referenceKey(dict.members.get(field));
  if (key === undefined) throw fieldError(dict, field, "a reference to another object");
  return key;
}

export function referencesField(dict: Dict, field: string): string[] {
  return arrayField(dict, field).map((value, i) => {
    const key = referenceKey(value);
    if (key === undefined) throw fieldError(dict, `${field}[${i}]`, "a reference to another object");
    return key;
  });
}
