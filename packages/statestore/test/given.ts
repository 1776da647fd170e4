/** Short words for what tests do over and over. */
import type { ComputeServiceId, ScopedKey, TaskStatus } from "@alchemiscale/contract";
import type { ResultReport, StateStore } from "../src/index.ts";

export const user = { identity: "user" };

/** The n-th element; tests know that it is there. */
export function nth<T>(list: readonly T[], n: number): T {
  const element = list.at(n);
  if (element === undefined) throw new Error(`the list has no element ${n}`);
  return element;
}

/** A key that no store holds. */
export function unknownTask(scope: string): ScopedKey {
  return `Task-${"f".repeat(32)}-${scope}` as ScopedKey;
}

export function unknownNetwork(scope: string): ScopedKey {
  return `AlchemicalNetwork-${"f".repeat(32)}-${scope}` as ScopedKey;
}

export async function create(
  store: StateStore,
  transformation: ScopedKey,
  count: number,
  extend?: ScopedKey,
): Promise<ScopedKey[]> {
  const repeated = Array.from({ length: count }, () => transformation);
  return store.tasks.create(repeated, extend === undefined ? null : repeated.map(() => extend), "user", user);
}

export function report(task: ScopedKey, service: string, result: Partial<ResultReport> = {}): ResultReport {
  return {
    task,
    service,
    resultKey: "ProtocolDAGResult-00112233445566778899aabbccddeeff",
    ok: true,
    location: "protocoldagresult/a/b",
    created: "2026-03-01T00:00:00.000001+00:00",
    failures: [],
    actor: {},
    ...result,
  };
}

export function failure(task: ScopedKey, service: string, traceback: string, result: Partial<ResultReport> = {}): ResultReport {
  return report(task, service, {
    ok: false,
    failures: [{ sourceKey: "Unit-1", failureKey: "ProtocolUnitFailure-1", traceback }],
    ...result,
  });
}

/** Brings a fresh Task into a status, as it gets there in operation. */
export async function bringTo(store: StateStore, task: ScopedKey, status: TaskStatus): Promise<void> {
  const path: readonly TaskStatus[] = status === "complete" || status === "error" ? ["running", status] : [status];
  for (const step of path) await store.tasks.setStatuses([task], step, user);
}

export async function claimAll(
  store: StateStore,
  hub: ScopedKey,
  service: ComputeServiceId,
  count: number,
): Promise<ScopedKey[]> {
  const claimed = await store.claims.claimFromHub(hub, { service, count, protocols: null });
  return claimed.filter((task) => task !== null);
}
