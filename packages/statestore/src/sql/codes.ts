/** Words kept as small integers in the database. The order of these lists is part of the schema: only ever append. */
import type { NetworkState, TaskStatus } from "@alchemiscale/contract";
import { type Fragment, text } from "./statement.ts";

const statuses = ["waiting", "running", "complete", "error", "invalid", "deleted"] as const satisfies readonly TaskStatus[];
const states = ["active", "inactive", "invalid", "deleted"] as const satisfies readonly NetworkState[];
const kinds = [
  "submit",
  "create",
  "status",
  "claim",
  "action",
  "cancel",
  "weight",
  "priority",
  "state",
  "result",
  "failure",
  "restart",
  "strategy",
  "register",
  "deregister",
  "expire",
  "pattern",
  "estimate",
] as const;

export type EventKind = (typeof kinds)[number];

export function statusCode(status: TaskStatus): number {
  return statuses.indexOf(status);
}

export function statusOf(code: number): TaskStatus {
  return known(statuses[code], code);
}

export function stateCode(state: NetworkState): number {
  return states.indexOf(state);
}

export function stateOf(code: number): NetworkState {
  return known(states[code], code);
}

export function kindCode(kind: EventKind): number {
  return kinds.indexOf(kind);
}

export function kindOf(code: number): EventKind {
  return known(kinds[code], code);
}

/** Statuses as SQL constants. */
export const status: Readonly<Record<TaskStatus, Fragment>> = {
  waiting: text("0"),
  running: text("1"),
  complete: text("2"),
  error: text("3"),
  invalid: text("4"),
  deleted: text("5"),
};

/** How many statuses there are. */
export const statusCodes = statuses.length;

export const networkStates: readonly NetworkState[] = states;

function known<T>(word: T | undefined, code: number): T {
  if (word === undefined) throw new Error(`the database holds the code ${code}, which this version does not know`);
  return word;
}
