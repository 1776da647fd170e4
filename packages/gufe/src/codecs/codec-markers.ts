/** What tells an encoded value from an ordinary object. (spec/gufe.md §2.1) */
import { isJsonObject, type Json, type JsonObject } from "../json/json.ts";

export const customMember = ":is_custom:";
export const unitRegistry = "openff_units";

/** Whether `json` is an encoded value of this Python class; the marker need only be present. */
export function isEncoded(json: Json | undefined, className: string, modules: readonly string[]): json is JsonObject {
  if (!isJsonObject(json) || !json.has(customMember) || json.get("__class__") !== className) return false;
  return modules.some((module) => json.get("__module__") === module);
}

/** An object of these members with the three markers in Python's order. */
export function encoded(className: string, module: string, members: readonly (readonly [string, Json])[]): JsonObject {
  return new Map<string, Json>([["__class__", className], ["__module__", module], [customMember, true], ...members]);
}
