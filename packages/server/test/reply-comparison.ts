/** Compares a reply with the recorded one: by value, with the exceptions that the scenario names, binding what the server invents. */
import { isJsonArray, isJsonObject, type Json, JsonNumber, parseJson } from "@alchemiscale/gufe";
import type { Reply } from "../../../scripts/recorded-scenarios/scenario.ts";

const variable = /\$\{(\w+)\}/g;

export class Variables {
  readonly values = new Map<string, string>();

  /** The text with every known variable filled in. */
  fill(text: string): string {
    return text.replace(variable, (whole, name: string) => this.values.get(name) ?? whole);
  }
}

/** Null, or a sentence on the first difference. */
export function differenceOf(want: Json, got: Json, reply: Reply, variables: Variables): string | null {
  return new Comparison(reply, variables).difference(want, got, "", false);
}

class Comparison {
  readonly #reply: Reply;
  readonly #variables: Variables;

  constructor(reply: Reply, variables: Variables) {
    this.#reply = reply;
    this.#variables = variables;
  }

  /** `strict`: 1 and 1.0 differ, as they do where keys are hashes of the text. */
  difference(want: Json, got: Json, path: string, strict: boolean): string | null {
    if (typeof want === "string" && typeof got === "string" && isAt(this.#reply.jsonText, path)) {
      return this.#value(parseJson(want), parseJson(got), path, true);
    }
    if (isJsonArray(want) && isAt(this.#reply.chain, path)) return this.#chain(want, got, path);
    return this.#value(want, got, path, strict);
  }

  #value(want: Json, got: Json, path: string, strict: boolean): string | null {
    if (isJsonObject(want)) return this.#object(want, got, path, strict);
    if (isJsonArray(want)) return this.#array(want, got, path, strict);
    if (typeof want === "string") {
      if (typeof got === "string" && this.#text(want, got)) return null;
    } else if (want instanceof JsonNumber) {
      if (got instanceof JsonNumber && sameNumber(want, got, strict)) return null;
    } else if (want === got) {
      return null;
    }
    return `${path || "/"}: ${short(got)}, want ${this.#variables.fill(short(want))}`;
  }

  #object(want: ReadonlyMap<string, Json>, got: Json, path: string, strict: boolean): string | null {
    if (!isJsonObject(got)) return `${path || "/"}: want an object, got ${short(got)}`;
    const filled = new Map([...want].map(([name, value]) => [this.#variables.fill(name), value]));
    for (const name of got.keys())
      if (!filled.has(name)) return `${path}/${name}: not expected (${short(got.get(name) ?? null)})`;
    for (const [name, value] of filled) {
      const member = got.get(name);
      if (member === undefined) return `${path}/${name}: missing`;
      const difference = this.difference(value, member, `${path}/${name}`, strict);
      if (difference !== null) return difference;
    }
    return null;
  }

  #array(want: readonly Json[], got: Json, path: string, strict: boolean): string | null {
    if (!isJsonArray(got)) return `${path || "/"}: want an array, got ${short(got)}`;
    if (want.length !== got.length)
      return `${path || "/"}: ${got.length} elements, want ${want.length}: ${short(got)} for ${short(want)}`;
    if (isAt(this.#reply.unordered, path)) {
      const rest = [...got];
      for (const element of want) {
        const at = rest.findIndex((other) => this.difference(element, other, `${path}/0`, strict) === null);
        if (at < 0) return `${path || "/"}: lacks ${this.#variables.fill(short(element))}; has ${short(rest)}`;
        rest.splice(at, 1);
      }
      return null;
    }
    for (const [i, element] of want.entries()) {
      const difference = this.difference(element, got[i] ?? null, `${path}/${i}`, strict);
      if (difference !== null) return difference;
    }
    return null;
  }

  /** The same root, the same elements, dependencies first. */
  #chain(want: readonly Json[], got: Json, path: string): string | null {
    const wanted = pairs(want);
    const given = pairs(got);
    if (wanted === null || given === null) return `${path || "/"}: want a keyed chain, got ${short(got)}`;
    if (wanted.at(-1)?.[0] !== given.at(-1)?.[0]) return `${path}: root ${given.at(-1)?.[0]}, want ${wanted.at(-1)?.[0]}`;
    const seen = new Set<string>();
    for (const [key, dict] of given) {
      for (const reference of references(dict))
        if (!seen.has(reference)) return `${path}/${key}: ${reference} is used before it is given`;
      seen.add(key);
    }
    return this.#value(new Map(wanted), new Map(given), path, true);
  }

  /** Equal, or equal when the new variables of `want` take some values; they are bound then. */
  #text(want: string, got: string): boolean {
    if (want === got) return true;
    if (!want.includes("${")) return false;
    const names = new Set<string>();
    let pattern = "";
    let position = 0;
    for (const match of want.matchAll(variable)) {
      const name = match[1] ?? "";
      pattern += RegExp.escape(want.slice(position, match.index));
      position = match.index + match[0].length;
      const known = this.#variables.values.get(name);
      if (known !== undefined) pattern += RegExp.escape(known);
      else if (names.has(name)) pattern += `\\k<${name}>`;
      else pattern += `(?<${name}>${this.#reply.bind?.[name] ?? ".+"})`;
      if (known === undefined) names.add(name);
    }
    const found = new RegExp(`^(?:${pattern}${RegExp.escape(want.slice(position))})$`, "s").exec(got);
    if (found === null) return false;
    for (const name of names) this.#variables.values.set(name, found.groups?.[name] ?? "");
    return true;
  }
}

function isAt(paths: readonly string[] | undefined, path: string): boolean {
  const parts = path.split("/");
  return (paths ?? []).some((candidate) => {
    const wanted = candidate.split("/");
    return wanted.length === parts.length && wanted.every((part, i) => part === "*" || part === parts[i]);
  });
}

function sameNumber(a: JsonNumber, b: JsonNumber, strict: boolean): boolean {
  if (a.isInteger && b.isInteger) return a.toBigInt() === b.toBigInt();
  if (strict && a.isInteger !== b.isInteger) return false;
  return Object.is(a.toNumber(), b.toNumber()) || a.toNumber() === b.toNumber();
}

function pairs(json: Json): [string, Json][] | null {
  if (!isJsonArray(json)) return null;
  const result: [string, Json][] = [];
  for (const pair of json) {
    if (!isJsonArray(pair) || typeof pair[0] !== "string" || pair[1] === undefined) return null;
    result.push([pair[0], pair[1]]);
  }
  return result;
}

function* references(json: Json): Generator<string> {
  if (isJsonArray(json)) for (const element of json) yield* references(element);
  if (!isJsonObject(json)) return;
  const key = json.get(":gufe-key:");
  if (typeof key === "string") yield key;
  for (const member of json.values()) yield* references(member);
}

export function short(json: Json): string {
  const text = JSON.stringify(json, (_, value: unknown) =>
    value instanceof JsonNumber ? value.text : value instanceof Map ? Object.fromEntries(value) : value,
  );
  return text.length < 300 ? text : `${text.slice(0, 297)}...`;
}
