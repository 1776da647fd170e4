/** From the members of a result's objects to its summary; shared by the reader of texts and the scanner of bytes. */

import { qualnameOfKey } from "../chain/keyed-chain.ts";
import { ChainError, ShapeError } from "../errors.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json/json.ts";
import { referenceKey } from "../views/fields.ts";
import { executionOrder } from "./execution-order.ts";
import { pythonArguments } from "./python-arguments.ts";
import type { ResultSummary, UnitFailure, UnitSummary } from "./result-summary.ts";

const resultMembers = new Set(["__qualname__", "protocol_units", "protocol_unit_results", "transformation_key", "extends_key"]);
const unitMembers = new Set(["__qualname__", "name", "source_key", "start_time", "end_time", "exception", "traceback"]);

interface UnitFacts extends UnitSummary {
  readonly exception: [string, string] | null;
  readonly traceback: string;
  readonly dependencies: ReadonlySet<string>;
}

/** The members that the summary needs of the object with this key; all others may be passed over unread. */
export function neededMembers(key: string): ReadonlySet<string> {
  return key.startsWith("ProtocolDAGResult-") ? resultMembers : unitMembers;
}

/** Takes the objects of a chain in order and gives the summary of the last one. */
export class ResultCollector {
  readonly #units = new Map<string, UnitFacts>();
  #lastKey: string | undefined;
  #last: ReadonlyMap<string, Json> | undefined;

  /** Adds the object with these (needed) members and outputs; `dependencies` are the keys that its `inputs` refer to. */
  add(key: string, members: JsonObject, dependencies: ReadonlySet<string>, outputs: JsonObject, where: string): void {
    const qualname = members.get("__qualname__");
    if (qualname !== qualnameOfKey(key)) {
      const found = typeof qualname === "string" ? JSON.stringify(qualname.slice(0, 200)) : "absent";
      throw new ChainError("key-prefix", where, `The prefix of ${key} must equal its __qualname__, which is ${found}`);
    }
    this.#lastKey = key;
    this.#last = members;
    // Unit results are known by what they hold, not by class: a Protocol may have its own subclass.
    if (typeof members.get("source_key") === "string" && !this.#units.has(key))
      this.#units.set(key, unitFacts(key, qualname, members, dependencies, outputs));
  }

  /** The summary of the last object. Throws `ChainError` where that is no ProtocolDAGResult or a unit result is missing. */
  summary(): ResultSummary {
    const key = this.#lastKey;
    const dict = this.#last;
    if (key === undefined || dict === undefined)
      throw new ChainError("empty-chain", "", "The keyed chain is empty: it has no object");
    if (qualnameOfKey(key) !== "ProtocolDAGResult") {
      throw new ChainError("not-a-result", key, `The last object of the chain is ${key}, not a ProtocolDAGResult`);
    }
    const protocolUnits = references(key, "protocol_units", dict);
    const units = references(key, "protocol_unit_results", dict).map((unit) => {
      const facts = this.#units.get(unit);
      if (facts === undefined) {
        throw new ChainError("dangling-reference", `${key}.protocol_unit_results`, `${unit} is not a unit result in the chain`);
      }
      return facts;
    });
    const done = new Set(units.filter((unit) => unit.ok).map((unit) => unit.sourceKey));
    return {
      key,
      qualname: "ProtocolDAGResult",
      ok: protocolUnits.every((unit) => done.has(unit)),
      transformationKey: optionalText(key, "transformation_key", dict),
      extendsKey: optionalText(key, "extends_key", dict),
      protocolUnits,
      failures: inOrder(units)
        .filter((unit) => !unit.ok)
        .map(failure),
      units: units.map(({ key, sourceKey, ok, name, startTime, endTime, outputs }) => ({
        key,
        sourceKey,
        ok,
        name,
        startTime,
        endTime,
        outputs,
      })),
    };
  }
}

/** As Python lists them, so that a record of the failures has the same content there and here. */
function inOrder(units: readonly UnitFacts[]): UnitFacts[] {
  const byKey = new Map(units.map((unit) => [unit.key, unit]));
  return executionOrder(units).map((key) => byKey.get(key) as UnitFacts);
}

function failure({ sourceKey, key, exception, traceback }: UnitFacts): UnitFailure {
  return { sourceKey, failureKey: key, exception, traceback };
}

function unitFacts(
  key: string,
  qualname: string,
  members: JsonObject,
  dependencies: ReadonlySet<string>,
  outputs: JsonObject,
): UnitFacts {
  const traceback = members.get("traceback");
  return {
    key,
    sourceKey: members.get("source_key") as string,
    ok: qualname !== "ProtocolUnitFailure",
    name: optionalText(key, "name", members),
    startTime: time(members.get("start_time")),
    endTime: time(members.get("end_time")),
    exception: exception(members.get("exception")),
    traceback: typeof traceback === "string" ? traceback : "",
    dependencies,
    outputs,
  };
}

function exception(value: Json | undefined): [string, string] | null {
  if (!isJsonArray(value) || typeof value[0] !== "string") return null;
  const args = value[1] ?? [];
  return [value[0], pythonArguments(isJsonArray(args) ? args : [args])];
}

/** The ISO text of a datetime as written: it has microseconds, which a `Date` has not. */
function time(value: Json | undefined): string | null {
  const text = isJsonObject(value) ? value.get("isotime") : value;
  return typeof text === "string" ? text : null;
}

function references(key: string, field: string, dict: ReadonlyMap<string, Json>): string[] {
  const value = dict.get(field);
  if (!isJsonArray(value)) throw new ShapeError("field", `${key}.${field}`, `The field ${field} must be an array of references`);
  return value.map((item, i) => {
    const reference = referenceKey(item);
    if (reference === undefined) throw new ShapeError("field", `${key}.${field}[${i}]`, "Expected a reference to another object");
    return reference;
  });
}

function optionalText(key: string, field: string, dict: ReadonlyMap<string, Json>): string | null {
  const value = dict.get(field) ?? null;
  if (value !== null && typeof value !== "string") {
    throw new ShapeError("field", `${key}.${field}`, `The field ${field} must be a text or null`);
  }
  return value;
}
