import type { ComputeManagerId } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { joinManagerId } from "./find-manager.ts";

export interface RemovedManager {
  readonly id: number;
  readonly name: string;
  readonly uuid: string;
}

const detach = statement<{ managers: string }>(
  (p, d) => sql`
    update service set manager = null where manager in (select value from ${d.list(p.managers, "bigint")} as i)`,
);

/** What follows when rows of managers have been deleted: their services stay, keep the name, and belong to none. The ids. */
export async function managersRemoved(
  tx: Transaction,
  removed: readonly RemovedManager[],
  kind: "deregister" | "expire",
  actor: Actor,
): Promise<ComputeManagerId[]> {
  if (removed.length === 0) return [];
  await tx.run(detach, { managers: JSON.stringify(removed.map((manager) => manager.id)) });
  const ids = removed.map(({ name, uuid }) => joinManagerId(name, uuid));
  await recordEvents(
    tx,
    kind,
    ids.map((from) => ({ from })),
    actor,
  );
  return ids;
}
