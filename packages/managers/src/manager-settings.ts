import { parseDocument } from "yaml";

/** Settings of a compute manager, under the names of upstream's YAML (compute-api §9.2). Times in seconds. */
export interface ManagerSettings {
  /** Its id is `<name>-<uuid>`, a new one for each process. */
  readonly name: string;
  readonly max_compute_services: number;
  readonly max_submit_per_cycle: number;
  readonly sleep_interval: number;
  readonly loglevel: string;
  readonly logfile: string | null;
  readonly client_max_retries: number;
  readonly client_retry_base_seconds: number;
  readonly client_retry_max_seconds: number;
  /** Ours: where services run; only `local` so far. */
  readonly platform: "local";
  /** Ours: file with the settings of the services. */
  readonly service_config: string | null;
  /** Ours: which service is started. */
  readonly service: "synchronous" | "parallel";
  /** Ours: further arguments of the service's command. */
  readonly service_arguments: readonly string[];
  /** Ours: directory for the output of services, a file each; null = thrown away (see `logfile` of the services). */
  readonly service_logs: string | null;
  /** Ours: so many services that end in error, one after another, put the manager into error; 0 = never. */
  readonly max_failed_services: number;
  /** Ours: whether services go on when the manager ends. */
  readonly keep_services: boolean;
}

/** All that is wrong with a manager's settings. */
export class InvalidManagerSettings extends Error {
  override readonly name = "InvalidManagerSettings";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

type Reader<T> = (value: unknown) => T | string[];
const required = Symbol("required");
/** The rule that was broken, in one element. */
const broken = (rule: string, value: unknown): string[] => [`${rule}; it is ${JSON.stringify(value)}`];

const integer =
  (least: number): Reader<number> =>
  (value) =>
    Number.isInteger(Number(value)) && Number(value) >= least && value !== "" && typeof value !== "boolean"
      ? Number(value)
      : broken(`must be an integer of at least ${least}`, value);
const seconds =
  (above: number): Reader<number> =>
  (value) =>
    Number.isFinite(Number(value)) && Number(value) > above && value !== "" && typeof value !== "boolean"
      ? Number(value)
      : broken(`must be a number above ${above}`, value);
const text: Reader<string> = (value) => (typeof value === "string" && value !== "" ? value : broken("must be text", value));
const flag: Reader<boolean> = (value) => (typeof value === "boolean" ? value : broken("must be true or false", value));
const oneOf =
  <T extends string>(...words: readonly T[]): Reader<T> =>
  (value) =>
    words.find((word) => word === value) ?? broken(`must be ${words.join(" or ")}`, value);
/** As in an id (compute-api §2), and short enough for what platforms add to it. */
const managerName: Reader<string> = (value) =>
  typeof value === "string" && /^[A-Za-z][A-Za-z0-9_.:]*$/.test(value)
    ? value
    : broken("must begin with a letter and hold only letters, digits, '_', '.' and ':' (no hyphen)", value);
const words: Reader<readonly string[]> = (value) =>
  Array.isArray(value) && value.every((word) => typeof word === "string") ? value : broken("must be a list of texts", value);

const keys: {
  readonly [K in keyof ManagerSettings]: readonly [Reader<ManagerSettings[K]>, ManagerSettings[K] | typeof required];
} = {
  name: [managerName, required],
  max_compute_services: [integer(1), required],
  max_submit_per_cycle: [integer(1), 1],
  sleep_interval: [seconds(0), 1800],
  loglevel: [text, "WARNING"],
  logfile: [text, null],
  client_max_retries: [integer(-1), 5],
  client_retry_base_seconds: [seconds(1), 2],
  client_retry_max_seconds: [seconds(0), 60],
  platform: [oneOf("local"), "local"],
  service_config: [text, null],
  service: [oneOf("synchronous", "parallel"), "synchronous"],
  service_arguments: [words, []],
  service_logs: [text, null],
  max_failed_services: [integer(0), 3],
  keep_services: [flag, false],
};

/** @throws {InvalidManagerSettings} with every problem of the file. */
export function parseManagerSettings(yaml: string): { readonly settings: ManagerSettings; readonly warnings: readonly string[] } {
  // PyYAML reads YAML 1.1: `yes` is true there.
  const document = parseDocument(yaml, { version: "1.1" });
  const [error] = document.errors;
  if (error !== undefined) throw new InvalidManagerSettings([`not readable as YAML: ${error.message}`]);
  const value: unknown = document.toJS();
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidManagerSettings(["must be a mapping of settings such as `name: …`"]);
  }
  const members = new Map<string, unknown>(Object.entries(value));
  const problems: string[] = [];
  const read = (key: keyof ManagerSettings): unknown => {
    const [reader, fallback] = keys[key];
    const given = members.get(key) ?? null;
    if (given === null && fallback !== required) return fallback;
    const result = given === null ? ["is required"] : (reader as Reader<unknown>)(given);
    if (Array.isArray(result) && result !== given) problems.push(`${key}: ${result.join("")}`);
    return result;
  };
  const names = Object.keys(keys) as (keyof ManagerSettings)[];
  const settings = Object.fromEntries(names.map((key) => [key, read(key)]));
  if (problems.length > 0) throw new InvalidManagerSettings(problems);
  const unknown = [...members.keys()].filter((key) => !Object.hasOwn(keys, key));
  return {
    settings: settings as unknown as ManagerSettings,
    warnings: unknown.map((key) => `unknown setting ${key} is ignored`),
  };
}
