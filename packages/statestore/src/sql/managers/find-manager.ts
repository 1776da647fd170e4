/** From the id of a compute manager to the row of the store. A manager is known by name and UUID together. */
import type { ComputeManagerId, ComputeManagerStatus } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

export interface ManagerRow {
  readonly id: number;
  readonly status: ComputeManagerStatus;
}

const select = statement<{ name: string; uuid: string }, ManagerRow>(
  (p) => sql`select id, status from manager where name = ${p.name} and uuid = ${p.uuid}`,
);

/** Null where no manager with this name and UUID is registered. */
export async function findManager(tx: Transaction, manager: ComputeManagerId): Promise<ManagerRow | null> {
  const [name, uuid] = splitManagerId(manager);
  return (await tx.first(select, { name, uuid })) ?? null;
}

/** `[name, uuid]`, both as they were sent. */
export function splitManagerId(manager: ComputeManagerId): readonly [name: string, uuid: string] {
  const hyphen = manager.indexOf("-");
  return [manager.slice(0, hyphen), manager.slice(hyphen + 1)];
}

export function joinManagerId(name: string, uuid: string): ComputeManagerId {
  return `${name}-${uuid}` as ComputeManagerId;
}
