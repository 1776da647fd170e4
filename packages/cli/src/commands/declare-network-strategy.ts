/** The part of the command line about the strategies of networks on a server. */
import { stackCombinations, strategyModes, taskScalings } from "@alchemiscale/contract/statuses";
import { type Command, InvalidArgumentError, Option } from "commander";
import { json, several, wholeNumber, withApi, withExample } from "./user-command.ts";

export function declareNetworkStrategy(strategy: Command): void {
  const load = () => import("./network-strategy.ts");
  const verb = (name: string, ...examples: readonly string[]) =>
    withApi(withExample(strategy.command(name), ...examples)).argument("<network>", "key of the network");

  withSettings(
    verb(
      "set",
      "strategy set AlchemicalNetwork-… --strategy uncertainty",
      "strategy set AlchemicalNetwork-… --strategy connectivity,until=connected --strategy uncertainty --combine sequence",
    ),
  )
    .summary("give a network a strategy, or several")
    .description(
      "Gives a network a strategy instead of the one that it has; its state starts anew. A strategy is a name (connectivity, radial, uncertainty, criticality, score, closure: with their default settings) or the file of a keyed chain, and may be followed by rules for its part in a stack: weight=2, role=veto|gate, until=connected, max-gpu-hours=100.",
    )
    .requiredOption("--strategy <name or file>", "with several, a stack in this order", several)
    .addOption(
      new Option("--combine <how>", "of several: the weighted sum of all, or the first that is not done").choices(
        stackCombinations,
      ),
    )
    .option("--max-gpu-hours <number>", "GPU hours spent on the network after which it is done", aboveZero)
    .addOption(json())
    .action(async (network, options) => (await load()).strategySet(network, options));
  verb("show", "strategy show AlchemicalNetwork-…", "strategy show AlchemicalNetwork-… --json")
    .description("The strategy of a network, how it is doing, and what it decided last.")
    .addOption(json())
    .action(async (network, options) => (await load()).strategyShow(network, options));
  verb("decisions", "strategy decisions AlchemicalNetwork-… --limit 3")
    .summary("what was decided for a network, and why")
    .description(
      "What a network's strategy decided and why, the newest first: Tasks made and cancelled, and what is blocked by errors.",
    )
    .option("--limit <number>", "so many", wholeNumber(1, 50), 10)
    .addOption(json("print JSON, with weights and targets of each Transformation"))
    .action(async (network, options) => (await load()).strategyDecisions(network, options));
  verb("wake", "strategy wake AlchemicalNetwork-…")
    .description("Wakes a strategy that is dormant or has failed; it is executed when its interval is over.")
    .addOption(json())
    .action(async (network, options) => (await load()).strategyWake(network, options));
  verb("disable", "strategy disable AlchemicalNetwork-…")
    .description("Stops a strategy until it is enabled again; its Tasks stay, and so does what it has come to.")
    .addOption(json())
    .action(async (network, options) => (await load()).strategyChange(network, { ...options, mode: "disabled" }));
  withSettings(
    verb("change", "strategy change AlchemicalNetwork-… --mode full", "strategy change AlchemicalNetwork-… --max-tasks 5"),
  )
    .description("Changes settings of a strategy; what it has come to stays.")
    .addOption(json())
    .action(async (network, options) => (await load()).strategyChange(network, options));
  verb("remove", "strategy remove AlchemicalNetwork-…")
    .description("Takes the strategy from a network; its Tasks stay.")
    .addOption(json())
    .action(async (network, options) => (await load()).strategyRemove(network, options));
}

function withSettings(command: Command): Command {
  return command
    .addOption(
      new Option("--mode <mode>", "full: it also takes Tasks off the hub; partial: it only adds; disabled").choices(
        strategyModes,
      ),
    )
    .option("--max-tasks <number>", "most Tasks of one Transformation at the same time", wholeNumber(1, 1_000_000))
    .addOption(new Option("--scaling <scaling>", "from weights to Tasks").choices(taskScalings))
    .option("--sleep-interval <seconds>", "least time between two decisions", wholeNumber(1, 1_000_000_000));
}

function aboveZero(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}
