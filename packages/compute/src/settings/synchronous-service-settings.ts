import type { ComputeManagerId, Scope } from "@alchemiscale/contract";
import { parseDocument } from "yaml";
import {
  flag,
  httpUrl,
  type LogLevel,
  logLevel,
  managerId,
  number,
  protocols,
  type Reader,
  RuleBroken,
  scopes,
  serviceName,
  text,
} from "./field-readers.ts";
import { InvalidSettings, type SettingsProblem } from "./invalid-settings.ts";

/** Settings of a synchronous compute service, under the names of upstream's YAML (compute-api §8.1). Times in seconds. */
export interface SynchronousServiceSettings {
  readonly api_url: string;
  readonly identifier: string;
  readonly key: string;
  readonly name: string;
  readonly compute_manager_id: ComputeManagerId | null;
  readonly shared_basedir: string;
  readonly scratch_basedir: string;
  readonly keep_shared: boolean;
  readonly keep_scratch: boolean;
  readonly n_retries: number;
  readonly sleep_interval: number;
  readonly deep_sleep_interval: number;
  readonly heartbeat_interval: number;
  readonly scopes: readonly Scope[] | null;
  readonly scopes_exclude: readonly Scope[] | null;
  readonly protocols: readonly string[] | null;
  readonly claim_limit: number;
  readonly max_tasks: number | null;
  readonly max_time: number | null;
  readonly loglevel: LogLevel;
  readonly logfile: string | null;
  readonly client_cache_directory: string | null;
  readonly client_cache_size_limit: number;
  readonly client_use_local_cache: boolean;
  readonly client_max_retries: number;
  readonly client_retry_base_seconds: number;
  readonly client_retry_max_seconds: number;
  readonly client_verify: boolean;
}

type Key = keyof SynchronousServiceSettings;

const required = Symbol("required");

/** Reader and default of each key. A null in the file means the default. */
const keys: {
  readonly [K in Key]: readonly [Reader<SynchronousServiceSettings[K]>, SynchronousServiceSettings[K] | typeof required];
} = {
  api_url: [httpUrl, required],
  identifier: [text, required],
  key: [text, required],
  name: [serviceName, required],
  compute_manager_id: [managerId, null],
  shared_basedir: [text, required],
  scratch_basedir: [text, required],
  keep_shared: [flag, false],
  keep_scratch: [flag, false],
  n_retries: [number({ integer: true, atLeast: 0 }), 3],
  sleep_interval: [number({ atLeast: 0 }), 30],
  deep_sleep_interval: [number({ atLeast: 0 }), 300],
  heartbeat_interval: [number({ above: 0 }), 300],
  scopes: [scopes, null],
  scopes_exclude: [scopes, null],
  protocols: [protocols, null],
  claim_limit: [number({ integer: true, atLeast: 1 }), 1],
  max_tasks: [number({ integer: true, atLeast: 0 }), null],
  max_time: [number({ atLeast: 0 }), null],
  loglevel: [logLevel, "WARNING"],
  logfile: [text, null],
  client_cache_directory: [text, null],
  client_cache_size_limit: [number({ integer: true, atLeast: 0 }), 1073741824],
  client_use_local_cache: [flag, false],
  client_max_retries: [number({ integer: true, atLeast: -1 }), 5],
  client_retry_base_seconds: [number({ above: 1 }), 2],
  client_retry_max_seconds: [number({ atLeast: 0 }), 60],
  client_verify: [flag, true],
};

/** Keys of the `start` mapping of the nested layout. */
const startKeys: readonly string[] = ["max_tasks", "max_time"] satisfies Key[];

export interface ParsedSettings {
  readonly settings: SynchronousServiceSettings;
  /** Keys that mean nothing here, for the log. */
  readonly warnings: readonly string[];
}

/**
 * Reads upstream's YAML in both of its layouts: flat (0.8.0), and `init:` with `start:` (≤ 0.7.2), which may not be mixed.
 * `overrides` are values of the command line, which win.
 * @throws {InvalidSettings} with every problem of the file.
 */
export function parseSynchronousServiceSettings(
  yaml: string,
  overrides: { readonly name?: string; readonly compute_manager_id?: string } = {},
): ParsedSettings {
  const { values, places, warnings } = layout(mapping(yaml));
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    values.set(key, value);
    places.set(key, `--${key.replaceAll("_", "-")}`);
  }
  const problems: SettingsProblem[] = [];
  const read = <K extends Key>(key: K): SynchronousServiceSettings[K] | undefined => {
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
  const settings = Object.fromEntries((Object.keys(keys) as Key[]).map((key) => [key, read(key)]));
  if (problems.length > 0) throw new InvalidSettings(problems);
  const known = settings as unknown as SynchronousServiceSettings;
  // An empty list means no restriction, as it does upstream.
  const orNull = <T>(list: readonly T[] | null) => (list !== null && list.length > 0 ? list : null);
  return {
    settings: {
      ...known,
      scopes: orNull(known.scopes),
      scopes_exclude: orNull(known.scopes_exclude),
      protocols: orNull(known.protocols),
    },
    warnings,
  };
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
function layout(members: Mapping): { values: Map<string, unknown>; places: Map<string, string>; warnings: string[] } {
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
    take(members, "", Object.keys(keys));
    return { values, places, warnings };
  }
  const strays = [...members.keys()].filter((key) => key !== "init" && key !== "start");
  if (strays.length > 0) {
    throw new InvalidSettings(
      strays.map((field) => ({ field, message: "stands beside `init:`; move it into `init:`, or drop `init:` and `start:`" })),
    );
  }
  take(init, "init.", Object.keys(keys));
  const start = asMapping(members.get("start") ?? {});
  if (start === null) throw new InvalidSettings([{ field: "start", message: "must be a mapping of max_tasks and max_time" }]);
  take(start, "start.", startKeys);
  return { values, places, warnings };
}
