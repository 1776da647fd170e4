import type { ComputeManagerId } from "@alchemiscale/contract";
import type { Instant, ManagerReport } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { splitManagerId } from "./find-manager.ts";

const update = statement<{
  name: string;
  uuid: string;
  status: string;
  detail: string | null;
  saturation: number | null;
  updated: number;
}>(
  (p) => sql`
    update manager set status = ${p.status}, detail = ${p.detail}, saturation = ${p.saturation}, updated = ${p.updated}
    where name = ${p.name} and uuid = ${p.uuid}`,
);

/** What the report lacks becomes null. False when the manager is unknown. */
export async function reportManager(
  tx: Transaction,
  manager: ComputeManagerId,
  report: ManagerReport,
  at: Instant = tx.now,
): Promise<boolean> {
  const [name, uuid] = splitManagerId(manager);
  const detail = report.status === "ERROR" ? storable(report.detail) : null;
  const saturation = report.status === "OK" ? report.saturation : null;
  return (await tx.run(update, { name, uuid, status: report.status, detail, saturation, updated: at })) > 0;
}
