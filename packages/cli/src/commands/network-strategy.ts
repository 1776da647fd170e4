/** `strategy set`, `show`, `decisions`, `wake`, `change`, `disable` and `remove`: of a network on a server. */
import type { AlchemiscaleClient, StrategySettings } from "@alchemiscale/client";
import type {
  ScopedKey,
  StackCombination,
  StrategyDecision,
  StrategyDescription,
  StrategyMode,
  TaskScaling,
} from "@alchemiscale/contract";
import { memberArgument } from "../strategy/member-argument.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { CommandFailure, UsageError } from "../usage-error.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";

type Options = ApiOptions & { readonly json?: boolean };

interface SettingsOptions extends Options {
  readonly mode?: StrategyMode;
  readonly maxTasks?: number;
  readonly scaling?: TaskScaling;
  readonly sleepInterval?: number;
}

export async function strategySet(
  key: string,
  options: SettingsOptions & {
    readonly strategy: readonly string[];
    readonly combine?: StackCombination;
    readonly maxGpuHours?: number;
  },
): Promise<void> {
  const members = await Promise.all(options.strategy.map(memberArgument));
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  const { combine = "weighted", maxGpuHours = null } = options;
  await client.putStrategy(network, members, { ...settingsOf(options), combine, maxGpuHours });
  await tell(client, network, options);
}

export async function strategyShow(key: string, options: Options): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  const described = await existingStrategy(client, network);
  // Before its first iteration the last decision is that of the strategy before it.
  const [last] = described.iterations === 0 ? [] : (await client.strategyDecisions(network, { limit: 1 })).decisions;
  if (options.json) {
    const text = await client.getStrategyText(network);
    if (text === null) throw noStrategy(network);
    // Settings keep their characters: they are part of a strategy's key.
    return print(`${text.trimEnd().slice(0, -1)}, "last_decision": ${JSON.stringify(last ?? null)}}`);
  }
  for (const line of linesOf(described)) print(line);
  if (last === undefined) return;
  print("");
  print(`Decided at ${last.at}: ${countsOf(last)}`);
  for (const sentence of last.why) print(`  ${printable(sentence)}`);
  for (const blocked of last.blocked) print(`  blocked by a Task in error: ${blocked}`);
}

export async function strategyDecisions(key: string, options: Options & { readonly limit: number }): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  const { decisions } = await client.strategyDecisions(network, { limit: options.limit });
  if (options.json) return printJson(decisions);
  const rows = decisions.map((decision) => [
    String(decision.iteration),
    decision.at,
    decision.outcome,
    ...[decision.created, decision.actioned, decision.cancelled, decision.blocked].map((list) => String(list.length)),
    printable(decision.why.join(" ")),
  ]);
  const right = ["created", "actioned", "cancelled", "blocked"].map((title) => ({ title, align: "right" as const }));
  const columns = [{ title: "iteration" }, { title: "at" }, { title: "outcome" }, ...right, { title: "why", shrinkTo: 30 }];
  print(table(columns, rows));
}

export async function strategyWake(key: string, options: Options): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  if ((await client.setNetworkStrategyAwake(network)) === null) throw noStrategy(network);
  await tell(client, network, options);
}

export async function strategyChange(key: string, options: SettingsOptions): Promise<void> {
  const settings = settingsOf(options);
  if (Object.keys(settings).length === 0) {
    throw new UsageError("say what is to be changed: --mode, --max-tasks, --scaling or --sleep-interval");
  }
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  await existingStrategy(client, network);
  await client.changeStrategy(network, settings);
  await tell(client, network, options);
}

export async function strategyRemove(key: string, options: Options): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  await client.setNetworkStrategy(network, null);
  if (options.json) printJson({ network, strategy: null });
  else note(`${network} has no strategy now.`);
}

function settingsOf({ mode, maxTasks, scaling, sleepInterval }: SettingsOptions): StrategySettings {
  return {
    ...(mode !== undefined && { mode }),
    ...(maxTasks !== undefined && { maxTasksPerTransformation: maxTasks }),
    ...(scaling !== undefined && { taskScaling: scaling }),
    ...(sleepInterval !== undefined && { sleepInterval }),
  };
}

async function existingStrategy(client: AlchemiscaleClient, network: ScopedKey): Promise<StrategyDescription> {
  const described = await client.getStrategy(network);
  if (described === null) throw noStrategy(network);
  return described;
}

function noStrategy(network: ScopedKey): CommandFailure {
  return new CommandFailure(`${network} has no strategy; give it one by alchemiscale strategy set`);
}

async function tell(client: AlchemiscaleClient, network: ScopedKey, { json }: Options): Promise<void> {
  if (json) return print((await client.getStrategyText(network)) ?? "null");
  for (const line of linesOf(await existingStrategy(client, network))) print(line);
}

function linesOf(described: StrategyDescription): string[] {
  const { mode, status, iterations, last_iteration: last, sleep_interval: interval, blocked, exception } = described;
  const most = described.max_tasks_per_transformation;
  return [
    `Mode ${mode}, ${status}; ${iterations} iterations${last === null ? "" : `, the last at ${last}`}, every ${interval} s.`,
    `At most ${most} Tasks of a Transformation, ${described.task_scaling}.`,
    ...(described.members.length > 1 ? [`Stack, ${described.combine}:`] : []),
    ...described.members.map(memberLine),
    ...(blocked === null ? [] : [`Not executed: ${printable(blocked)}`]),
    ...(exception === null ? [] : [`Failed: ${printable(exception.join(": "))}`]),
  ];
}

function memberLine(member: StrategyDescription["members"][number]): string {
  const rules = [
    ...(member.weight === 1 ? [] : [`weight ${member.weight}`]),
    ...(member.role === "add" ? [] : [member.role]),
    ...(member.until === "done" ? [] : [`until ${member.until}`]),
    ...(member.max_gpu_hours === null ? [] : [`at most ${member.max_gpu_hours} GPU hours`]),
    ...(member.exception === null ? [] : [`failed: ${printable(member.exception.join(": "))}`]),
  ];
  return `  ${[member.strategy, ...rules].join(", ")}`;
}

function countsOf({ outcome, created, actioned, cancelled }: StrategyDecision): string {
  return `${outcome}; ${created.length} Tasks created, ${actioned.length} actioned, ${cancelled.length} cancelled`;
}
