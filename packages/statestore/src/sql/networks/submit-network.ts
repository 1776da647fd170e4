import type { Actor, NetworkSubmission, SubmissionReply } from "../../state-store.ts";
import { stateCode, stateOf } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { insertion } from "../insertion.ts";
import { internClasses } from "../interned/intern-classes.ts";
import { internScope } from "../interned/intern-scope.ts";
import { storeObjects } from "../objects/store-objects.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import { storableOrNull } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { hubToken } from "./hub-token.ts";

const insertNetwork = statement<
  { id: number; scope: number; token: string; name: string | null; state: number; now: number },
  { id: number }
>(
  (p) => sql`
    insert into network (id, scope, token, name, state, weight, created)
    values (${p.id}, ${p.scope}, ${p.token}, ${p.name}, ${p.state}, 0.5, ${p.now}) on conflict (id) do nothing returning id`,
);
const selectState = statement<{ id: number }, { state: number }>(
  (p, d) => sql`select n.state as state from network n where n.id = ${p.id} ${d.lock("n", "update")}`,
);
const updateState = statement<{ id: number; state: number }>(
  (p) => sql`update network set state = ${p.state} where id = ${p.id}`,
);
const insertSystems = insertion("chemical_system", { id: "bigint", scope: "bigint", name: "text" }, "id");
const linkSystems = insertion("network_system", { network: "bigint", system: "bigint" }, "network, system");
const insertTransformations = insertion(
  "transformation",
  { id: "bigint", scope: "bigint", protocol: "bigint", state_a: "bigint", state_b: "bigint", name: "text" },
  "id",
);
const linkTransformations = insertion(
  "network_transformation",
  { network: "bigint", transformation: "bigint" },
  "network, transformation",
);
const linkProtocols = statement<{ network: number }>(
  (p) => sql`
    insert into network_protocol (network, class)
    select distinct nt.network, t.protocol from network_transformation nt join transformation t on t.id = nt.transformation
    where nt.network = ${p.network} on conflict (network, class) do nothing`,
);

/** Writes a network into a scope; see the contract. One that is there already keeps its weight and takes the state sent [D1]. */
export async function submitNetwork(tx: Transaction, submission: NetworkSubmission, actor: Actor): Promise<SubmissionReply> {
  const { network, transformations, systems } = submission;
  const scope = await internScope(tx, submission.scope);
  const { idOf, differing } = await storeObjects(tx, scope, submission.entries);
  const id = idOf(network.key);
  const key = joinKey(network.key, submission.scope);
  const token = hubToken(key);
  const state = stateCode(submission.state);
  const name = storableOrNull(network.name);
  const created = (await tx.first(insertNetwork, { id, scope, token, name, state, now: tx.now })) !== undefined;

  if (created) {
    const classOf = await internClasses(
      tx,
      transformations.map((transformation) => transformation.protocolQualname),
    );
    await tx.insert(
      insertSystems,
      systems.map((system) => [idOf(system.key), scope, storableOrNull(system.name)]),
    );
    await tx.insert(
      linkSystems,
      systems.map((system) => [id, idOf(system.key)]),
    );
    const rows = transformations.map(
      (t) => [idOf(t.key), scope, classOf(t.protocolQualname), idOf(t.stateA), idOf(t.stateB), storableOrNull(t.name)] as const,
    );
    await tx.insert(insertTransformations, rows);
    await tx.insert(
      linkTransformations,
      rows.map(([transformation]) => [id, transformation]),
    );
    await tx.run(linkProtocols, { network: id });
    await recordEvents(tx, "submit", [{ network: id, to: submission.state }], actor);
  } else {
    const before = await tx.first(selectState, { id });
    if (before !== undefined && before.state !== state) {
      await tx.run(updateState, { id, state });
      await recordEvents(tx, "state", [{ network: id, from: stateOf(before.state), to: submission.state }], actor);
    }
  }
  return {
    network: key,
    hub: joinKey(`TaskHub-${token}`, submission.scope),
    mark: joinKey(`NetworkMark-${token}`, submission.scope),
    created,
    differing,
  };
}
