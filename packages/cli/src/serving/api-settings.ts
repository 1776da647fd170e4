/** How an API alone is run: options, else gunicorn's settings of the two configuration options, else variables (user-api §8, §9). */
import { readFileSync } from "node:fs";
import type { Binding } from "@alchemiscale/server";
import { parse } from "yaml";
import { environmentNumber, environmentVariable } from "../environment.ts";
import { UsageError } from "../usage-error.ts";
import { workerRole } from "./worker-role.ts";

export interface ApiOptions {
  readonly workers?: number;
  readonly host?: string;
  readonly port?: number;
  readonly loglevel?: string;
  /** YAML, and inline JSON that goes before it. */
  readonly configFile?: string;
  readonly configJson?: string;
}

export interface ApiSettings {
  readonly workers: number;
  readonly binding: Binding;
  /** As it was given; undefined where the variables decide. */
  readonly loglevel?: string | undefined;
  /** For requests in progress at the end; undefined where the server decides. */
  readonly graceSeconds?: number | undefined;
  /** Of several workers, one that hangs for so long is replaced; 0: never; undefined where `runWorkers` decides. */
  readonly timeoutSeconds?: number | undefined;
}

/** @param prefix of the variables, such as `ALCHEMISCALE_API`. @throws {UsageError} */
export function apiSettings(prefix: string, options: ApiOptions): ApiSettings {
  const role = workerRole();
  if (role !== null) return role.settings;
  const config = { ...configurationFile(options.configFile), ...configurationText(options.configJson) };
  const bound = bindOf(config.bind);
  return {
    workers: options.workers ?? numberOf(config, "workers", { least: 1, integer: true }) ?? 1,
    binding: {
      host: options.host ?? bound?.host ?? environmentVariable(`${prefix}_HOST`) ?? "127.0.0.1",
      port: options.port ?? bound?.port ?? environmentNumber(`${prefix}_PORT`, 80, { least: 0, most: 65_535 }),
    },
    loglevel: options.loglevel ?? textOf(config, "loglevel"),
    graceSeconds: numberOf(config, "graceful_timeout", { least: 0, integer: false }),
    timeoutSeconds: numberOf(config, "timeout", { least: 0, integer: false }),
  };
}

type Configuration = Readonly<Record<string, unknown>>;

function configurationFile(file: string | undefined): Configuration {
  if (file === undefined) return {};
  try {
    return settingsOf(parse(readFileSync(file === "-" ? 0 : file, "utf8")), `--config-file ${file}`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--config-file ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function configurationText(text: string | undefined): Configuration {
  if (text === undefined) return {};
  try {
    return settingsOf(JSON.parse(text), "--config-json");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--config-json is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** Those that are null are as good as absent; those that are gunicorn's alone are passed over, as there. */
function settingsOf(value: unknown, what: string): Configuration {
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new UsageError(`${what} must be a mapping of settings`);
  return Object.fromEntries(Object.entries(value).filter(([, setting]) => setting !== null));
}

function numberOf(
  config: Configuration,
  name: string,
  rule: { readonly least: number; readonly integer: boolean },
): number | undefined {
  const value = config[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || value < rule.least || (rule.integer && !Number.isInteger(value))) {
    throw new UsageError(
      `the setting ${name} of the configuration is ${JSON.stringify(value)}, and must be a ${rule.integer ? "whole " : ""}number of at least ${rule.least}`,
    );
  }
  return value;
}

function textOf(config: Configuration, name: string): string | undefined {
  const value = config[name];
  if (value === undefined || typeof value === "string") return value;
  throw new UsageError(`the setting ${name} of the configuration is ${JSON.stringify(value)}, and must be a text`);
}

/** gunicorn's `HOST:PORT`, `:PORT` or `[HOST]:PORT`. */
function bindOf(value: unknown): Partial<Binding> | undefined {
  if (value === undefined) return undefined;
  const match = typeof value === "string" ? /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(value) : null;
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new UsageError(`the setting bind of the configuration is ${JSON.stringify(value)}, and must be HOST:PORT`);
  }
  const host = match[1] ?? match[2] ?? "";
  return host === "" ? { port } : { host, port };
}
