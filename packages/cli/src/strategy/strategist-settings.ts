import { type LogLevel, type ReadSettings, readSettings, type SettingsKeys, settingReaders } from "@alchemiscale/compute";
import type { Scope } from "@alchemiscale/contract";

/** Settings of a strategist, under the names of upstream's YAML. Times in seconds. (spec/strategies.md §10) */
export interface StrategistSettings {
  readonly sleep_interval: number;
  readonly max_workers: number;
  /** Null: all. */
  readonly scopes: readonly Scope[] | null;
  readonly loglevel: LogLevel;
  readonly logfile: string | null;
}

const { logLevel, number, scopes, text } = settingReaders;

const keys: SettingsKeys<StrategistSettings> = {
  sleep_interval: [number({ integer: true, atLeast: 1 }), 300],
  max_workers: [number({ integer: true, atLeast: 1 }), 4],
  scopes: [scopes, null],
  loglevel: [logLevel, "WARNING"],
  logfile: [text, null],
};

/** Upstream's that have no use here: results are read once, by the server, and what they say is in the state store. */
const without = new Set(["cache_directory", "cache_size_limit", "use_local_cache"]);

/** @throws {InvalidSettings} with every problem of the file */
export function parseStrategistSettings(yaml: string): ReadSettings<StrategistSettings> {
  const { settings, warnings } = readSettings(yaml, keys);
  return { settings, warnings: warnings.filter((warning) => ![...without].some((name) => warning.includes(name))) };
}
