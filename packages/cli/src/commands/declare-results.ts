/** The part of the command line that is about what came of a network. */
import { type Command, Option } from "commander";
import { apiVerbs, json, wholeNumber, withApi, withExample } from "./user-command.ts";

export function declareResults(program: Command): void {
  const verb = apiVerbs(program);
  const command = program.command("results");
  withExample(
    withApi(command),
    "results AlchemicalNetwork-…-lab-a-b",
    "results AlchemicalNetwork-…-lab-a-b --output results",
    "results AlchemicalNetwork-…-lab-a-b --table pairs --csv > pairs.csv",
  )
    .summary("show and save results")
    .description(
      "Shows what the results of a network say: ΔG of its ligands and ΔΔG of their pairs in kcal/mol, with the closure of cycles, and what to look at; of one transformation its estimate, repeat by repeat. The server has read the results when they landed; nothing is downloaded without --output. From a Python server: counts, and estimates where the protocol is the built-in one.",
    )
    .argument("<key>", "key of a network or of a transformation")
    .option(
      "--output <directory>",
      "save every result there as a file that gufe can read (.json.zst); goes on where it was interrupted",
    )
    .addOption(
      new Option("--table <table>", "of a network, one table alone (in CSV: ligands unless told)").choices([
        "ligands",
        "pairs",
        "transformations",
      ]),
    )
    .addOption(json().conflicts("csv"))
    .addOption(new Option("--csv", "print comma-separated values, for spreadsheets"))
    .action(async (key, options) => (await import("./results.ts")).results(key, options));
  verb("cost", "cost AlchemicalNetwork-…-lab-a-b", "cost AlchemicalNetwork-…-lab-a-b --wanted 5")
    .summary("show what a network costs in GPU hours")
    .description(
      "Shows the GPU hours that the results of a network have taken, and, learned from them, those of the results that are still wanted, with an interval.",
    )
    .argument("<network>", "key of the network")
    .option("--wanted <n>", "results wanted of each transformation, those that there are included", wholeNumber(0, 1000), 3)
    .option("--hardware <model>", "model of the GPU (default: a mixture as so far)")
    .addOption(json())
    .action(async (key, options) => (await import("./cost.ts")).cost(key, options));
  declareBeside(command);
  verb("failures", "failures AlchemicalNetwork-…-lab-a-b", "failures Task-…-lab-a-b --short")
    .summary("show why Tasks failed")
    .description("Shows the failures of a network, of one transformation or of one Task, with their tracebacks.")
    .argument("<key>", "key of a network, of a transformation or of a Task")
    .option("--short", "a table with the last line of each traceback")
    .addOption(json())
    .action(async (key, options) => (await import("./failures.ts")).failures(key, options));
  verb("watch", "watch AlchemicalNetwork-…-lab-a-b")
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
  const verb = apiVerbs(results);
  const key = ["<key>", "key of a network, of a transformation, of a Task or of a result"] as const;
  verb("provenance", "results provenance Task-…-lab-a-b", "results provenance AlchemicalNetwork-…-lab-a-b --json")
    .summary("show where and how results were computed")
    .description(
      "Shows where and how results were computed: host, GPU and driver, versions, and the time and memory of each attempt of each unit.",
    )
    .argument(...key)
    .addOption(json())
    .action(async (text, options) => (await import("./results-provenance.ts")).resultsProvenance(text, options));
  verb("files", "results files Task-…-lab-a-b", "results files AlchemicalNetwork-…-lab-a-b --name '*.stderr' --output files")
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
