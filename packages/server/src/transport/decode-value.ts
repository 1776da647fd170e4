/**
 * Reads a JSON value by the schema that the route declares, as leniently as the Python server: integers may come as `2.0` or `"2"`,
 * numbers as texts, unknown members are ignored. What does not fit is told in the form of the Python server's 422 (user-api §4, §5.6).
 */
import {
  InvalidComputeId,
  InvalidScope,
  InvalidScopedKey,
  parseComputeManagerId,
  parseComputeServiceId,
  parseScope,
  parseScopedKey,
  scopedKeyFromJson,
  scopeFromJson,
} from "@alchemiscale/contract";
import type { TSchema } from "typebox";

/** One thing wrong with the input. */
export interface Issue {
  readonly type: string;
  /** Where: `body`, `query` or `path`, then members and positions. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

type Location = readonly (string | number)[];

export interface Decoded {
  readonly value: unknown;
  /** What is wrong with the shape; the value is meaningless unless empty. */
  readonly issues: readonly Issue[];
  /** A text that is no key, scope or id where one belongs: told by its own sentence, after the shape. */
  readonly unreadable: string | null;
}

/** @param location the first part of every issue's place, e.g. `body` */
export function decodeValue(schema: TSchema, value: unknown, location: string): Decoded {
  const reader = new Reader();
  const decoded = reader.read(schema as Schema, value, [location]);
  return { value: decoded, issues: reader.issues, unreadable: reader.unreadable };
}

/** The parts of JSON Schema that our declarations use. */
interface Schema {
  readonly "x-wire"?: string;
  /** A member that the Python server does not know: nobody is told that it is missing. */
  readonly "x-ours"?: boolean;
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Of a record: one for all names. */
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

class Reader {
  readonly issues: Issue[] = [];
  unreadable: string | null = null;

  read(schema: Schema, value: unknown, loc: Location): unknown {
    if (schema["x-wire"] !== undefined) return this.#readWireType(schema["x-wire"], value, loc);
    if (schema.anyOf !== undefined) return this.#readUnion(schema.anyOf, value, loc);
    if (schema.const !== undefined) {
      if (value === schema.const) return value;
      return this.#issue("literal_error", `Input should be ${JSON.stringify(schema.const)}`, value, loc);
    }
    switch (schema.type) {
      case "object":
        return schema.patternProperties === undefined
          ? this.#readObject(schema, value, loc)
          : this.#readRecord(schema, value, loc);
      case "array":
        return this.#readArray(schema, value, loc);
      case "string":
        return this.#readString(schema, value, loc);
      case "number":
        return this.#readNumberWithin(schema, value, loc);
      case "integer":
        return this.#readSafeInteger(schema, value, loc);
      case "boolean":
        return this.#readBoolean(value, loc);
      case "null":
        return value === null ? null : this.#issue("none_required", "Input should be null", value, loc);
      default:
        return value;
    }
  }

  #issue(type: string, msg: string, input: unknown, loc: Location): undefined {
    this.issues.push({ type, loc, msg, input: echo(input) });
    return undefined;
  }

