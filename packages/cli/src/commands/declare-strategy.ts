/** The part of the command line about strategies that needs no server. */
import { taskScalings } from "@alchemiscale/contract/statuses";
import { type Command, InvalidArgumentError, Option } from "commander";
import { defaultStrategies } from "../strategy/default-strategies.ts";
import { json, several, wholeNumber, withCases, withExample } from "./user-command.ts";

export function declareStrategyFiles(strategy: Command): void {
  withTasks(
    withExample(
      strategy.command("propose"),
      "strategy propose --network network.json --strategy strategy.json --results results.json",
      "strategy propose --network network.json --strategy connectivity --strategy radial.json --results table.json --json",
    ),
  )
    .summary("the weights that a strategy proposes, from files alone")
    .description(
      'The weights that a strategy proposes for a network with the given results, {"<key of the Transformation>": {"n": 2, "estimates": […]}}. A table of cases, {"rows": [{"results": …, "network_key": …, "strategy_key": …}]}, is answered row by row; where several networks or strategies are given, keys say which.',
    )
    .requiredOption("--network <file>", "keyed chain of a network, also gzip or zstd; may be given several times", several)
    .requiredOption(
      "--strategy <name or file>",
      `${Object.keys(defaultStrategies).join(", ")} (with default settings), or a keyed chain with settings; may be given several times`,
      several,
    )
    .requiredOption("--results <file>", "JSON; `-` is standard input")
    .addOption(json("print JSON, an object a line for each case"))
    .action(async (options) => (await import("./strategy-propose.ts")).strategyPropose(options));
  withCases(withExample(strategy.command("resolve"), "strategy resolve weights.json --json"))
    .summary("raw weights as shares of the network")
    .description('Raw "weights" by key of the Transformation as shares of their sum; null stays null.')
    .action(async (file, options) => (await import("./strategy-propose.ts")).strategyResolve(file, options));
  withCases(withExample(strategy.command("counts"), "strategy counts shares.json --json"))
    .summary("shares of the network as counts of Tasks")
    .description('The Tasks that should be at work for a list "weights" of shares, with "max_tasks" and "scaling".')
    .action(async (file, options) => (await import("./strategy-propose.ts")).strategyCounts(file, options));
  declareSimulate(strategy);
}

function declareSimulate(strategy: Command): void {
  withTasks(
    withExample(
      strategy.command("simulate"),
      "strategy simulate --example star --strategy connectivity --strategy uncertainty",
      "strategy simulate --network network.json --noise noise.json --strategy strategy.json --json",
    ),
  )
    .summary("how the errors of a network would fall with GPU hours")
    .description(
      'Runs strategies on a network whose results are drawn, and tells how the error of ΔG falls with GPU hours. The noise is assumed (lognormal around a median for each kind of leg), or as recorded: {"<key of the Transformation>": {"spread": kcal/mol of one result, "gpuHours": …}}.',
    )
    .option("--network <file>", "keyed chain of a network; may be given several times", several, [])
    .addOption(
      new Option(
        "--example <name>",
        "a network that comes with the command: tyk2-like, star, 200-ligands; may be given several times",
      )
        .argParser(example)
        .default([]),
    )
    .option(
      "--strategy <name or file>",
      "random, connectivity, radial, uncertainty, stacked (these five unless given), criticality, closure, or a file; may be given several times",
      several,
      [],
    )
    .option("--noise <file>", "noise and cost as recorded")
    .addOption(
      new Option("--difficulty <number>", "assumed noise: how much pairs differ, as standard deviation of ln σ")
        .argParser(notNegative)
        .default(0.6),
    )
    .option("--rounds <number>", "GPU hours to simulate, in results of everything", wholeNumber(1, 100), 8)
    .option("--replicates <number>", "campaigns for each strategy", wholeNumber(1, 10_000), 20)
    .option("--seed <text>", "what is drawn depends on it alone", "1")
    .option("--markdown", "print tables in Markdown")
    .addOption(json("print JSON, an object a line for each network"))
    .action(async (options) => (await import("./strategy-simulate.ts")).strategySimulate(options));
}

function withTasks(command: Command): Command {
  return command
    .option("--max-tasks <number>", "max_tasks_per_transformation", wholeNumber(1, 1000), 3)
    .addOption(new Option("--scaling <scaling>", "task_scaling").choices(taskScalings).default("exponential"));
}

function example(name: string, before: readonly string[]): readonly string[] {
  const names = ["tyk2-like", "star", "200-ligands"];
  if (!names.includes(name)) throw new InvalidArgumentError(`It must be one of ${names.join(", ")}.`);
  return [...before, name];
}

function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 5)) throw new InvalidArgumentError("It must be a number from 0 to 5.");
  return value;
}
