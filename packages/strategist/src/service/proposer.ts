import type { ScopedKey } from "@alchemiscale/contract";
import type { ObjectText, StrategyWork } from "@alchemiscale/statestore";

/** What a strategy that does not run here is asked with. */
export interface ProposalRequest {
  readonly network: ScopedKey;
  /** Keyed chain of the strategy. */
  readonly strategy: readonly ObjectText[];
  readonly work: StrategyWork;
  readonly signal: AbortSignal;
}

/** Nobody could be asked now; that is no fault of the strategy, and it is tried again. */
export class ProposerUnavailable extends Error {
  override readonly name = "ProposerUnavailable";
}

/** Runs strategies of Python packages. */
export interface Proposer {
  /**
   * Raw weights by the stored keys of Transformations.
   * @throws what the strategy raised; an error whose `name` is the class, and whose `stack` is the traceback. {@link ProposerUnavailable}
   */
  propose(request: ProposalRequest): Promise<{ readonly weights: ReadonlyMap<string, number | null>; readonly why: string }>;
}
