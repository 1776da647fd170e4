/**
 * Leaves out of a Transformation what is not set. The Python server keeps neither nulls nor empty maps, so services have never seen
 * them in a keyed chain; and a service with an older gufe refuses a `metadata` that it does not know, even an empty one (compatibility X8).
 */
import { pythonString, scanMembers } from "@alchemiscale/gufe";
import type { ObjectText } from "@alchemiscale/statestore";

/** Members that their class fills in when they are absent. */
const optional: Readonly<Record<string, readonly string[]>> = {
  Transformation: ["mapping", "name", "metadata"],
  NonTransformation: ["name", "metadata"],
};

/** The same object; every other member keeps its characters. Objects of other classes are left alone. */
export function withoutUnsetMembers(entry: ObjectText): ObjectText {
  const names = optional[entry.key.slice(0, entry.key.indexOf("-"))];
  if (names === undefined) return entry;
  const members = [...scanMembers(entry.text)];
  const set = members.filter(([name, text]) => !(names.includes(name) && (text === "null" || /^\{\s*\}$/.test(text))));
  if (set.length === members.length) return entry;
  return { key: entry.key, text: `{${set.map(([name, text]) => `${pythonString(name)}: ${text}`).join(", ")}}` };
}
