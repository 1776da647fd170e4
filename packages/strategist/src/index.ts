/** Strategies: what is worth computing next. Pure functions from a network and its results to weights, and from weights to Tasks. */

export { type DecisionInput, decide } from "./decision/decide.ts";
export type { Decision, TaskOfTransformation, TransformationTasks } from "./decision/decision.ts";
export { InvalidWeight, resolveWeights } from "./decision/resolve-weights.ts";
export { taskCount, weightsToCounts } from "./decision/task-count.ts";
export { networkFromChain } from "./network/network-from-chain.ts";
export { resultsFromTable, type TableResults } from "./network/results-from-table.ts";
export { resultsOfEstimate } from "./network/results-of-estimate.ts";
export { type LigandChange, type StrategyEdge, type StrategyNetwork, withOutlook } from "./network/strategy-network.ts";
export { type NetworkResults, noResults, type TransformationResults } from "./network/transformation-results.ts";
export { findStrategy, strategies, strategyFromChain } from "./registry.ts";
export {
  type ComparisonOptions,
  type Contender,
  compareStrategies,
  type ErrorCurve,
  hoursToError,
} from "./simulation/compare-strategies.ts";
export { contenders } from "./simulation/contenders.ts";
export { largeNetwork, starNetwork, tyk2LikeNetwork } from "./simulation/example-networks.ts";
export {
  assumedNoise,
  defaultAssumptions,
  type NoiseAssumptions,
  type NoiseModel,
  type TransformationNoise,
} from "./simulation/noise-model.ts";
export { type CampaignOptions, type CampaignPoint, simulateCampaign } from "./simulation/simulate-campaign.ts";
export { combineMembers, StackFailed } from "./stack/combine-members.ts";
export { type MemberProposal, StackMember, StrategyStack, stackOfOne } from "./stack/strategy-stack.ts";
export {
  type ConfiguredStrategy,
  defineStrategy,
  type Proposal,
  type Strategy,
  type StrategyClass,
  type Weights,
} from "./strategy.ts";
export { InvalidStrategySettings } from "./strategy-settings.ts";
