/**
 * The first schema. Conventions:
 * - `id` is the store's own integer; scopes, class names and the names of actors are interned.
 * - Instants are microseconds since 1970 UTC; statuses, states and kinds of events are the codes of `codes.ts`; booleans are 0 and 1.
 * - Nothing is declared as a foreign key: rows that others refer to are never deleted, and the checks would lock the parents.
 */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function firstSchema(d: Dialect): readonly Fragment[] {
  return [
    // --- interned words ---
    sql`create table scope (
      id ${d.countedKey}, text ${d.text} not null unique, org ${d.text} not null, campaign ${d.text} not null, project ${d.text} not null)`,
    sql`create table class (id ${d.countedKey}, name ${d.text} not null unique)`,
    // Identities, services and strategies, as the event log and creators name them; kept when they are gone.
    sql`create table agent (id ${d.countedKey}, name ${d.text} not null unique)`,

    // --- identities (§13) ---
    sql`create table identity (
      id ${d.countedKey}, type ${d.text} not null, identifier ${d.text} not null, hashed_key ${d.text} not null,
      disabled smallint not null default 0, expires bigint, email ${d.text}, full_name ${d.text}, unique (type, identifier))`,
    sql`create table identity_scope (id ${d.countedKey}, identity bigint not null, scope ${d.text} not null, unique (identity, scope))`,

    // --- objects: one row a scope and key, with the text exactly as it was submitted (§3) ---
    // Ordering a closure by height is a valid chain order.
    sql`create table object (
      id ${d.countedKey}, scope bigint not null, key ${d.text} not null, class bigint not null, height bigint not null,
      text ${d.text} not null, unique (scope, key))`,
    sql`create table object_reference (object bigint not null, target bigint not null, primary key (object, target)) ${d.clustered}`,

    // --- networks; hub and mark are one to one with them (§2.2). The id is that of the object ---
    sql`create table network (
      id bigint not null primary key, scope bigint not null, token ${d.text} not null unique, name ${d.text}, state smallint not null,
      weight double precision not null, created bigint not null)`,
    sql`create index network_scope on network (scope)`,
    sql`create table chemical_system (id bigint not null primary key, scope bigint not null, name ${d.text})`,
    sql`create index chemical_system_scope on chemical_system (scope, name)`,
    sql`create table transformation (
      id bigint not null primary key, scope bigint not null, protocol bigint not null, state_a bigint not null, state_b bigint not null,
      name ${d.text})`,
    sql`create index transformation_scope on transformation (scope, name)`,
    sql`create index transformation_state_a on transformation (state_a)`,
    sql`create index transformation_state_b on transformation (state_b)`,
    sql`create table network_transformation (
      network bigint not null, transformation bigint not null, primary key (network, transformation)) ${d.clustered}`,
    sql`create index network_transformation_reverse on network_transformation (transformation, network)`,
    sql`create table network_system (network bigint not null, system bigint not null, primary key (network, system)) ${d.clustered}`,
    sql`create index network_system_reverse on network_system (system, network)`,
    // The Protocol classes of a network's Transformations: the prefixes under which a claim looks for keys.
    sql`create table network_protocol (network bigint not null, class bigint not null, primary key (network, class)) ${d.clustered}`,

    // --- tasks (§5); the claim is a part of the row ---
    sql`create table task (
      id ${d.countedKey}, token ${d.text} not null unique, scope bigint not null, transformation bigint not null, extends bigint,
      status smallint not null, priority bigint not null, created bigint not null, creator bigint, service bigint, claimed bigint) ${d.busy}`,
    sql`create index task_transformation on task (transformation, status)`,
    sql`create index task_extends on task (extends) where extends is not null`,
    sql`create index task_service on task (service) where service is not null`,

    // --- what is on which hub (§6). draw: the Efraimidis-Spirakis key, null unless claimable; class and priority are those of the Task ---
    sql`create table actioned (
      network bigint not null, task bigint not null, class bigint not null, priority bigint not null, weight double precision not null,
      draw double precision, primary key (network, task)) ${d.clustered} ${d.busy}`,
    sql`create index actioned_task on actioned (task, network)`,
    sql`create index actioned_draw on actioned (network, class, priority, draw) where draw is not null`,
    // How far a level has been drawn; a level without a row stands at 0.
    sql`create table draw_clock (
      network bigint not null, class bigint not null, priority bigint not null, clock double precision not null,
      primary key (network, class, priority)) ${d.clustered} ${d.busy}`,

    // --- compute services and managers (§8) ---
    sql`create table service (
      id ${d.countedKey}, identifier ${d.text} not null unique, agent bigint not null, identity bigint, registered bigint not null,
      heartbeat bigint not null, manager_name ${d.text}, manager bigint, sent_manager_key smallint not null,
      sent_scopes_exclude smallint) ${d.busy}`,
    sql`create index service_heartbeat on service (heartbeat)`,
    sql`create index service_manager on service (manager) where manager is not null`,
    sql`create index service_manager_name on service (manager_name) where manager_name is not null`,
    sql`create table service_failure (id ${d.countedKey}, service bigint not null, at bigint not null)`,
    sql`create index service_failure_service on service_failure (service, at)`,
    sql`create table manager (
      id ${d.countedKey}, name ${d.text} not null unique, uuid ${d.text} not null, status ${d.text} not null, detail ${d.text},
      saturation double precision, registered bigint not null, updated bigint not null, identity bigint)`,

    // --- results (§9) ---
    sql`create table result (
      id ${d.countedKey}, task bigint not null, token ${d.text} not null, result_key ${d.text} not null, ok smallint not null,
      location ${d.text}, created ${d.text}, creator bigint, unique (task, result_key, ok))`,
    sql`create index result_token on result (token)`,
    sql`create table traceback (
      result bigint not null, position bigint not null, source_key ${d.text} not null, failure_key ${d.text} not null,
      traceback ${d.text} not null, primary key (result, position)) ${d.clustered}`,

    // Tasks for which no ProtocolDAG could be made: a failure without a result.
    sql`create table task_failure (
      id ${d.countedKey}, task bigint not null, at bigint not null, service bigint, exception ${d.text} not null,
      traceback ${d.text} not null)`,
    sql`create index task_failure_task on task_failure (task)`,

    // --- restart patterns (§10) ---
    sql`create table restart_pattern (
      id ${d.countedKey}, network bigint not null, pattern ${d.text} not null, token ${d.text} not null unique, max_retries bigint not null)`,
    sql`create index restart_pattern_network on restart_pattern (network)`,
    sql`create table restart_counter (
      pattern bigint not null, task bigint not null, retries bigint not null, primary key (pattern, task)) ${d.clustered}`,
    sql`create index restart_counter_task on restart_counter (task, pattern)`,

    // --- strategies (§11): one a network, the strategy itself is an object ---
    sql`create table strategy (
      network bigint not null primary key, object bigint not null, mode ${d.text} not null, status ${d.text} not null,
      iterations bigint not null, sleep_interval bigint not null, last_iteration bigint, last_iteration_result_count bigint not null,
      max_tasks_per_transformation bigint not null, task_scaling ${d.text} not null, exception_type ${d.text},
      exception_message ${d.text}, traceback ${d.text})`,

    // --- the event log ---
    sql`create table event (
      id ${d.countedKey}, at bigint not null, kind smallint not null, task bigint, network bigint, was ${d.text}, became ${d.text},
      identity bigint, service bigint, strategy bigint, reason ${d.text})`,
    sql`create index event_task on event (task, id) where task is not null`,
  ];
}
