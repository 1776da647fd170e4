/** A failure against a compute service: for its registration, and in the history that outlives it. */
import { serviceName } from "../../rules/service-name.ts";
import type { Actor } from "../../state-store.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectService = statement<
  { identifier: string },
  { id: number; identity: number | null; manager_name: string | null; host: string | null }
>((p) => sql`select id, identity, manager_name, host from service where identifier = ${p.identifier}`);
const insertOfService = statement<{ service: number; now: number }>(
  (p) => sql`insert into service_failure (service, at) values (${p.service}, ${p.now})`,
);
const insert = statement<{ now: number; identity: number; name: string; host: string; service: number; task: number }>(
  (p) => sql`
    insert into failure (at, identity, name, host, service, task)
    values (${p.now}, ${p.identity}, ${p.name}, ${p.host}, ${p.service}, ${p.task})`,
);

/**
 * Of who has no registration (any more) only the history knows: who it was by the identity that reports, and by its name.
 * Services of a manager are one in the history: they are made alike, and get names of their own.
 */
export async function rememberFailure(tx: Transaction, task: number, poster: string, actor: Actor): Promise<void> {
  const service = await tx.first(selectService, { identifier: poster });
  if (service !== undefined) await tx.run(insertOfService, { service: service.id, now: tx.now });
  await tx.run(insert, {
    now: tx.now,
    identity: service?.identity ?? (await internAgent(tx, actor.identity)) ?? 0,
    name: service?.manager_name ?? serviceName(poster),
    host: service?.host ?? "",
    service: (await internAgent(tx, poster)) ?? 0,
    task,
  });
}