  #readObject(schema: Schema, value: unknown, loc: Location): Record<string, unknown> {
    const members = memberReader(value);
    const result: Record<string, unknown> = {};
    for (const [name, memberSchema] of Object.entries(schema.properties ?? {})) {
      const member = members?.(name);
      if (member !== undefined) result[name] = this.read(memberSchema, member, [...loc, name]);
      else if (schema.required?.includes(name)) this.#issue("missing", "Field required", value ?? null, [...loc, name]);
      // Anything that is no object lacks every member, also those that could stay away.
      else if (
        members === undefined &&
        !schema.required?.length &&
        value !== null &&
        value !== undefined &&
        memberSchema["x-ours"] !== true
      ) {
        this.#issue("missing", "Field required", value, [...loc, name]);
      }
    }
    return result;
  }

  #readRecord(schema: Schema, value: unknown, loc: Location): Record<string, unknown> | undefined {
    const members = memberReader(value);
    if (members === undefined) return this.#issue("dict_type", "Input should be a valid dictionary", value, loc);
    const names = value instanceof Map ? [...value.keys()] : Object.keys(value as object);
    const most = schema.maxProperties ?? Number.POSITIVE_INFINITY;
    if (names.length > most) {
      const msg = `Dictionary should have at most ${most} items after validation, not ${names.length}`;
      return this.#issue("too_long", msg, value, loc);
    }
    const [memberSchema = {}] = Object.values(schema.patternProperties ?? {});
    return Object.fromEntries(names.map((name) => [name, this.read(memberSchema, members(name), [...loc, name])]));
  }

  #readArray(schema: Schema, value: unknown, loc: Location): unknown[] | undefined {
    if (!Array.isArray(value)) return this.#issue("list_type", "Input should be a valid list", value, loc);
    if (value.length < (schema.minItems ?? 0)) {
      return this.#issue(
        "too_short",
        `List should have at least ${schema.minItems} item after validation, not ${value.length}`,
        value,
        loc,
      );
    }
    const items = schema.items ?? {};
    return value.map((item, i) => this.read(items, item, [...loc, i]));
  }

  #readString(schema: Schema, value: unknown, loc: Location): string | undefined {
    if (typeof value !== "string") return this.#issue("string_type", "Input should be a valid string", value, loc);
    if (value.length < (schema.minLength ?? 0)) {
      return this.#issue("string_too_short", `String should have at least ${schema.minLength} character`, value, loc);
    }
    if (value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) {
      return this.#issue("string_too_long", `String should have at most ${schema.maxLength} characters`, value, loc);
    }
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
      return this.#issue("string_pattern_mismatch", `String should match pattern '${schema.pattern}'`, value, loc);
    }
    return value;
  }

  #readNumber(value: unknown, loc: Location): number | undefined {
    if (typeof value === "number") return value;
    if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
    if (typeof value === "string") {
      const text = value.trim();
      if (decimalPattern.test(text)) return Number(text);
      return this.#issue("float_parsing", "Input should be a valid number, unable to parse string as a number", value, loc);
    }
    return this.#issue("float_type", "Input should be a valid number", value, loc);
  }

  #readNumberWithin(schema: Schema, value: unknown, loc: Location): number | undefined {
    const number = this.#readNumber(value, loc);
    if (number === undefined) return undefined;
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
    if (schema.exclusiveMinimum !== undefined && !(number > schema.exclusiveMinimum)) {
      return this.#issue("greater_than", `Input should be greater than ${schema.exclusiveMinimum}`, value, loc);
    }
    const bounded = schema.minimum !== undefined || schema.maximum !== undefined;
    if (!bounded || (number >= minimum && number <= maximum)) return number;
    if (number < minimum) {
      return this.#issue("greater_than_equal", `Input should be greater than or equal to ${minimum}`, value, loc);
    }
    return this.#issue("less_than_equal", `Input should be less than or equal to ${maximum}`, value, loc);
  }

  #readSafeInteger(schema: Schema, value: unknown, loc: Location): number | undefined {
    const integer = this.#readInteger(value, loc);
    if (integer === undefined) return undefined;
    if (schema.minimum !== undefined && integer < schema.minimum) {
      return this.#issue("greater_than_equal", `Input should be greater than or equal to ${schema.minimum}`, value, loc);
    }
    if (schema.maximum !== undefined && integer > schema.maximum) {
      return this.#issue("less_than_equal", `Input should be less than or equal to ${schema.maximum}`, value, loc);
    }
    if (integer > Number.MAX_SAFE_INTEGER || integer < Number.MIN_SAFE_INTEGER) {
      return this.#issue("int_parsing_size", "The integer is too large", value, loc);
    }
    return Number(integer);
  }

  #readInteger(value: unknown, loc: Location): bigint | undefined {
    if (typeof value === "bigint") return value;
    if (typeof value === "boolean") return value ? 1n : 0n;
    if (typeof value === "number") {
      if (Number.isInteger(value)) return BigInt(value);
      return this.#issue("int_from_float", "Input should be a valid integer, got a number with a fractional part", value, loc);
    }
    if (typeof value === "string") {
      const match = integerPattern.exec(value.trim());
      // 4300 digits are Python's own limit; longer texts cost quadratic time.
      if (match?.[1] !== undefined && match[1].length <= 4300) return BigInt(match[1]);
      return this.#issue("int_parsing", "Input should be a valid integer, unable to parse string as an integer", value, loc);
    }
    return this.#issue("int_type", "Input should be a valid integer", value, loc);
  }

  #readBoolean(value: unknown, loc: Location): boolean | undefined {
    if (typeof value === "boolean") return value;
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "string") {
      const text = String(value).toLowerCase();
      if (trueTexts.has(text)) return true;
      if (falseTexts.has(text)) return false;
      return this.#issue("bool_parsing", "Input should be a valid boolean, unable to interpret input", value, loc);
    }
    return this.#issue("bool_type", "Input should be a valid boolean", value, loc);
  }

  #readUnion(schemas: readonly Schema[], value: unknown, loc: Location): unknown {
    if (value === null && schemas.some((schema) => schema.type === "null")) return null;
    const others = schemas.filter((schema) => schema.type !== "null");
    const [only] = others;
    if (only !== undefined && others.length === 1) return this.read(only, value, loc);
    const found: Issue[] = [];
    for (const schema of others) {
      const attempt = new Reader();
      const decoded = attempt.read(schema, value, schema.type === undefined ? loc : [...loc, schema.type]);
      if (attempt.issues.length === 0) {
        this.unreadable ??= attempt.unreadable;
        return decoded;
      }
      found.push(...attempt.issues);
    }
    this.issues.push(...found);
    return undefined;
  }

  #readWireType(type: string, value: unknown, loc: Location): unknown {
    switch (type) {
      case "scoped-key":
        return this.#readScopedKey(value, loc);
      case "scoped-key-or-blank":
        return value === null || value === "" ? null : this.#readScopedKey(value, loc);
      case "int64":
        return this.#readInteger(value, loc);
      case "scope-object":
        try {
          return scopeFromJson(value);
        } catch (error) {
          if (!(error instanceof InvalidScope)) throw error;
          return this.#issue("value_error", error.message, value, loc);
        }
      case "scope-text":
        return this.#readText(value, loc, parseScope);
      case "compute-service-id":
        return this.#readText(value, loc, parseComputeServiceId);
      case "compute-manager-id":
        return this.#readText(value, loc, parseComputeManagerId);
      default:
        return value;
    }
  }

  #readScopedKey(value: unknown, loc: Location): unknown {
    if (typeof value === "string") return this.#readText(value, loc, parseScopedKey);
    if (memberReader(value) === undefined)
      return this.#issue("string_type", "Input should be a ScopedKey: a string or an object", value, loc);
    try {
      return scopedKeyFromJson(value);
    } catch (error) {
      if (!(error instanceof InvalidScopedKey)) throw error;
      return this.#issue("value_error", error.message, value, loc);
    }
  }

  #readText<T>(value: unknown, loc: Location, parse: (text: string) => T): T | undefined {
    if (typeof value !== "string") return this.#issue("string_type", "Input should be a valid string", value, loc);
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof InvalidScopedKey || error instanceof InvalidScope || error instanceof InvalidComputeId)) throw error;
      this.unreadable ??= loc.length > 1 ? `${error.message} (at ${loc.join(".")})` : error.message;
      return undefined;
    }
  }
}

const decimalPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$|^[+-]?(?:inf(?:inity)?|nan)$/i;
const integerPattern = /^([+-]?\d+)(?:\.0*)?$/;
const trueTexts = new Set(["true", "1", "t", "yes", "y", "on"]);
const falseTexts = new Set(["false", "0", "f", "no", "n", "off"]);

/** Members of an object of the lenient reader (a plain object without prototype surprises, or a Map); undefined for anything else. */
function memberReader(value: unknown): ((name: string) => unknown) | undefined {
  if (value instanceof Map) return (name) => value.get(name);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return (name) => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);
}

/** What is repeated to the client of its own input: enough to recognise it. */
function echo(input: unknown): unknown {
  if (typeof input === "bigint") return String(input);
  if (typeof input === "string") return input.length > 200 ? `${input.slice(0, 200)}…` : input;
  if (typeof input === "number") return Number.isFinite(input) ? input : String(input);
  if (Array.isArray(input)) return `a list of ${input.length}`;
  if (typeof input === "object" && input !== null) return "an object";
  return input ?? null;
}
