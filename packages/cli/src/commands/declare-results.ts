/** The part of the command line that is about what came of a network. */
import { type Command, Option } from "commander";
import { json, withApi, withExample } from "./user-command.ts";

export function declareResults(program: Command): void {
  const command = program.command("results");
  withExample(
    withApi(command),
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
  declareBeside(command);
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

/** What is kept beside results. */
function declareBeside(results: Command): void {
  const key = ["<key>", "key of a network, of a transformation, of a Task or of a result"] as const;
  withExample(
    withApi(results.command("provenance")),
    "results provenance Task-…-lab-a-b",
    "results provenance AlchemicalNetwork-…-lab-a-b --json",
  )
    .summary("show where and how results were computed")
    .description(
      "Shows where and how results were computed: host, GPU and driver, versions, and the time and memory of each attempt of each unit.",
    )
    .argument(...key)
    .addOption(json())
    .action(async (text, options) => (await import("./results-provenance.ts")).resultsProvenance(text, options));
  withExample(
    withApi(results.command("files")),
    "results files Task-…-lab-a-b",
    "results files AlchemicalNetwork-…-lab-a-b --name '*.stderr' --output files",
  )
    .summary("show and save the files that are kept beside results")
    .description(
      "Lists the files that are kept beside results: standard output and error of the units, and what the compute service was told to keep.",
    )
    .argument(...key)
    .option("--name <pattern>", "only files whose name fits; * stands for anything but /, ** for anything")
    .option("--output <directory>", "save them there, in a directory for each result; goes on where it was interrupted")
    .addOption(json())
    .action(async (text, options) => (await import("./results-files.ts")).resultsFiles(text, options));
}
