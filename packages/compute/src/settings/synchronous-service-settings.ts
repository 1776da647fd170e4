import type { ComputeManagerId, Scope } from "@alchemiscale/contract";
import {
  bytes,
  flag,
  httpUrl,
  type LogLevel,
  list,
  logLevel,
  managerId,
  number,
  protocols,
  scopes,
  serviceName,
  text,
} from "./field-readers.ts";
import { type ReadSettings, readSettings, required, type SettingsKeys } from "./read-settings.ts";

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
  /** Ours: give a Task up that is actioned nowhere any more. */
  readonly stop_unactioned: boolean;
  /** Ours: so many Tasks that fail at once, one after another, for the same reason end the service; 0 = never. */
  readonly stop_after_failures: number;
  /** Ours: bytes that all processes of a unit together may use; null = any. */
  readonly unit_memory_limit: number | null;
  /** Ours: seconds that an attempt of a unit may take; null = any. */
  readonly unit_time_limit: number | null;
  /** Ours: whether stdout and stderr of units are kept beside the result. */
  readonly keep_output: boolean;
  /** Ours: patterns of files below the ProtocolDAG's shared directory that are kept beside the result. */
  readonly kept_files: readonly string[];
  /** Ours: bytes of one kept file; larger ones are left out. */
  readonly kept_file_limit: number;
  /** Ours: bytes of all kept files of a Task. */
  readonly kept_files_limit: number;
}

/** Of both services. */
export const serviceKeys: SettingsKeys<SynchronousServiceSettings> = {
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
  stop_unactioned: [flag, false],
  stop_after_failures: [number({ integer: true, atLeast: 0 }), 5],
  unit_memory_limit: [bytes, null],
  unit_time_limit: [number({ above: 0 }), null],
  keep_output: [flag, true],
  kept_files: [list(text, "patterns of file names, such as `*/*.log`"), []],
  kept_file_limit: [bytes, 16 * 1024 * 1024],
  kept_files_limit: [bytes, 64 * 1024 * 1024],
};

export type ParsedSettings = ReadSettings<SynchronousServiceSettings>;

/** @throws {InvalidSettings} with every problem of the file. */
export function parseSynchronousServiceSettings(
  yaml: string,
  overrides: { readonly name?: string; readonly compute_manager_id?: string } = {},
): ParsedSettings {
  const { settings, warnings } = readSettings(yaml, serviceKeys, overrides);
  return { settings: withoutEmptyLists(settings), warnings };
}

/** An empty list means no restriction, as it does upstream. */
export function withoutEmptyLists<S extends SynchronousServiceSettings>(settings: S): S {
  const orNull = <T>(list: readonly T[] | null) => (list !== null && list.length > 0 ? list : null);
  return {
    ...settings,
    scopes: orNull(settings.scopes),
    scopes_exclude: orNull(settings.scopes_exclude),
    protocols: orNull(settings.protocols),
  };
}
