/** docs/client.md names every method of the Python clients, and every one of ours. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AlchemiscaleClient, AlchemiscaleComputeClient, AlchemiscaleComputeManagerClient } from "../src/index.ts";

const page = readFileSync(new URL("../../../docs/client.md", import.meta.url), "utf8");

/** The public methods of the Python clients of alchemiscale 0.8.0. */
const python = {
  AlchemiscaleClient: [
    ...["get_info", "get_scopes", "list_scopes", "get_scoped_key", "check_exists", "create_network"],
    ...["set_network_state", "set_networks_state", "get_network_state", "get_networks_state"],
    ...["query_networks", "query_transformations", "query_chemicalsystems", "query_tasks"],
    ...["get_network_transformations", "get_network_chemicalsystems", "get_transformation_networks"],
    ...["get_transformation_chemicalsystems", "get_chemicalsystem_networks", "get_chemicalsystem_transformations"],
    ...["get_network_weight", "get_networks_weight", "set_network_weight", "set_networks_weight"],
    ...["get_network", "get_transformation", "get_chemicalsystem"],
    ...["set_network_strategy", "get_network_strategy", "get_network_strategy_state", "get_network_strategy_status"],
    ...["set_network_strategy_awake", "create_tasks", "create_transformations_tasks"],
    ...["get_network_tasks", "get_task_networks", "get_transformation_tasks", "get_task_transformation"],
    ...["get_scope_status", "get_network_status", "get_networks_status", "get_transformation_status"],
    ...["get_network_actioned_tasks", "get_networks_actioned_tasks", "get_task_actioned_networks"],
    ...["action_tasks", "cancel_tasks", "set_tasks_status", "get_tasks_status", "set_tasks_priority", "get_tasks_priority"],
    ...["get_transformation_results", "get_network_results", "get_network_failures", "get_transformation_failures"],
    ...["get_task_results", "get_task_failures", "get_network_archive", "get_network_archives"],
    ...["add_task_restart_patterns", "get_task_restart_patterns", "set_task_restart_patterns_allowed_restarts"],
    ...["remove_task_restart_patterns", "clear_task_restart_patterns"],
  ],
  AlchemiscaleComputeClient: [
    ...["get_info", "register", "deregister", "heartbeat", "list_scopes", "query_taskhubs", "claim_taskhub_tasks"],
    ...["claim_tasks", "get_task_transformation", "retrieve_task_transformation", "set_task_result"],
  ],
  AlchemiscaleComputeManagerClient: [
    ...["get_info", "list_scopes", "register", "deregister", "get_instruction", "update_status", "clear_error"],
  ],
} as const;

const ours = { AlchemiscaleClient, AlchemiscaleComputeClient, AlchemiscaleComputeManagerClient };

test.each(Object.keys(ours) as (keyof typeof ours)[])("%s", (name) => {
  const section = page.split(`### \`${name}\``)[1]?.split("\n#")[0] ?? "";
  const rows = section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(" | ").map((cell) => [...cell.matchAll(/`([A-Za-z_]+)`/g)].map((match) => match[1] ?? "")));
  const sideBySide = rows.filter(
    ([first = []]) => first.length === 1 && (python[name] as readonly string[]).includes(first[0] ?? ""),
  );
  expect(sideBySide.map(([first]) => first?.[0]).sort()).toEqual([...python[name]].sort());
  // A row of Python's names has ours in its second cell; the others have ours in the first.
  const named = rows.flatMap((row) => (sideBySide.includes(row) ? (row[1] ?? []) : (row[0] ?? [])));
  const inherited: object = Object.getPrototypeOf(ours[name].prototype);
  const methods = new Set([ours[name].prototype, inherited].flatMap(Object.getOwnPropertyNames));
  methods.delete("constructor");
  expect([...new Set(named)].sort()).toEqual([...methods].sort());
});
