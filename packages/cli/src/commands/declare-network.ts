/** The part of the command line that is about networks and what they are made of. */
import { networkStates } from "@alchemiscale/contract/statuses";
import { Argument, type Command, Option } from "commander";
import { apiVerbs, json, weight, wholeNumber, withApi, withExample } from "./user-command.ts";

export function declareNetwork(network: Command): void {
  const verb = apiVerbs(network);
  declareCheck(network);
  verb("submit", "network submit network.json.gz --scope lab-campaign-project")
    .description("Submits a network and prints its key.")
    .argument("<file>", "keyed chain of an AlchemicalNetwork: .json, .json.gz or .json.zst")
    .requiredOption("--scope <scope>", "where to put it: org-campaign-project, without wildcards")
    .addOption(new Option("--state <state>", "state of the network").choices([...networkStates]).default("active"))
    .addOption(json())
    .action(async (file, options) => (await import("./network-submit.ts")).networkSubmit(file, options));
  verb("list", "network list", "network list --scope 'lab-*-*' --state inactive --name 'tyk2.*' --json")
    .description("Lists networks with their state, their weight, and how many of their Tasks have which status.")
    .option("--scope <scope>", "only in this scope, wildcards as *")
    .addOption(new Option("--state <state>", "only in this state").choices([...networkStates, "any"]).default("active"))
    .option("--name <pattern>", "only where this regular expression matches the whole name")
    .addOption(new Option("--keys", "only the keys, one a line").conflicts("json"))
    .addOption(json())
    .action(async (options) => (await import("./network-list.ts")).networkList(options));
  verb("get", "network get AlchemicalNetwork-…-lab-a-b --output network.json")
    .description("Prints a network as the keyed chain that gufe reads (JSON), character for character as it is stored.")
    .argument("<network>", "key of the network")
    .option("--output <file>", "write it there instead; a file that is there is replaced")
    .action(async (key, options) => (await import("./object-get.ts")).objectGet(key, ["AlchemicalNetwork"], options));
  verb("status", "network status AlchemicalNetwork-…-lab-a-b", "network status --scope 'lab-*-*'")
    .description("Shows how many Tasks of a network, or of all networks in a scope, have which status.")
    .argument("[network]", "key of the network; default: everything that you can see")
    .option("--scope <scope>", "only this scope (when no network is given)")
    .addOption(json())
    .action(async (key, options) => (await import("./network-status.ts")).networkStatus(key, options));
  verb("state", "network state AlchemicalNetwork-…-lab-a-b inactive")
    .description(
      "Prints the state of a network, or sets it. It is a mark: lists show active networks unless told otherwise. Tasks that are marked for execution are computed all the same; task cancel --all takes that back.",
    )
    .argument("<network>", "key of the network")
    .addArgument(new Argument("[state]", "the state it is to have").choices([...networkStates]))
    .addOption(json())
    .action(async (key, state, options) => (await import("./network-state.ts")).networkState(key, state, options));
  verb("weight", "network weight AlchemicalNetwork-…-lab-a-b 0.9")
    .description("Prints the weight of a network among the others, or sets it: how often compute services choose its Tasks.")
    .argument("<network>", "key of the network")
    .argument("[weight]", "the weight it is to have, 0 to 1", weight)
    .addOption(json())
    .action(async (key, value, options) => (await import("./network-state.ts")).networkWeight(key, value, options));
  declareArchives(network);
  declareRestartPatterns(
    network.command("restart-patterns").description("which failures of a network's Tasks let them run again"),
  );
}

export function declareTransformation(transformation: Command): void {
  const verb = apiVerbs(transformation);
  inPlace(
    verb(
      "list",
      "transformation list --network AlchemicalNetwork-…-lab-a-b --status",
      "transformation list --scope 'lab-*-*' --name 'lig_1 to lig_2'",
    ),
  )
    .description("Lists transformations.")
    .option("--status", "with how many of their Tasks have which status (one request each)")
    .addOption(json())
    .action(async (options) => (await import("./transformation-list.ts")).transformationList(options));
  verb("show", "transformation show Transformation-…-lab-a-b")
    .description(
      "Shows a transformation: name, protocol, chemical systems, networks, and how many of its Tasks have which status.",
    )
    .argument("<transformation>", "its key")
    .addOption(json())
    .action(async (key, options) => (await import("./transformation-show.ts")).transformationShow(key, options));
  verb("get", "transformation get Transformation-…-lab-a-b --output transformation.json")
    .description("Prints a transformation as the keyed chain that gufe reads (JSON), character for character as it is stored.")
    .argument("<transformation>", "its key")
    .option("--output <file>", "write it there instead; a file that is there is replaced")
    .action(async (key, options) =>
      (await import("./object-get.ts")).objectGet(key, ["Transformation", "NonTransformation"], options),
    );
}

