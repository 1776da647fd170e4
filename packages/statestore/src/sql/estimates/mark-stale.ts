/** The estimate of a Transformation, or of a network, is older than what the store knows. In the order of their ids: nobody waits in a circle. */
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const markTransformations = statement<{ transformations: string }>(
  (p, d) => sql`
    insert into transformation_estimate (transformation, revision, computed)
    select distinct value, 1, 0 from ${d.list(p.transformations, "bigint")} as i where true order by 1
    on conflict (transformation) do update set revision = transformation_estimate.revision + 1`,
);
const markNetworks = statement<{ transformations: string }>(
  (p, d) => sql`
    insert into network_estimate (network, revision, computed)
    select distinct nt.network, 1, 0 from ${d.list(p.transformations, "bigint")} as i cross join network_transformation nt
    where nt.transformation = i.value order by 1
    on conflict (network) do update set revision = network_estimate.revision + 1`,
);

/** @param transformations ids of the store */
export async function markTransformationsStale(tx: Transaction, transformations: readonly number[]): Promise<void> {
  if (transformations.length > 0) await tx.run(markTransformations, { transformations: JSON.stringify(transformations) });
}

/** Every network with one of these Transformations. */
export async function markNetworksStale(tx: Transaction, transformations: readonly number[]): Promise<void> {
  if (transformations.length > 0) await tx.run(markNetworks, { transformations: JSON.stringify(transformations) });
}
