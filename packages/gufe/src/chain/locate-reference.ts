import { type Json, JsonNumber } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { referenceMember } from "./keyed-chain.ts";

/** The path, such as `.components.ligand`, of the first reference to `key` in a keyed dict; `""` if there is none. */
export function locateReference(text: string, key: string): string {
  // A path is kept as a linked list, so that a deep document costs no more than its size.
  interface Place {
    readonly parent: Place | undefined;
    readonly step: string;
  }
  const todo: [Json, Place | undefined][] = [[parseJson(text), undefined]];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [value, place] = next;
    if (value instanceof JsonNumber || typeof value !== "object" || value === null) continue;
    if (value instanceof Map && place !== undefined && value.get(referenceMember) === key) return written(place);
    const children: [Json, Place][] =
      value instanceof Map
        ? [...value].map(([name, member]) => [member, { parent: place, step: `.${name}` }])
        : (value as readonly Json[]).map((item, i) => [item, { parent: place, step: `[${i}]` }]);
    for (const child of children.reverse()) todo.push(child);
  }
  return "";

  function written(place: Place | undefined): string {
    const steps: string[] = [];
    for (let at = place; at !== undefined; at = at.parent) steps.push(at.step);
    steps.reverse();
    return steps.length > 12 ? `${steps.slice(0, 12).join("")}…` : steps.join("");
  }
}
