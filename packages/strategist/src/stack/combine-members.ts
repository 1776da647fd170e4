import { connectedComponents } from "@alchemiscale/analysis";
import { resolveWeights } from "../decision/resolve-weights.ts";
import { measurementPlan, planNodes } from "../measurements/measurement-plan.ts";
import type { StrategyNetwork } from "../network/strategy-network.ts";
import { type NetworkResults, noResults } from "../network/transformation-results.ts";
import type { Proposal, Weights } from "../strategy.ts";
import type { MemberProposal, StackMember, StrategyStack } from "./strategy-stack.ts";

/** All members of a stack failed. */
export class StackFailed extends Error {
  override readonly name = "StackFailed";
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(`no member of the stack gave weights: ${errors.join("; ")}`);
    this.errors = errors;
  }
}

/**
 * One proposal out of those of all members, in the order of the stack. Each is normalised first, since raw weights of different strategies have
 * no common scale.
 *
 * `weighted`: `W(e) = Σ λ w(e)` over members that add, null or missing counting 0, times w(e) of each gate over its largest; null where every
 * member that mentions e says null, or a gate or one with a veto does. `sequence`: the proposal of the first member that is not done, vetoes
 * of the others included. A member that failed is left out. Nothing depends on the order of Transformations. (spec/strategies.md §11.1)
 * @throws {StackFailed} when no member is left
 */
export function combineMembers(
  stack: StrategyStack,
  proposals: readonly MemberProposal[],
  network: StrategyNetwork,
  results: NetworkResults,
): Proposal {
  const spent = [...results.values()].reduce((sum, { gpuHours }) => sum + (gpuHours ?? 0), 0);
  const why: string[] = [];
  const errors: string[] = [];
  const members = stack.members.flatMap((member, place): MemberWeights[] => {
    const proposal = proposals[place];
    const name = `Member ${place + 1}`;
    if (proposal === undefined || "error" in proposal) {
      errors.push(`${name}: ${proposal?.error ?? "was not asked"}`);
      return [];
    }
    const end = endOf(member, network, results, spent);
    why.push(`${name}: ${end ?? proposal.why}`);
    return [{ member, weights: end === undefined ? resolveWeights(proposal.weights) : allNull(proposal.weights) }];
  });
  if (members.length === 0) throw new StackFailed(errors);
  if (stack.maxGpuHours !== null && spent >= stack.maxGpuHours) {
    const weights = new Map(members.flatMap((member) => [...allNull(member.weights)]));
    return { weights, why: `${spent.toFixed(1)} GPU hours are spent; the limit of the stack is ${stack.maxGpuHours}` };
  }
  const weights = stack.combine === "sequence" ? firstNotDone(members) : weightedSum(members);
  return { weights, why: [...why, ...errors].join(". ") };
}

interface MemberWeights {
  readonly member: StackMember;
  readonly weights: Weights;
}

/** Why a member is done whatever it proposes. */
function endOf(member: StackMember, network: StrategyNetwork, results: NetworkResults, spent: number): string | undefined {
  if (member.maxGpuHours !== null && spent >= member.maxGpuHours) {
    return `done, since ${spent.toFixed(1)} of its ${member.maxGpuHours} GPU hours are spent`;
  }
  if (member.until === "connected" && isConnected(network, results)) return "done, since results connect all ligands that can be";
  return undefined;
}

/** Whether measurements with results connect all that planned ones would. */
function isConnected(network: StrategyNetwork, results: NetworkResults): boolean {
  const plan = measurementPlan(network);
  const nodes = [null, ...planNodes(plan)];
  const achieved = plan.filter(({ legs }) =>
    legs.every(({ edges }) => edges.some(({ edge }) => (results.get(edge.key) ?? noResults).n > 0)),
  );
  const groups = (measurements: typeof plan): number =>
    connectedComponents<string | null>(
      nodes,
      measurements.map(({ from, to }) => [from, to]),
    ).length;
  return groups(achieved) === groups(plan);
}

function allNull(weights: Weights): Map<string, null> {
  return new Map([...weights.keys()].map((key) => [key, null]));
}

/** The first that is not done, under the gates and vetoes of all. */
function firstNotDone(members: readonly MemberWeights[]): Weights {
  const current = members.find(
    ({ member, weights }) => member.role === "add" && [...weights.values()].some((weight) => weight !== null),
  );
  if (current === undefined) return new Map(members.flatMap(({ weights }) => [...allNull(weights)]));
  const rules = members.filter(({ member }) => member.role !== "add");
  return weightedSum([current, ...rules.map(({ member, weights }) => ({ member: { ...member, weight: 0 }, weights }))]);
}

function weightedSum(members: readonly MemberWeights[]): Weights {
  const sums = new Map<string, number | null>();
  for (const { member, weights } of members) {
    if (member.role === "gate") continue;
    for (const [key, weight] of weights) {
      const before = sums.get(key) ?? null;
      sums.set(key, weight === null ? before : (before ?? 0) + member.weight * weight);
    }
  }
  for (const { member, weights } of members) {
    const largest = [...weights.values()].reduce<number>((most, weight) => Math.max(most, weight ?? 0), 0);
    for (const [key, weight] of weights) {
      const sum = sums.get(key) ?? null;
      if (weight === null && member.role !== "add") sums.set(key, null);
      else if (weight !== null && member.role === "gate" && sum !== null)
        sums.set(key, largest === 0 ? 0 : (sum * weight) / largest);
    }
  }
  return sums;
}
