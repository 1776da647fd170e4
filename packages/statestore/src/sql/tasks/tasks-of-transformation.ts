import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import { statusCode } from "../codes.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

type Row = { token: string; parent: string | null };

const selectAll = statement<{ key: string; scope: string; status: number | null }, Row>(
  (p) => sql`
    select t.token as token, e.token as parent
    from scope s cross join object o cross join task t left join task e on e.id = t.extends
    where s.text = ${p.scope} and o.scope = s.id and o.key = ${p.key} and t.transformation = o.id and (cast(${p.status} as bigint) is null or t.status = ${p.status}) order by t.id`,
);
const selectDescendants = statement<{ key: string; scope: string; token: string; status: number | null }, Row>(
  (p) => sql`
    with recursive descendant (id) as (
      select c.id from scope s join object o on o.scope = s.id cross join task root join task c on c.extends = root.id
      where s.text = ${p.scope} and o.key = ${p.key} and root.token = ${p.token} and root.transformation = o.id
      union select c.id from descendant d join task c on c.extends = d.id)
    select t.token as token, e.token as parent
    from descendant d cross join task t cross join task e
    where t.id = d.id and e.id = t.extends and ( cast(${p.status} as bigint) is null or t.status = ${p.status}) order by t.id`,
);

/** With `extends`, the strict transitive descendants of that Task; an unknown or malformed key has none. */
export async function tasksOfTransformation(
  tx: Transaction,
  transformation: ScopedKey,
  filter: { readonly extends?: string; readonly status?: TaskStatus } = {},
): Promise<{ readonly task: ScopedKey; readonly extends: ScopedKey | null }[]> {
  const [key, scope] = splitKey(transformation);
  const status = filter.status === undefined ? null : statusCode(filter.status);
  let rows: Row[];
  if (filter.extends === undefined) {
    rows = await tx.all(selectAll, { key, scope, status });
  } else {
    const token = /^Task-([A-Za-z0-9_]+)-(.*)$/s.exec(filter.extends);
    if (token?.[2] !== scope) return [];
    rows = await tx.all(selectDescendants, { key, scope, token: token[1] ?? "", status });
  }
  return rows.map(({ token, parent }) => ({
    task: joinKey(`Task-${token}`, scope),
    extends: parent === null ? null : joinKey(`Task-${parent}`, scope),
  }));
}
