import type { FailureRecord, Instant, ServiceOperations } from "../../state-store.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

interface Row {
  readonly id: number;
  readonly at: Instant;
  readonly identity: string | null;
  readonly name: string;
  readonly host: string;
  readonly service: string;
  readonly token: string;
  readonly scope: string;
}

const columns = sql`
  f.id as id, f.at as at, i.name as identity, f.name as name, f.host as host, v.name as service, t.token as token, s.text as scope`;
const named = sql`
  left join agent i on i.id = f.identity join agent v on v.id = f.service join task t on t.id = f.task join scope s on s.id = t.scope`;

const select = statement<{ before: number; limit: number }, Row>(
  (p) => sql`
    select ${columns} from failure f ${named} where f.id < ${p.before} order by f.id desc limit cast(${p.limit} as bigint)`,
);
const selectOfName = statement<{ name: string; before: number; limit: number }, Row>(
  (p) => sql`
    select ${columns} from failure f ${named}
    where f.name = ${p.name} and f.id < ${p.before} order by f.id desc limit cast(${p.limit} as bigint)`,
);

export async function listFailures(
  tx: Transaction,
  { name, before = Number.MAX_SAFE_INTEGER, limit = 1000 }: Parameters<ServiceOperations["failures"]>[0] = {},
): Promise<FailureRecord[]> {
  const rows = name === undefined ? await tx.all(select, { before, limit }) : await tx.all(selectOfName, { name, before, limit });
  return rows.map(({ id, at, identity, name: of, host, service, token, scope }) => ({
    id,
    at,
    identity,
    name: of,
    host: host === "" ? null : host,
    service,
    task: joinKey(`Task-${token}`, scope),
  }));
}
