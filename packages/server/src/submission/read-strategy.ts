/** From the body of `POST /networks/{network}/strategy` to what the state store takes (user-api §5.9). Runs on either thread. */
import { strategyModes, strategyStatuses, taskScalings } from "@alchemiscale/contract";
import { type ChainEntry, GufeError, JsonSyntaxError, scanMembers, sliceKeyedChain } from "@alchemiscale/gufe";
import type { StrategyState } from "@alchemiscale/statestore";
import { type Static, type TObject, Type } from "typebox";
import { decodeValue, type Issue } from "../transport/decode-value.ts";
import { unprocessable } from "../transport/http-error.ts";
import { bodyText, invalidJson, parsePlainJson } from "../transport/json-body.ts";

/** A strategy with the state that it starts from; null where the body removes the present one. */
export type ReadStrategy = {
  readonly key: string;
  readonly entries: readonly ChainEntry[];
  readonly state: StrategyState;
} | null;

export interface StrategyBytes {
  readonly bytes: Uint8Array;
  /** Refuse keys that are provably not those of their content. */
  readonly strict: boolean;
}

const words = <T extends string>(texts: readonly T[]) => Type.Unsafe<T>(Type.Union(texts.map((text) => Type.Literal(text))));
const orNull = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** Clients send the first four; the others are honoured as the Python server does. */
const StateFields = Type.Object({
  mode: Type.Optional(words(strategyModes)),
  sleep_interval: Type.Optional(Type.Integer({ minimum: 1 })),
  max_tasks_per_transformation: Type.Optional(Type.Integer({ minimum: 1 })),
  task_scaling: Type.Optional(words(taskScalings)),
  status: Type.Optional(words(strategyStatuses)),
  iterations: Type.Optional(Type.Integer()),
  last_iteration: orNull(Type.String()),
  last_iteration_result_count: Type.Optional(Type.Integer()),
  exception: orNull(Type.Array(Type.String())),
  traceback: orNull(Type.String()),
});

/** @throws {HttpError} 422 for what is no JSON, no keyed chain of a strategy, or no state */
export function readStrategyBytes({ bytes, strict }: StrategyBytes): ReadStrategy {
  const members = bodyMembers(bodyText(bytes));
  const strategy = members.get("strategy");
  if (strategy === undefined) {
    const missing: Issue = { type: "missing", loc: ["body", "strategy"], msg: "Field required", input: null };
    throw unprocessable([missing]);
  }
  if (strategy.trim() === "null") return null;
  return { ...readChain(strategy, strict), state: readState(members) };
}

/** @throws {HttpError} 422 for what is no JSON object */
export function bodyMembers(text: string): Map<string, string> {
  try {
    return scanMembers(text);
  } catch (error) {
    if (!(error instanceof GufeError)) throw error;
    if (!(error instanceof JsonSyntaxError)) throw unprocessable(error.message);
    if (error.code === "not-an-object") throw unprocessable("a JSON object is expected");
    throw invalidJson(error.where, error.message);
  }
}

/** @throws {HttpError} 422 */
export function readChain(text: string, strict: boolean): { key: string; entries: readonly ChainEntry[] } {
  try {
    const { entries, root } = sliceKeyedChain(text, { strict });
    // Strategies come from packages of their own; gufe itself defines none.
    if (/^gufe(\.|$)/.test(root.module)) throw unprocessable(`${root.key} is a ${root.qualname}, which is no strategy`);
    return { key: root.key, entries };
  } catch (error) {
    if (error instanceof GufeError) throw unprocessable(`the strategy cannot be read: ${error.message}`);
    throw error;
  }
}

/** @throws {HttpError} 422 */
export function readState(members: ReadonlyMap<string, string>): StrategyState {
  const state = settingsOf(StateFields, members);
  return {
    mode: state.mode ?? "partial",
    status: state.status ?? "awake",
    iterations: state.iterations ?? 0,
    sleepInterval: state.sleep_interval ?? 3600,
    lastIteration: readInstant(state.last_iteration ?? null),
    lastIterationResultCount: state.last_iteration_result_count ?? 0,
    maxTasksPerTransformation: state.max_tasks_per_transformation ?? 3,
    taskScaling: state.task_scaling ?? "exponential",
    exception: readException(state.exception ?? null),
    traceback: state.traceback ?? null,
  };
}

function readException(pair: readonly string[] | null): StrategyState["exception"] {
  if (pair === null) return null;
  const [type, message] = pair;
  if (pair.length !== 2 || type === undefined || message === undefined) {
    throw unprocessable(`exception has ${pair.length} elements; it is a pair: type and message`);
  }
  return [type, message];
}

const isoInstant = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/i;

/** ISO-8601 to microseconds; UTC where no offset is given. */
function readInstant(text: string | null): number | null {
  if (text === null) return null;
  const match = isoInstant.exec(text);
  if (match !== null) {
    const [, date, minutes, seconds = ":00", fraction = "", offset = "Z"] = match;
    const milliseconds = Date.parse(`${date}T${minutes}${seconds}${offset.replace(/^(.\d\d)(\d\d)$/, "$1:$2").toUpperCase()}`);
    if (!Number.isNaN(milliseconds)) return milliseconds * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
  }
  throw unprocessable(
    `last_iteration = ${JSON.stringify(text.slice(0, 100))} is no instant: write it as 2026-01-31T12:00:00+00:00`,
  );
}

/**
 * Those members of a body that a schema names.
 * @throws {HttpError} 422
 */
export function settingsOf<S extends TObject>(schema: S, members: ReadonlyMap<string, string>): Static<S> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(schema.properties)) {
    const text = members.get(name);
    if (text !== undefined) given[name] = parsePlainJson(text);
  }
  const { value, issues } = decodeValue(schema, given, "body");
  if (issues.length > 0) throw unprocessable(issues);
  return value as Static<S>;
}
