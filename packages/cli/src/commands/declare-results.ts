/** The part of the command line that is about what came of a network. */
import { type Command, Option } from "commander";
import { json, withApi, withExample } from "./user-command.ts";

export function declareResults(program: Command): void {
  withExample(
    withApi(program.command("results")),
    "results AlchemicalNetwork-…-lab-a-b",
    "results AlchemicalNetwork-…-lab-a-b --output results",
    "results AlchemicalNetwork-…-lab-a-b --csv > results.csv",
  )
    .summary("show and save results")
    .description(
      "Pulls the results of a network or of one transformation, and shows what came of each transformation: estimates where the protocol is the built-in one, counts of results and failures for every protocol.",
    )
    .argument("<key>", "key of a network or of a transformation")
    .option(
      "--output <directory>",
      "save every result there as a file that gufe can read (.json.zst); goes on where it was interrupted",
    )
    .addOption(json().conflicts("csv"))
    .addOption(new Option("--csv", "print comma-separated values, for spreadsheets"))
    .action(async (key, options) => (await import("./results.ts")).results(key, options));
  withExample(withApi(program.command("failures")), "failures AlchemicalNetwork-…-lab-a-b", "failures Task-…-lab-a-b --short")
    .summary("show why Tasks failed")
    .description("Shows the failures of a network, of one transformation or of one Task, with their tracebacks.")
    .argument("<key>", "key of a network, of a transformation or of a Task")
    .option("--short", "a table with the last line of each traceback")
    .addOption(json())
    .action(async (key, options) => (await import("./failures.ts")).failures(key, options));
  withExample(withApi(program.command("watch")), "watch AlchemicalNetwork-…-lab-a-b")
    .summary("follow what happens in a network")
    .description(
      "Prints what happens in a network and to its Tasks, as it happens, until no Task waits or runs, or Ctrl-C (exit code 130).",
    )
    .argument("<network>", "key of the network")
    .option("--history", "begin with what has happened since it was submitted")
    .addOption(json("print one JSON object a line, for programs"))
    .action(async (key, options) => (await import("./watch.ts")).watch(key, options));
}
