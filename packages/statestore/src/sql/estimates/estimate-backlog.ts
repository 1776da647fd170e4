import type { EstimateBacklog } from "../../estimate-operations.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const count = statement<Record<never, never>, EstimateBacklog>(
  () => sql`
    select (select count(*) from result r where r.reader is null) as results,
      (select count(*) from transformation_estimate t where t.revision > t.computed) as transformations,
      (select count(*) from network_estimate n where n.revision > n.computed) as networks`,
);

/** What is left to do. */
export async function estimateBacklog(tx: Transaction): Promise<EstimateBacklog> {
  return { ...((await tx.first(count, {})) ?? { results: 0, transformations: 0, networks: 0 }) };
}
