/** The part of the command line that is about Tasks. */
import { taskStatuses, userTaskStatuses } from "@alchemiscale/contract/statuses";
import { Argument, type Command, Option } from "commander";
import { apiVerbs, json, weight, wholeNumber } from "./user-command.ts";

const tasksArgument = ["[tasks...]", "keys of the Tasks; `-` reads them from standard input"] as const;

export function declareTask(task: Command): void {
  const verb = apiVerbs(task);
  verb("create", "task create AlchemicalNetwork-…-lab-a-b --count 3")
    .description("Creates Tasks for each transformation of a network, or for one transformation, and prints their keys.")
    .argument("<key>", "key of a network or of a transformation")
    .option("--count <number>", "how many for each transformation", wholeNumber(1, 1000), 1)
    .addOption(json())
    .action(async (key, options) => (await import("./task-create.ts")).taskCreate(key, options));
  verb(
    "action",
    "task action AlchemicalNetwork-…-lab-a-b",
    "task create Transformation-…-lab-a-b | alchemiscale task action AlchemicalNetwork-…-lab-a-b -",
  )
    .description("Marks Tasks for execution in a network.")
    .argument("<network>", "key of the network")
    .argument(
      "[tasks...]",
      "keys of the Tasks; `-` reads them from standard input; default: every Task of the network that waits",
    )
    .option("--weight <weight>", "their weight among the network's Tasks, 0 to 1", weight)
    .addOption(json())
    .action(async (key, tasks, options) => (await import("./task-action.ts")).taskAction(key, tasks, options));
  verb("cancel", "task cancel AlchemicalNetwork-…-lab-a-b Task-…-lab-a-b", "task cancel AlchemicalNetwork-…-lab-a-b --all")
    .description("Takes back that Tasks are marked for execution in a network. What runs already goes on.")
    .argument("<network>", "key of the network")
    .argument(...tasksArgument)
    .option("--all", "every Task that is marked there")
    .addOption(json())
    .action(async (key, tasks, options) => (await import("./task-cancel.ts")).taskCancel(key, tasks, options));
  verb("list", "task list --network AlchemicalNetwork-…-lab-a-b --status error", "task list --scope 'lab-*-*' --json")
    .description("Lists Tasks with their status and priority.")
    .option("--network <network>", "of this network's transformations")
    .addOption(new Option("--transformation <key>", "of this transformation").conflicts("network"))
    .addOption(new Option("--scope <scope>", "in this scope, wildcards as *").conflicts(["network", "transformation"]))
    .addOption(new Option("--status <status>", "only with this status").choices([...taskStatuses]))
    .option("--actioned", "only those marked for execution in --network, with their weights")
    .addOption(new Option("--keys", "only the keys, one a line").conflicts("json"))
    .addOption(json())
    .action(async (options) => (await import("./task-list.ts")).taskList(options));
  verb("show", "task show Task-…-lab-a-b", "task show Task-…-lab-a-b --history")
    .description("Shows a Task: status, priority, transformation, and the networks in which it is marked for execution.")
    .argument("<task>", "its key")
    .option("--history", "with all that happened to it")
    .addOption(json())
    .action(async (key, options) => (await import("./task-show.ts")).taskShow(key, options));
  verb("status", "task status Task-…-lab-a-b")
    .description("Shows the status of Tasks. Exit code 1 when one is not there.")
    .argument(...tasksArgument)
    .addOption(json())
    .action(async (tasks, options) => (await import("./task-status.ts")).taskStatus(tasks, options));
  verb(
    "set-status",
    "task set-status waiting Task-…-lab-a-b",
    "task list --network AlchemicalNetwork-…-lab-a-b --status error --keys | alchemiscale task set-status waiting -",
  )
    .description(
      "Sets the status of Tasks: `waiting` lets those that failed or run be computed again, `invalid` and `deleted` end them for good.",
    )
    .addArgument(new Argument("<status>", "the status they are to have").choices([...userTaskStatuses]))
    .argument(...tasksArgument)
    .addOption(json())
    .action(async (status, tasks, options) => (await import("./task-status.ts")).taskSetStatus(status, tasks, options));
  verb("priority", "task priority Task-…-lab-a-b", "task priority Task-…-lab-a-b --set 1")
    .description("Shows the priority of Tasks, or sets it; 1 is the most urgent.")
    .argument(...tasksArgument)
    .option("--set <number>", "the priority they are to have", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .addOption(json())
    .action(async (tasks, options) => (await import("./task-priority.ts")).taskPriority(tasks, options));
}
