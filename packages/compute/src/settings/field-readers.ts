/** Readers of single values. Each returns the value, or throws an `Error` that says the rule and what was given. */
import {
  type ComputeManagerId,
  InvalidComputeId,
  InvalidScope,
  parseComputeManagerId,
  parseComputeServiceId,
  parseScope,
  type Scope,
} from "@alchemiscale/contract";

/** What a value breaks; the message says the rule. */
export class RuleBroken extends Error {
  override readonly name = "RuleBroken";
}

export type Reader<T> = (value: unknown) => T;

export const text: Reader<string> = (value) => {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    throw new RuleBroken(`must be text; YAML reads ${String(value)} as a ${typeof value}: put it in quotes`);
  }
  if (typeof value !== "string" || value === "") throw new RuleBroken(`must be text; it is ${shown(value)}`);
  return value;
};

export const httpUrl: Reader<string> = (value) => {
  const url = URL.parse(text(value));
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new RuleBroken(`must be an address such as https://compute.example.org; it is ${shown(value)}`);
  }
  return text(value);
};

export const flag: Reader<boolean> = (value) => {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw new RuleBroken(`must be true or false; it is ${shown(value)}`);
};

/** A number in a range; numeric text passes, as templates may leave quotes around numbers. */
export function number(rule: { readonly above?: number; readonly atLeast?: number; readonly integer?: boolean }): Reader<number> {
  const range = [
    ...(rule.atLeast === undefined ? [] : [`of at least ${rule.atLeast}`]),
    ...(rule.above === undefined ? [] : [`above ${rule.above}`]),
  ].join(" and ");
  return (value) => {
    const given =
      typeof value === "string" && value.trim() !== "" ? Number(value) : typeof value === "bigint" ? Number(value) : value;
    const valid =
      typeof given === "number" &&
      Number.isFinite(given) &&
      (!rule.integer || Number.isInteger(given)) &&
      given >= (rule.atLeast ?? -Infinity) &&
      given > (rule.above ?? -Infinity);
    if (!valid) throw new RuleBroken(`must be ${rule.integer ? "an integer" : "a number"} ${range}; it is ${shown(value)}`);
    return given;
  };
}

/** The name part of a service's id (compute-api §2); without hyphens, which 0.8.0 servers refuse. */
export const serviceName: Reader<string> = (value) => {
  const name = text(value);
  if (!/^[A-Za-z][A-Za-z0-9_.:]*$/.test(name)) {
    const remedy = name.includes("-") ? `; a hyphen is not allowed, try ${shown(name.replaceAll("-", "_"))}` : "";
    throw new RuleBroken(
      `must begin with a letter and hold only letters, digits, '_', '.' and ':'; it is ${shown(name)}${remedy}`,
    );
  }
  parseComputeServiceId(`${name}-${"0".repeat(32)}`);
  return name;
};

export const managerId: Reader<ComputeManagerId> = (value) => {
  try {
    return parseComputeManagerId(text(value));
  } catch (error) {
    if (error instanceof InvalidComputeId) throw new RuleBroken(`${error.message}; it is ${shown(value)}`);
    throw error;
  }
};

export const scopes: Reader<readonly Scope[]> = list((value) => {
  try {
    return parseScope(text(value));
  } catch (error) {
    if (error instanceof InvalidScope) throw new RuleBroken(error.message);
    throw error;
  }
}, "scopes such as org-campaign-*");

export const protocols: Reader<readonly string[]> = list((value) => {
  const name = text(value);
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
    throw new RuleBroken(`must hold bare class names such as RelativeHybridTopologyProtocol; ${shown(name)} is none`);
  }
  return name;
}, "Protocol class names");

/** Levels of Python's logging, in the order of their severity. */
const logLevels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
export type LogLevel = (typeof logLevels)[number];

export const logLevel: Reader<LogLevel> = (value) => {
  const name = String(value).toUpperCase();
  const synonym = name === "WARN" ? "WARNING" : name === "FATAL" ? "CRITICAL" : name === "NOTSET" ? "DEBUG" : name;
  const level = logLevels.find((candidate) => candidate === synonym);
  if (level === undefined) throw new RuleBroken(`must be one of ${logLevels.join(", ")}; it is ${shown(value)}`);
  return level;
};

/** Bytes: a number, or text such as `12 GiB`. */
export const bytes: Reader<number> = (value) => {
  const parts = /^\s*([0-9]+(?:\.[0-9]+)?)\s*(?:([kmgt])(i?)b?|b)?\s*$/i.exec(String(value));
  const [, digits, letter, binary] = parts ?? [];
  const power = letter === undefined ? 0 : "kmgt".indexOf(letter.toLowerCase()) + 1;
  // As Kubernetes writes it, too: 12G is 12 · 10⁹, 12Gi is 12 · 2³⁰.
  const size = Number(digits) * (binary === "" ? 1000 : 1024) ** power;
  if (parts === null || !(size > 0)) throw new RuleBroken(`must be a size such as 12 GiB; it is ${shown(value)}`);
  return Math.floor(size);
};

export function list<T>(item: Reader<T>, what: string): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) throw new RuleBroken(`must be a list of ${what}; it is ${shown(value)}`);
    return value.map(item);
  };
}

export function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