export function declareSystem(system: Command): void {
  const verb = apiVerbs(system);
  inPlace(
    verb("list", "system list --network AlchemicalNetwork-…-lab-a-b", "system list --scope 'lab-*-*' --name 'lig_1, complex'"),
  )
    .description("Lists chemical systems.")
    .addOption(json())
    .action(async (options) => (await import("./system-list.ts")).systemList(options));
  verb("show", "system show ChemicalSystem-…-lab-a-b")
    .description("Shows the networks and the transformations that a chemical system is in.")
    .argument("<system>", "its key")
    .addOption(json())
    .action(async (key, options) => (await import("./system-list.ts")).systemShow(key, options));
  verb("get", "system get ChemicalSystem-…-lab-a-b --output system.json")
    .description("Prints a chemical system as the keyed chain that gufe reads (JSON), character for character as it is stored.")
    .argument("<system>", "its key")
    .option("--output <file>", "write it there instead; a file that is there is replaced")
    .action(async (key, options) => (await import("./object-get.ts")).objectGet(key, ["ChemicalSystem"], options));
}

/** Of a scope, a name, or a network. */
function inPlace(list: Command): Command {
  return list
    .option("--scope <scope>", "only in this scope, wildcards as *")
    .option("--name <name>", "only those of this name")
    .addOption(new Option("--network <network>", "only those of this network").conflicts(["scope", "name"]));
}

function declareCheck(network: Command): void {
  withExample(network.command("check"), "network check network.json.gz")
    .summary("say what a file holds, and verify its keys; needs no server")
    .description(
      "Reads a file of any gufe object, or of a result (plain, gzip or zstd, whatever its name), says what it holds, and verifies every key that can be recomputed. Exit code 1 when one differs.",
    )
    .argument("<file>", "keyed chain: .json, .json.gz or .json.zst")
    .addOption(json("print one object for each entry: key, computed, qualname"))
    .action(async (file, options) => (await import("./network-check.ts")).networkCheck(file, options));
}

function declareArchives(network: Command): void {
  const verb = apiVerbs(network);
  verb(
    "archive",
    "network archive AlchemicalNetwork-…-lab-a-b --output network.archive.json.zst",
    "network archive AlchemicalNetwork-…-lab-a-b --output archive.json --metadata notes.json",
  )
    .summary("write a network with its results as one file that gufe reads")
    .description(
      "Writes a network and its results as gufe's AlchemicalArchive, in one file, to be kept, given to others, or brought back to a server by network restore.",
    )
    .argument("<network>", "key of the network")
    .requiredOption(
      "--output <file>",
      "where to write it: .json, .json.gz or .json.zst; `-`: standard output. A file that is there is replaced",
    )
    .option("--metadata <file>", "a JSON object, kept with the archive")
    .option("--failures", "failed results as well")
    .option("--skip-missing", "leave out results that the server has lost, with a warning, instead of ending")
    .addOption(json())
    .action(async (key, options) => (await import("./network-archive.ts")).networkArchive(key, options));
  verb("restore", "network restore network.archive.json.zst --scope lab-campaign-project")
    .summary("bring an archive to a server: its network and its results")
    .description(
      "Submits the network of an archive and gives the server its results, unless they are there already. It may be repeated, and goes on where it was interrupted. Prints the network's key.",
    )
    .argument(
      "<file>",
      "an AlchemicalArchive, as network archive or gufe's to_json write it: .json, .json.gz or .json.zst; `-`: standard input",
    )
    .requiredOption("--scope <scope>", "where to put it: org-campaign-project, without wildcards")
    .addOption(
      new Option("--state <state>", "state of the network, where it is new").choices([...networkStates]).default("active"),
    )
    .addOption(json())
    .action(async (file, options) => (await import("./network-restore.ts")).networkRestore(file, options));
}

function declareRestartPatterns(patterns: Command): void {
  const load = () => import("./restart-patterns.ts");
  const verb = (name: string, example: string) =>
    withExample(withApi(patterns.command(name)), `network restart-patterns ${name} AlchemicalNetwork-…-lab-a-b${example}`)
      .argument("<network>", "key of the network")
      .addOption(json());
  const retries = wholeNumber(1, 1_000_000);

  verb("list", "")
    .description("Lists the patterns, and how often each lets a Task run again.")
    .action(async (key, options) => (await load()).listPatterns(key, options));
  verb("add", " 'MemoryError|CUDA_ERROR_OUT_OF_MEMORY' --max-retries 3")
    .description("Lets Tasks run again whose traceback has a match of a pattern. One that is there already counts anew.")
    .argument("<patterns...>", "regular expressions, in Python's syntax")
    .option("--max-retries <number>", "how often a Task may run again", retries, 3)
    .action(async (key, texts, options) => (await load()).addPatterns(key, texts, options));
  verb("remove", " MemoryError")
    .description("Removes patterns; one that is not there is passed over.")
    .argument("<patterns...>", "as they were added")
    .action(async (key, texts, options) => (await load()).removePatterns(key, texts, options));
  verb("clear", "")
    .description("Removes all patterns.")
    .action(async (key, options) => (await load()).clearPatterns(key, options));
  verb("max-retries", " 5 MemoryError")
    .description("Sets how often patterns let a Task run again; one that is not there is passed over.")
    .argument("<number>", "how often", retries)
    .argument("<patterns...>", "as they were added")
    .action(async (key, times, texts, options) => (await load()).setMaxRetries(key, times, texts, options));
}
