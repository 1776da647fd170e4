/** Free energies from stored results. Pure: runs in browsers too. */

export {
  type Affinity,
  type AffinityType,
  affinityTypes,
  affinityUnits,
  convertAffinity,
  convertDifferenceToPic50,
} from "./convert-affinity.ts";
export { type CostFeatures, costFeatures } from "./cost/cost-features.ts";
export { type CostEstimate, CostModel, type FinishedTask, type NetworkCost, type WantedTasks } from "./cost/cost-model.ts";
export { type BarEstimate, bar, barDifference } from "./estimators/bar.ts";
export { type Bootstrap, bootstrap, bootstrapBar, bootstrapBarUnpaired } from "./estimators/bootstrap.ts";
export { type ExponentialAverage, exponentialAverage } from "./estimators/exponential-average.ts";
export { forwardReverse, type PartEstimate } from "./estimators/forward-reverse.ts";
export { type MbarEstimate, type MbarOverlap, mbar } from "./estimators/mbar.ts";
export { OverlapError } from "./estimators/overlap-error.ts";
export {
  type CorrelationOptions,
  detectEquilibration,
  type Equilibration,
  type SubsampleOptions,
  statisticalInefficiency,
  uncorrelatedIndices,
} from "./estimators/statistical-inefficiency.ts";
export { InvalidInput } from "./invalid-input.ts";
export { connectedComponents } from "./network/connected-components.ts";
export {
  type ClosedCycle,
  type CycleClosure,
  type CycleClosureOptions,
  cycleClosure,
  type EdgeClosure,
  type MeasuredDifference,
} from "./network/cycle-closure.ts";
export { type MeasurementDiagnostics, measurementDiagnostics } from "./network/measurement-diagnostics.ts";
export type { NetworkMeasurement } from "./network/network-measurement.ts";
export { OnlineNetwork } from "./network/online-network.ts";
export { ligandValue, pairDifference, relativeTo, type ValueWithSigma } from "./network/pair-difference.ts";
export { type ShiftedToExperiment, shiftToExperiment } from "./network/shift-to-experiment.ts";
export { type NetworkComponent, type NetworkSolution, type SolveNetworkOptions, solveNetwork } from "./network/solve-network.ts";
export { gatherRounding } from "./pairs/gather-rounding.ts";
export { type LegType, legTypeOf } from "./pairs/leg-type.ts";
export {
  type EstimatedTransformation,
  type EstimateOfRepeats,
  type FreeEnergyPair,
  type IncompletePair,
  type NetworkPairs,
  type Observable,
  type PairLeg,
  pairLegs,
  type SelfTransformation,
} from "./pairs/pair-legs.ts";
export { type PairMeasurement, type PairMeasurements, pairMeasurements, sigmaFloor } from "./pairs/pair-measurements.ts";
export { type DisagreementLimits, type RepeatDisagreement, repeatDisagreement } from "./pairs/repeat-disagreement.ts";
export { type Repeat, type SigmaPolicy, sigmaPolicies } from "./pairs/sigma-policy.ts";
export { type Ligand, type TransformationRole, transformationRole } from "./pairs/transformation-role.ts";
export { RandomStream } from "./random/random-stream.ts";
export { resamples } from "./random/resamples.ts";
export { harmonicBar } from "./readers/harmonic-switching.ts";
export { CollectedFlags } from "./readings/collected-flags.ts";
export { estimateTransformation } from "./readings/estimate-transformation.ts";
export type { Flag, FlagCode } from "./readings/flag.ts";
export { estimateOfGathered, type GatheredEstimate } from "./readings/gathered-estimate.ts";
export { MalformedResult } from "./readings/malformed-result.ts";
export type { ProtocolReader, ReadableProtocol, ReaderFindings, ResultContent, UnitResult } from "./readings/protocol-reader.ts";
export { protocolReaders } from "./readings/protocol-readers.ts";
export { type ReadOptions, readResult, StoredResultReader } from "./readings/read-result.ts";
export {
  type AloneEstimate,
  type Convergence,
  type RepeatReading,
  type ResultReading,
  readerVersion,
  type StoredReading,
  type UnitReading,
  type UnreadableCode,
  type UnreadableResult,
  type WorkReading,
} from "./readings/result-reading.ts";
export type {
  EstimateMethod,
  LegEstimate,
  RepeatConvergence,
  RepeatEstimate,
  TransformationEstimate,
  UncertaintyKind,
} from "./readings/transformation-estimate.ts";
export {
  type Agreement,
  type AgreementStatistic,
  agreement,
  agreementStatistics,
  centredSeries,
} from "./statistics/agreement.ts";
export {
  type BootstrapAgreementOptions,
  type BootstrappedStatistic,
  bootstrapAgreement,
} from "./statistics/bootstrap-agreement.ts";
export { chiSquareSurvival } from "./statistics/chi-square.ts";
export { percentile } from "./statistics/percentile.ts";
export { gasConstant } from "./units/gas-constant.ts";
