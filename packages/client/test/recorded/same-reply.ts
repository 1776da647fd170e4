/** Whether a method gave what the recorded reply says. */
import { scopedKeyFromJson } from "@alchemiscale/contract";
import { bytesToLatin1, isJsonObject, parseJson, writeJson } from "@alchemiscale/gufe";
import type { Step } from "../../../../scripts/recorded-scenarios/scenario.ts";
import { ApiError, type StrategyState, type TaskTransformation } from "../../src/index.ts";
import { bodyText } from "./filled-scenario.ts";

/** Null, or what is wrong. */
export function sameReply(name: string, { reply }: Step, value: unknown, error: unknown): string | null {
  const text = bodyText(reply) ?? "";
  if (reply.status >= 400) {
    if (!(error instanceof ApiError)) return `status ${reply.status} should throw, not give ${shown(error ?? value)}`;
    if (error.status !== reply.status) return `status ${error.status} for ${reply.status}`;
    if (text === "") return null;
    const detail = detailOf(text);
    return error.detail === detail ? null : `detail ${error.detail} for ${detail}`;
  }
  if (error !== undefined) return `throws ${error}`;
  // Nothing is said by the method: nothing to compare.
  if (value === undefined) return null;
  const say = said[name];
  const read = replied[name];
  const got = say === undefined ? plain(value) : say(value as never);
  const want = read === undefined ? plain(JSON.parse(text)) : read(text);
  return JSON.stringify(got) === JSON.stringify(want) ? null : `gives ${shown(got)} for ${shown(want)}`;
}

/** What a method gives, as the reply would say it, where {@link plain} is not enough. */
const said: Readonly<Record<string, (value: never) => unknown>> = {
  "user.ping": (api: string) => ({ api }),
  "compute.ping": (api: string) => ({ api }),
  "user.addRestartPatterns": () => null,
  "user.result": (bytes: Uint8Array) => [bytesToLatin1(bytes)],
  "user.network": (text: string) => text,
  "user.transformation": (text: string) => text,
  "user.chemicalSystem": (text: string) => text,
  "user.strategy": (text: string | null) => text ?? "null",
  "user.getTaskPriorities": (list: readonly (number | bigint | null)[]) => list.map(String),
  "user.strategyState": (state: StrategyState | null) =>
    state === null
      ? "none"
      : plain({
          mode: state.mode,
          status: state.status,
          iterations: state.iterations,
          sleep_interval: state.sleepInterval,
          last_iteration: state.lastIteration,
          last_iteration_result_count: state.lastIterationResultCount,
          max_tasks_per_transformation: state.maxTasksPerTransformation,
          task_scaling: state.taskScaling,
          exception: state.exception === null ? null : [state.exception.type, state.exception.message],
          traceback: state.traceback,
        }),
  "compute.claim": ({ denied, tasks }: { denied: boolean; tasks: readonly string[] }) => (denied ? "denied" : tasks),
  "compute.managerInstruction": (reply: { instruction: string; services?: unknown; tasks?: unknown; message?: unknown }) =>
    plain({
      instruction: reply.instruction,
      ...(reply.services !== undefined && { compute_service_ids: reply.services }),
      ...(reply.tasks !== undefined && { num_tasks: reply.tasks }),
      ...(reply.message !== undefined && { message: reply.message }),
    }),
  "compute.taskTransformationContent": ({ transformation, extended }: TaskTransformation) => [
    canonical(transformation),
    extended === null ? null : bytesToLatin1(extended),
  ],
};

/** What a reply says, where it is not JSON.parse of it. */
const replied: Readonly<Record<string, (text: string) => unknown>> = {
  "user.addRestartPatterns": () => null,
  "user.network": (text) => text,
  "user.transformation": (text) => text,
  "user.chemicalSystem": (text) => text,
  "user.strategy": (text) => text,
  "user.getTaskPriorities": (text) =>
    text
      .slice(1, -1)
      .split(",")
      .map((part) => part.trim()),
  "user.strategyState": (text) => (text === "null" ? "none" : plain(JSON.parse(text))),
  "user.identityScopes": (text) => (JSON.parse(text) as string[]).sort(),
  "user.getRestartPatterns": (text) =>
    plain(Object.fromEntries(Object.values(JSON.parse(text) as Record<string, [string, number][]>)[0] ?? [])),
  "compute.claim": (text) => (text === "null" ? "denied" : withoutNulls(text)),
  "compute.claimHubTasks": withoutNulls,
  "compute.queryTaskHubs": (text) => plain(hubs(JSON.parse(text))),
  "compute.taskTransformationContent": (text) => {
    const [transformation, extended] = JSON.parse(text) as [unknown, string | null];
    const chain = typeof transformation === "string" ? undefined : parseJson(text);
    return [Array.isArray(chain) && chain[0] !== undefined ? writeJson(chain[0]) : "nested", extended];
  },
};

function withoutNulls(text: string): unknown {
  return (JSON.parse(text) as unknown[]).filter((item) => item !== null);
}

function hubs(reply: readonly string[] | Readonly<Record<string, string>>): unknown {
  if (Array.isArray(reply)) return reply;
  return Object.fromEntries(
    Object.entries(reply).map(([hub, content]) => {
      const { network, weight } = JSON.parse(content) as { network: unknown; weight: number };
      return [hub, { network: scopedKeyFromJson(network), weight }];
    }),
  );
}

function canonical(text: string): string {
  return writeJson(parseJson(text));
}

/** Maps as objects, keys of objects in order, ScopedKeys as texts. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("gufe_key" in value) return scopedKeyFromJson(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, plain(member)]));
}

function detailOf(text: string): string {
  try {
    const body = parseJson(text);
    const detail = isJsonObject(body) ? body.get("detail") : undefined;
    if (typeof detail === "string") return detail;
    if (detail !== undefined) return JSON.stringify((JSON.parse(text) as { detail: unknown }).detail);
  } catch {
    // No JSON: shown as it came.
  }
  return text.slice(0, 2000);
}

function shown(value: unknown): string {
  return (typeof value === "string" ? value : (JSON.stringify(value) ?? String(value))).slice(0, 200);
}
