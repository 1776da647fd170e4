/** The part of the command line that is about what came of a network. */
import type { Command } from "commander";
import { json, withApi, withExample } from "./user-command.ts";

export function declareResults(program: Command): void {
  withExample(
    withApi(program.command("results")),
    "results AlchemicalNetwork-…-lab-a-b",
    "results AlchemicalNetwork-…-lab-a-b --output results",
  )
    .summary("show and save results")
    .description(
      "Pulls the results of a network or of one transformation, and shows what came of each transformation: estimates where the protocol is the built-in one, counts of results and failures for every protocol.",
    )
    .argument("<key>", "key of a network or of a transformation")
    .option("--output <directory>", "save every result there as a file that gufe can read (.json.zst)")
    .addOption(json())
    .action(async (key, options) => (await import("./results.ts")).results(key, options));
  withExample(withApi(program.command("failures")), "failures AlchemicalNetwork-…-lab-a-b", "failures Task-…-lab-a-b --short")
    .summary("show why Tasks failed")
    .description("Shows the failures of a network, of one transformation or of one Task, with their tracebacks.")
    .argument("<key>", "key of a network, of a transformation or of a Task")
    .option("--short", "a table with the last line of each traceback")
    .addOption(json())
    .action(async (key, options) => (await import("./failures.ts")).failures(key, options));
}
