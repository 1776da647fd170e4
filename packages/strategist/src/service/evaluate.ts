/** One iteration of a network's strategy, as a pure function: from what is known to what is to be written. Runs in a thread of its own. */
import type { TransformationEstimate } from "@alchemiscale/analysis";
import { gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import { joinKeyedChain, sliceKeyedChain } from "@alchemiscale/gufe";
import type { MemberOutcome, ObjectText, StoredMember, StrategyIteration, StrategyWork } from "@alchemiscale/statestore";
import { decide } from "../decision/decide.ts";
import type { Decision, TransformationTasks } from "../decision/decision.ts";
import { resolveWeights } from "../decision/resolve-weights.ts";
import { resultsOfEstimate } from "../network/results-of-estimate.ts";
import { type StrategyNetwork, withOutlook } from "../network/strategy-network.ts";
import { type NetworkResults, noResults, type TransformationResults } from "../network/transformation-results.ts";
import { strategyFromChain } from "../registry.ts";
import { combineMembers } from "../stack/combine-members.ts";
import type { MemberProposal } from "../stack/strategy-stack.ts";
import type { Proposal } from "../strategy.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { IterationDecision, MemberDecision } from "./iteration-decision.ts";
import { expectedHours, type ReadNetwork, spentHours } from "./read-network.ts";

/** A strategy, or what came of asking a Python worker for it. */
export type EvaluatedMember =
  | { readonly chain: readonly ObjectText[] }
  | { readonly proposal: Proposal }
  | { readonly failure: Failure };

export interface EvaluationInput {
  readonly network: ReadNetwork;
  readonly work: StrategyWork;
  /** In the order of the stack. */
  readonly members: readonly EvaluatedMember[];
}

/** What a strategy has raised is part of the answer. (spec/strategies.md §6, §9, §11.1) */
export function evaluate({ network: read, work, members }: EvaluationInput): StrategyIteration {
  const hours = spentHours(work.transformations);
  const results = resultsOf(work, hours);
  const network = withOutlook(read.network, {
    gpuHours: expectedHours(read, work.transformations),
    blocked: new Set(work.transformations.filter(({ hasError }) => hasError).map(({ transformation }) => transformation)),
  });
  const asked = members.map((member) => ask(member, network, results));
  const outcomes = asked.map(outcomeOf);
  try {
    const proposal = combined(work, asked, network, results);
    const { mode, maxTasksPerTransformation, taskScaling: scaling, exception, traceback } = work.state;
    const tasks = tasksOf(work);
    const { maxGpuHours } = work;
    const decision = decide({ proposal, network, results, tasks, mode, maxTasksPerTransformation, scaling, maxGpuHours });
    // Dormancy leaves the exception of before.
    const dormant = decision.outcome === "dormant" ? { exception, traceback } : { exception: null, traceback: null };
    return {
      ...dormant,
      status: decision.outcome,
      version: work.version,
      resultCount: work.resultCount,
      members: outcomes,
      create: decision.create,
      action: keysOf(decision.action),
      cancel: keysOf(decision.cancel),
      decision: textOf({ ...decision, ...memberDecisions(work.members, asked) }),
    };
  } catch (error) {
    return failedIteration(work, failureOf(error), outcomes);
  }
}

/** The iteration of a strategy that has raised an error: nothing is done but to say so. */
function failedIteration(
  work: StrategyWork,
  { type, message, traceback }: Failure,
  outcomes: readonly MemberOutcome[],
): StrategyIteration {
  const nothing = { weights: {}, targets: {}, create: [], action: [], cancel: [], blocked: [] };
  return {
    status: "error",
    exception: [type, message],
    traceback,
    version: work.version,
    resultCount: work.resultCount,
    members: outcomes,
    create: [],
    action: [],
    cancel: [],
    decision: textOf({ ...nothing, outcome: "error", why: [`${type}: ${message}`] }),
  };
}

type Asked = { readonly proposal: Proposal } | { readonly failure: Failure };

function ask(member: EvaluatedMember, network: StrategyNetwork, results: NetworkResults): Asked {
  if ("failure" in member) return member;
  try {
    const proposal = "proposal" in member ? member.proposal : propose(member.chain, network, results);
    // What is no weight is the fault of this member alone.
    resolveWeights(proposal.weights);
    return { proposal };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function propose(chain: readonly ObjectText[], network: StrategyNetwork, results: NetworkResults): Proposal {
  const strategy = strategyFromChain(sliceKeyedChain(joinKeyedChain(chain)));
  if (strategy === undefined) throw new Error("the strategy does not run here");
  return strategy.propose(network, results);
}

/** @throws what made a strategy alone fail, or that all of a stack have. */
function combined(work: StrategyWork, asked: readonly Asked[], network: StrategyNetwork, results: NetworkResults): Proposal {
  const [first] = asked;
  if (asked.length === 1 && first !== undefined && isPlain(work)) {
    if ("proposal" in first) return first.proposal;
    throw Object.assign(new Error(first.failure.message), { name: first.failure.type, stack: first.failure.traceback });
  }
  const proposals = asked.map((one): MemberProposal => ("proposal" in one ? one.proposal : { error: describe(one.failure) }));
  const { combine, maxGpuHours } = work;
  return combineMembers({ combine, maxGpuHours, members: [...work.members] }, proposals, network, results);
}

/** Without any rule of stacks. */
function isPlain({ maxGpuHours, members: [member] }: StrategyWork): boolean {
  return maxGpuHours === null && member?.role === "add" && member.until === "done" && member.maxGpuHours === null;
}

function describe({ type, message }: Failure): string {
  return `${type}: ${message}`;
}

function outcomeOf(asked: Asked): MemberOutcome {
  if ("failure" in asked) {
    const { type, message, traceback } = asked.failure;
    return { status: "error", exception: [type, message], traceback };
  }
  const done = [...asked.proposal.weights.values()].every((weight) => weight === null);
  return { status: done ? "dormant" : "awake", exception: null, traceback: null };
}

function memberDecisions(
  members: readonly StoredMember[],
  asked: readonly Asked[],
): { readonly members?: readonly MemberDecision[] } {
  if (members.length < 2) return {};
  return {
    members: members.map(({ strategy }, place) => {
      const one = asked[place];
      const key = gufeKeyOf(strategy);
      if (one === undefined || "failure" in one) {
        return { strategy: key, weights: null, why: one === undefined ? "was not asked" : describe(one.failure) };
      }
      return { strategy: key, weights: Object.fromEntries(one.proposal.weights), why: one.proposal.why };
    }),
  };
}

function textOf(decision: IterationDecision): string {
  return JSON.stringify(decision);
}

function keysOf(tasks: Decision["action"]): ScopedKey[] {
  return tasks.map(({ task }) => task as ScopedKey);
}

/** One without a result has no entry. */
function resultsOf({ transformations }: StrategyWork, hours: ReadonlyMap<string, number>): NetworkResults {
  const found = new Map<string, TransformationResults>();
  for (const { transformation, results, summary } of transformations) {
    if (results === 0) continue;
    const gpuHours = hours.get(transformation) ?? null;
    const known =
      summary === null
        ? { ...noResults, gpuHours }
        : resultsOfEstimate((JSON.parse(summary) as { readonly estimate: TransformationEstimate }).estimate, gpuHours);
    // What has landed counts, whether it has been read or not.
    found.set(transformation, { ...known, n: results });
  }
  return found;
}

function tasksOf({ transformations, tasks }: StrategyWork): Map<string, TransformationTasks> {
  const byTransformation = Map.groupBy(tasks, ({ transformation }) => transformation);
  return new Map(
    transformations.map(({ transformation, hasError }) => {
      const own = byTransformation.get(transformation) ?? [];
      const free = own.flatMap(({ task, status, actioned }) =>
        !actioned && (status === "running" || status === "waiting") ? [{ task, status }] : [],
      );
      return [transformation, { actioned: own.filter(({ actioned }) => actioned), free, hasError }];
    }),
  );
}
