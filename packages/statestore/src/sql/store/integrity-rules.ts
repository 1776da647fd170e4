/** What is always true of a store between two transactions. Each rule is a query for the rows that break it. */
import { networkStates, statusCodes } from "../codes.ts";
import { claimable } from "../hubs/refresh-draws.ts";
import { type Fragment, sql, text } from "../statement.ts";

export interface IntegrityRule {
  readonly name: string;
  /** What is wrong with the rows that are found. */
  readonly message: string;
  /** Rows with a text `example`. */
  readonly broken: Fragment;
}

/** Rows of `table` whose `column` names no row of `target`. Nothing is declared as a foreign key (see the first schema). */
function refers(table: string, column: string, target: string, key = "id"): IntegrityRule {
  return {
    name: `${table}.${column}`,
    message: `rows of ${table} whose ${column} names no row of ${target}`,
    broken: sql`select cast(x.${text(column)} as text) as example from ${text(table)} x
      where x.${text(column)} is not null and not exists (select 1 from ${text(target)} y where y.${text(key)} = x.${text(column)})`,
  };
}

const lastStatus = text(String(statusCodes - 1));
const lastState = text(String(networkStates.length - 1));

export const integrityRules: readonly IntegrityRule[] = [
  // --- claims ---
  {
    name: "claim-service",
    message: "Tasks claimed by a compute service that is not registered: nobody would ever set them free",
    broken: sql`select t.token as example from task t
      where t.service is not null and not exists (select 1 from service s where s.id = t.service)`,
  },
  {
    name: "claim-status",
    message: "Tasks that are claimed and do not run",
    broken: sql`select token as example from task where service is not null and status <> 1`,
  },
  {
    name: "claim-time",
    message: "Tasks with a claim without its time, or a time without a claim",
    broken: sql`select token as example from task where (service is null) <> (claimed is null)`,
  },

  // --- what can be drawn ---
  {
    name: "draw-eligible",
    message:
      "actioned Tasks that could be drawn and must not: not waiting, claimed, of weight 0, or extending an unfinished Task",
    broken: sql`select cast(network as text) || '/' || cast(task as text) as example from actioned where draw is not null and not ${claimable}`,
  },
  {
    name: "draw-missing",
    message: "actioned Tasks that could be claimed and would never be drawn",
    broken: sql`select cast(network as text) || '/' || cast(task as text) as example from actioned where draw is null and ${claimable}`,
  },
  {
    name: "actioned-copies",
    message: "actioned Tasks whose priority or Protocol is not that of the Task",
    broken: sql`select cast(a.network as text) || '/' || cast(a.task as text) as example
      from actioned a join task t on t.id = a.task join transformation f on f.id = t.transformation
      where a.priority <> t.priority or a.class <> f.protocol`,
  },
  {
    name: "actioned-network",
    message: "actioned Tasks whose Transformation is not in the network",
    broken: sql`select cast(a.network as text) || '/' || cast(a.task as text) as example from actioned a join task t on t.id = a.task
      where not exists (select 1 from network_transformation n where n.network = a.network and n.transformation = t.transformation)`,
  },
  {
    name: "actioned-status",
    message: "actioned Tasks that are complete, invalid or deleted",
    broken: sql`select cast(a.network as text) || '/' || cast(a.task as text) as example from actioned a join task t on t.id = a.task
      where t.status in (2, 4, 5)`,
  },
  {
    name: "network-protocols",
    message: "networks that lack the Protocol of one of their Transformations: its Tasks would never be drawn",
    broken: sql`select distinct cast(n.network as text) || '/' || cast(f.protocol as text) as example
      from network_transformation n join transformation f on f.id = n.transformation
      where not exists (select 1 from network_protocol p where p.network = n.network and p.class = f.protocol)`,
  },
  {
    name: "draw-clock",
    message: "clocks of draws that are below zero",
    broken: sql`select cast(network as text) as example from draw_clock where clock < 0`,
  },

  // --- Tasks ---
  {
    name: "task-status",
    message: "Tasks with a status that this version does not know",
    broken: sql`select token as example from task where status < 0 or status > ${lastStatus}`,
  },
  {
    name: "task-extends",
    message: "Tasks that extend themselves, or a Task of another Transformation",
    broken: sql`select t.token as example from task t join task e on e.id = t.extends
      where e.id = t.id or e.transformation <> t.transformation`,
  },
  {
    name: "task-scope",
    message: "Tasks in another scope than their Transformation",
    broken: sql`select t.token as example from task t join transformation f on f.id = t.transformation where f.scope <> t.scope`,
  },
  refers("task", "transformation", "transformation"),
  refers("task", "extends", "task"),
  refers("task", "scope", "scope"),
  refers("task", "creator", "agent"),

  // --- restarts: a counter for every pattern of a network and every Task that is actioned there ---
  {
    name: "restart-counters",
    message: "actioned Tasks without a counter for a restart pattern of the network: it would never apply to them",
    broken: sql`select cast(r.id as text) || '/' || cast(a.task as text) as example
      from restart_pattern r join actioned a on a.network = r.network
      where not exists (select 1 from restart_counter c where c.pattern = r.id and c.task = a.task)`,
  },
  {
    name: "restart-retries",
    message: "counters of restarts below zero",
    broken: sql`select cast(pattern as text) || '/' || cast(task as text) as example from restart_counter where retries < 0`,
  },
  refers("restart_pattern", "network", "network"),
  refers("restart_counter", "pattern", "restart_pattern"),
  refers("restart_counter", "task", "task"),

  // --- objects and networks ---
  {
    name: "network-state",
    message: "networks with a state that this version does not know, or a weight outside 0 to 1",
    broken: sql`select token as example from network where state < 0 or state > ${lastState} or not (weight >= 0 and weight <= 1)`,
  },
  {
    name: "reference-height",
    message: "objects that refer to one that does not come before them: a chain could not be put in order",
    broken: sql`select cast(r.object as text) || '/' || cast(r.target as text) as example
      from object_reference r join object o on o.id = r.object join object t on t.id = r.target
      where t.height >= o.height or t.scope <> o.scope`,
  },
  refers("object", "scope", "scope"),
  refers("object", "class", "class"),
  refers("object_reference", "object", "object"),
  refers("object_reference", "target", "object"),
  refers("network", "id", "object"),
  refers("network", "scope", "scope"),
  refers("transformation", "id", "object"),
  refers("transformation", "protocol", "class"),
  refers("transformation", "state_a", "chemical_system"),
  refers("transformation", "state_b", "chemical_system"),
  refers("chemical_system", "id", "object"),
  refers("network_transformation", "network", "network"),
  refers("network_transformation", "transformation", "transformation"),
  refers("network_system", "network", "network"),
  refers("network_system", "system", "chemical_system"),
  refers("network_protocol", "class", "class"),
  refers("actioned", "network", "network"),
  refers("actioned", "task", "task"),
  refers("strategy", "network", "network"),
  refers("strategy", "object", "object"),
  {
    name: "strategy-members",
    message: "strategies without a member, and members of no strategy",
    broken: sql`select cast(y.network as text) as example from strategy y
      where not exists (select 1 from strategy_member m where m.network = y.network and m.object = y.object and m.position = 0)
      union all select cast(m.network as text) as example from strategy_member m
      where not exists (select 1 from strategy y where y.network = m.network)`,
  },
  refers("strategy_member", "object", "object"),
  refers("strategy_decision", "network", "network"),
  refers("strategy_decision", "strategy", "object"),

  // --- results ---
  {
    name: "result-tracebacks",
    message: "failed results without a traceback: they would not be seen as failed",
    broken: sql`select r.token as example from result r
      where r.ok = 0 and not exists (select 1 from traceback t where t.result = r.id)`,
  },
  refers("result", "task", "task"),
  refers("result", "creator", "agent"),
  refers("traceback", "result", "result"),
  refers("task_failure", "task", "task"),
  {
    name: "result-reading",
    message: "results that count as read and have no reading: no estimate would ever know of them",
    broken: sql`select r.token as example from result r
      where r.reader is not null and not exists (select 1 from result_reading g where g.result = r.id)`,
  },
  {
    name: "estimate-revision",
    message: "estimates that count as newer than what they were made of",
    broken: sql`select cast(transformation as text) as example from transformation_estimate where computed > revision
      union all select cast(network as text) as example from network_estimate where computed > revision`,
  },
  refers("result_reading", "result", "result"),
  refers("result_hardware", "result", "result"),
  refers("transformation_estimate", "transformation", "transformation"),
  refers("network_estimate", "network", "network"),
  refers("network_document", "network", "network"),

  // --- services, managers, identities ---
  refers("service", "agent", "agent"),
  refers("service", "identity", "agent"),
  refers("service", "manager", "manager"),
  refers("service_failure", "service", "service"),
  refers("manager", "identity", "agent"),
  refers("failure", "task", "task"),
  refers("failure", "service", "agent"),
  refers("identity_scope", "identity", "identity"),

  // --- the event log ---
  refers("event", "task", "task"),
  refers("event", "network", "network"),
  refers("event", "identity", "agent"),
  refers("event", "service", "agent"),
  refers("event", "strategy", "agent"),
  {
    name: "network-events",
    message: "events of networks that their log lacks",
    broken: sql`select cast(e.id as text) as example from event e
      where e.network is not null and not exists (select 1 from network_event n where n.network = e.network and n.event = e.id)`,
  },
  refers("network_event", "event", "event"),
  refers("network_event", "network", "network"),
];
