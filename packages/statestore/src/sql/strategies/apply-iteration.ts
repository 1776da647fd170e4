import { randomUUID } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import type { StrategyIteration } from "../../strategy-operations.ts";
import { recordEvents } from "../events/record-events.ts";
import { actionTasks } from "../hubs/action-tasks.ts";
import { cancelTasks } from "../hubs/cancel-tasks.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { holdNetwork } from "../networks/hold-network.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import { storable, storableOrNull } from "../storable-text.ts";
import { createTasks } from "../tasks/create-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { updateMembers } from "./member-row.ts";

/** Decisions of a network that are kept. */
const kept = 50;

const update = statement<
  {
    network: number;
    before: string;
    version: string;
    status: string;
    now: number;
    count: number;
    exceptionType: string | null;
    exceptionMessage: string | null;
    traceback: string | null;
  },
  { object: number; iterations: number }
>(
  (p) => sql`
    update strategy set status = ${p.status}, iterations = iterations + 1, last_iteration = ${p.now}, last_iteration_result_count = ${p.count},
      exception_type = ${p.exceptionType}, exception_message = ${p.exceptionMessage}, traceback = ${p.traceback}, blocked = null,
      version = ${p.version}
    where network = ${p.network} and version = ${p.before} returning object, iterations`,
);
const selectKey = statement<{ object: number }, { key: string }>((p) => sql`select key from object where id = ${p.object}`);
const insertDecision = statement<{
  network: number;
  now: number;
  iteration: number;
  strategy: number;
  status: string;
  text: string;
  created: string;
}>(
  (p) => sql`
    insert into strategy_decision (network, at, iteration, strategy, status, text, created)
    values (${p.network}, ${p.now}, ${p.iteration}, ${p.strategy}, ${p.status}, ${p.text}, ${p.created})`,
);
const forgetDecisions = statement<{ network: number; kept: number }>(
  (p) => sql`
    delete from strategy_decision where network = ${p.network} and id <= (
      select id from strategy_decision where network = ${p.network} order by id desc limit 1 offset cast(${p.kept} as bigint))`,
);

/** Everything that an execution has come to, or nothing where the strategy is no longer what it was (§11, [D21]). */
export async function applyIteration(tx: Transaction, network: ScopedKey, iteration: StrategyIteration): Promise<boolean> {
  const found = await findNetwork(tx, network);
  if (found === null) return false;
  // Whoever replaces the strategy takes the network first, too.
  await holdNetwork(tx, found.id);
  const { version, status, exception, traceback, resultCount, members, create, action, cancel, decision } = iteration;
  const [strategy] = await tx.all(update, {
    network: found.id,
    before: version,
    version: randomUUID(),
    status,
    now: tx.now,
    count: resultCount,
    exceptionType: storableOrNull(exception?.[0] ?? null),
    exceptionMessage: storableOrNull(exception?.[1] ?? null),
    traceback: storableOrNull(traceback),
  });
  if (strategy === undefined) return false;
  await updateMembers(tx, found.id, members);

  const [, scope] = splitKey(network);
  const { key = "" } = (await tx.first(selectKey, { object: strategy.object })) ?? {};
  const actor = { strategy: joinKey(key, scope), reason: `iteration ${strategy.iterations}` };
  const wanted = create.flatMap(({ transformation, count }) => new Array<ScopedKey>(count).fill(joinKey(transformation, scope)));
  const created = await createTasks(tx, wanted, null, null, actor);
  await actionTasks(tx, network, [...action, ...created], null, actor);
  if (cancel.length > 0) await cancelTasks(tx, network, cancel, actor);
  await recordEvents(tx, "strategy", [{ network: found.id, to: status }], actor);
  await tx.run(insertDecision, {
    network: found.id,
    now: tx.now,
    iteration: strategy.iterations,
    strategy: strategy.object,
    status,
    text: storable(decision),
    created: JSON.stringify(created),
  });
  await tx.run(forgetDecisions, { network: found.id, kept });
  return true;
}
