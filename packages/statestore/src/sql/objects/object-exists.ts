import type { ScopedKey } from "@alchemiscale/contract";
import { className, splitKey } from "../scoped-keys.ts";
import { type Fragment, type Parameters, type Statement, sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

type Place = { key: string; scope: string };

const inScope = (find: (p: Parameters<Place>) => Fragment): Statement<Place, { id: number }> =>
  statement<Place, { id: number }>((p) => sql`select s.id as id from scope s where s.text = ${p.scope} and exists (${find(p)})`);

const object = inScope((p) => sql`select 1 from object o where o.scope = s.id and o.key = ${p.key}`);
/** What the store itself made; the token is looked up without the name of the class. */
const own: Readonly<Record<string, Statement<Place, { id: number }>>> = {
  Task: inScope((p) => sql`select 1 from task t where t.token = ${p.key} and t.scope = s.id`),
  TaskHub: inScope((p) => sql`select 1 from network n where n.token = ${p.key} and n.scope = s.id`),
  NetworkMark: inScope((p) => sql`select 1 from network n where n.token = ${p.key} and n.scope = s.id`),
  ProtocolDAGResultRef: inScope(
    (p) => sql`select 1 from result r join task t on t.id = r.task where r.token = ${p.key} and t.scope = s.id`,
  ),
  TaskRestartPattern: inScope(
    (p) => sql`select 1 from restart_pattern r join network n on n.id = r.network where r.token = ${p.key} and n.scope = s.id`,
  ),
};

export async function objectExists(tx: Transaction, key: ScopedKey): Promise<boolean> {
  const [gufeKey, scope] = splitKey(key);
  const name = className(key);
  const find = own[name];
  const found =
    find === undefined
      ? await tx.first(object, { key: gufeKey, scope })
      : await tx.first(find, { key: gufeKey.slice(name.length + 1), scope });
  return found !== undefined;
}
