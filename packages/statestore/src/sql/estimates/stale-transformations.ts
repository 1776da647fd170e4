/** Transformations whose summary is to be made anew, with all that it is made of. */
import type { StaleTransformation } from "../../estimate-operations.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<
  { limit: number },
  { id: number; revision: number; key: string; scope: string; protocol: string | null }
>(
  (p) => sql`
    select found.transformation as id, found.revision as revision, o.key as key, s.text as scope, (
      select q.key from object_reference x cross join object q
      where x.object = f.id and q.id = x.target and q.class = f.protocol limit 1) as protocol
    from (select y.transformation as transformation, y.revision as revision from transformation_estimate y
      where y.revision > y.computed order by y.transformation limit cast(${p.limit} as bigint)) as found
    cross join transformation f cross join object o cross join scope s
    where f.id = found.transformation and o.id = f.id and s.id = f.scope order by found.transformation`,
);
const selectReadings = statement<
  { transformations: string },
  {
    transformation: number;
    result_key: string;
    ok: number;
    created: string | null;
    service: string | null;
    text: string;
    hardware: string | null;
  }
>(
  (p, d) => sql`
    select t.transformation as transformation, r.result_key as result_key, r.ok as ok, r.created as created, a.name as service,
      g.text as text, h.name as hardware
    from ${d.list(p.transformations, "bigint")} as i cross join task t cross join result r cross join result_reading g
      left join agent a on a.id = r.creator left join result_hardware h on h.result = r.id
    where t.transformation = i.value and r.task = t.id and g.result = r.id order by r.result_key, r.id`,
);
const selectFailures = statement<{ transformations: string }, { transformation: number; exception: string; failures: number }>(
  (p, d) => sql`
    select t.transformation as transformation, f.exception as exception, count(*) as failures
    from ${d.list(p.transformations, "bigint")} as i cross join task t cross join task_failure f
    where t.transformation = i.value and f.task = t.id group by t.transformation, f.exception order by f.exception`,
);

/** At most `limit`. Readings in the order of their results' keys. */
export async function staleTransformations(tx: Transaction, limit: number): Promise<StaleTransformation[]> {
  const rows = await tx.all(select, { limit });
  if (rows.length === 0) return [];
  const transformations = JSON.stringify(rows.map(({ id }) => id));
  const readings = Map.groupBy(await tx.all(selectReadings, { transformations }), ({ transformation }) => transformation);
  const failures = Map.groupBy(await tx.all(selectFailures, { transformations }), ({ transformation }) => transformation);
  return rows.map(({ id, revision, key, scope, protocol }) => ({
    id,
    revision,
    transformation: joinKey(key, scope),
    protocol: protocol === null ? null : joinKey(protocol, scope),
    readings: (readings.get(id) ?? []).map((row) => ({
      resultKey: row.result_key,
      ok: row.ok !== 0,
      created: row.created ?? "",
      service: row.service,
      text: row.text,
      hardware: row.hardware,
    })),
    failures: (failures.get(id) ?? []).map((row) => ({ exception: row.exception, failures: row.failures })),
  }));
}
