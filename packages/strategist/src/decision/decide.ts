import type { StrategyMode, TaskScaling } from "@alchemiscale/contract";
import type { StrategyNetwork } from "../network/strategy-network.ts";
import { type NetworkResults, noResults } from "../network/transformation-results.ts";
import type { Proposal } from "../strategy.ts";
import type { Decision, TaskOfTransformation, TransformationTasks } from "./decision.ts";
import { planTasks } from "./plan-tasks.ts";
import { resolveWeights } from "./resolve-weights.ts";
import { weightsToCounts } from "./task-count.ts";

export interface DecisionInput {
  /** Of the strategy, or of its stack (`combineMembers`). */
  readonly proposal: Proposal;
  readonly network: StrategyNetwork;
  readonly results: NetworkResults;
  /** By key of the Transformation; one without an entry has no Tasks. */
  readonly tasks: ReadonlyMap<string, TransformationTasks>;
  readonly mode: StrategyMode;
  readonly maxTasksPerTransformation: number;
  readonly scaling: TaskScaling;
  /** Of the stack: targets that would pass it are lowered, those of the least weight first. null: no limit. */
  readonly maxGpuHours: number | null;
}

const noTasks: TransformationTasks = { actioned: [], free: [], hasError: false };

/**
 * What is to be done about a network: weights as shares, the Tasks that each Transformation should have at work, and what to create, action and cancel
 * for that. All weights null, or none at all: dormant, and in mode `full` everything is cancelled, Tasks in error too. Otherwise
 * Transformations with a Task in error get no new ones. (spec/strategies.md §6 steps 4 to 7, §8, §9)
 * @throws {InvalidWeight}
 */
export function decide(input: DecisionInput): Decision {
  const { proposal, tasks, mode, maxTasksPerTransformation, scaling } = input;
  const resolved = resolveWeights(proposal.weights);
  const weights = Object.fromEntries(resolved);
  const cancel: TaskOfTransformation[] = [];
  if ([...resolved.values()].every((weight) => weight === null)) {
    if (mode === "full") {
      for (const [transformation, { actioned }] of tasks) cancel.push(...actioned.map(({ task }) => ({ transformation, task })));
    }
    return { outcome: "dormant", weights, targets: {}, create: [], action: [], cancel, blocked: [], why: [proposal.why] };
  }
  const tasksOf = (key: string): TransformationTasks => tasks.get(key) ?? noTasks;
  const blocked = [...resolved].filter(([key, weight]) => (weight ?? 0) > 0 && tasksOf(key).hasError).map(([key]) => key);
  const unblocked = new Map([...resolved].map(([key, weight]) => [key, tasksOf(key).hasError ? null : weight]));
  const { targets, lowered } = withinCost(weightsToCounts(unblocked, maxTasksPerTransformation, scaling), resolved, input);
  const create: { transformation: string; count: number }[] = [];
  const action: TaskOfTransformation[] = [];
  for (const [transformation, target] of targets) {
    const plan = planTasks(target, tasksOf(transformation), mode);
    if (plan.create > 0) create.push({ transformation, count: plan.create });
    action.push(...plan.action.map((task) => ({ transformation, task })));
    cancel.push(...plan.cancel.map((task) => ({ transformation, task })));
  }
  const why = [proposal.why];
  if (blocked.length > 0) why.push(`${blocked.length} Transformations get no Tasks, since one of theirs is in error`);
  const alsoInError = [...resolved].filter(([key, weight]) => weight === 0 && tasksOf(key).hasError).map(([key]) => key);
  if (alsoInError.length > 0)
    why.push(`Without weight, and with a Task in error that would block them: ${alsoInError.join(", ")}`);
  if (lowered) why.push(`Targets are lowered to stay within ${input.maxGpuHours} GPU hours`);
  return { outcome: "awake", weights, targets: Object.fromEntries(targets), create, action, cancel, blocked, why };
}

/** Targets by falling weight, as long as what they cost fits into what is left. */
function withinCost(
  targets: Map<string, number>,
  weights: ReadonlyMap<string, number | null>,
  { network, results, maxGpuHours }: DecisionInput,
): { readonly targets: Map<string, number>; readonly lowered: boolean } {
  if (maxGpuHours === null) return { targets, lowered: false };
  const costs = new Map(network.edges.map(({ key, gpuHours }) => [key, gpuHours ?? 0]));
  let left = maxGpuHours;
  for (const { key } of network.edges) left -= (results.get(key) ?? noResults).gpuHours ?? 0;
  const within = new Map(targets);
  let lowered = false;
  for (const [key, target] of [...targets].sort(([a], [b]) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0))) {
    const cost = costs.get(key) ?? 0;
    const fitting = cost === 0 ? target : Math.min(target, Math.max(0, Math.floor(left / cost)));
    lowered ||= fitting < target;
    within.set(key, fitting);
    left -= fitting * cost;
  }
  return { targets: within, lowered };
}
