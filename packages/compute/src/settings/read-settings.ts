import { parseDocument } from "yaml";
import { type Reader, RuleBroken } from "./field-readers.ts";
import { InvalidSettings, type SettingsProblem } from "./invalid-settings.ts";

/** For a key that must be given. */
export const required = Symbol("required");

/** Reader and default of each key. A null in the file means the default. */
export type SettingsKeys<S> = { readonly [K in keyof S]: readonly [Reader<S[K]>, S[K] | typeof required] };

/** Keys of the `start` mapping of the nested layout. */
const startKeys: readonly string[] = ["max_tasks", "max_time"];

export interface ReadSettings<S> {
  readonly settings: S;
  /** Keys that mean nothing here, for the log. */
  readonly warnings: readonly string[];
}

/**
 * Reads a YAML file of settings in both of upstream's layouts: flat (0.8.0), and `init:` with `start:` (≤ 0.7.2), which may not be mixed.
 * `overrides` are values of the command line, which win.
 * @throws {InvalidSettings} with every problem of the file.
 */
export function readSettings<S extends object>(
  yaml: string,
  keys: SettingsKeys<S>,
  overrides: Readonly<Record<string, unknown>> = {},
): ReadSettings<S> {
  const { values, places, warnings } = layout(mapping(yaml), Object.keys(keys));
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    values.set(key, value);
    places.set(key, `--${key.replaceAll("_", "-")}`);
  }
  const problems: SettingsProblem[] = [];
  const read = <K extends keyof S & string>(key: K): S[K] | undefined => {
    const [reader, fallback] = keys[key];
    const value = values.get(key) ?? null;
    const field = places.get(key) ?? key;
    if (value === null) {
      if (fallback !== required) return fallback;
      problems.push({ field, message: "is required" });
      return undefined;
    }
    try {
      return reader(value);
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      problems.push({ field, message: error.message });
      return undefined;
    }
  };
  const settings = Object.fromEntries((Object.keys(keys) as (keyof S & string)[]).map((key) => [key, read(key)]));
  if (problems.length > 0) throw new InvalidSettings(problems);
  return { settings: settings as S, warnings };
}

type Mapping = ReadonlyMap<string, unknown>;

function mapping(yaml: string): Mapping {
  // PyYAML reads YAML 1.1: `yes` is true there.
  const document = parseDocument(yaml, { version: "1.1" });
  const [error] = document.errors;
  if (error !== undefined) throw new InvalidSettings([{ field: "", message: `not readable as YAML: ${error.message}` }]);
  const value: unknown = document.toJS();
  const members = asMapping(value);
  if (members === null) throw new InvalidSettings([{ field: "", message: "must be a mapping of settings such as `api_url: …`" }]);
  return members;
}

function asMapping(value: unknown): Mapping | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
}

/** Values by key, where each stands, and what is not known. */
function layout(
  members: Mapping,
  known: readonly string[],
): { values: Map<string, unknown>; places: Map<string, string>; warnings: string[] } {
  const values = new Map<string, unknown>();
  const places = new Map<string, string>();
  const warnings: string[] = [];
  const take = (part: Mapping, prefix: string, allowed: readonly string[]) => {
    for (const [key, value] of part) {
      if (allowed.includes(key)) {
        values.set(key, value);
        places.set(key, `${prefix}${key}`);
      } else {
        warnings.push(`unknown setting ${prefix}${key} is ignored`);
      }
    }
  };
  const init = asMapping(members.get("init"));
  if (init === null) {
    if (members.has("init") || members.has("start")) {
      const field = members.has("init") ? "init" : "start";
      throw new InvalidSettings([
        { field, message: "give all settings at the top level, or `init:` and `start:` mappings with all of them" },
      ]);
    }
    take(members, "", known);
    return { values, places, warnings };
  }
  const strays = [...members.keys()].filter((key) => key !== "init" && key !== "start");
  if (strays.length > 0) {
    throw new InvalidSettings(
      strays.map((field) => ({ field, message: "stands beside `init:`; move it into `init:`, or drop `init:` and `start:`" })),
    );
  }
  take(init, "init.", known);
  const start = asMapping(members.get("start") ?? {});
  if (start === null) throw new InvalidSettings([{ field: "start", message: "must be a mapping of max_tasks and max_time" }]);
  take(start, "start.", startKeys);
  return { values, places, warnings };
}
