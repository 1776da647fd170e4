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

/** Runs strategies of Python packages. */
export interface Proposer {
  /**
   * Raw weights by the stored keys of Transformations.
   * @throws what the strategy raised; an error whose `name` is the class, and whose `stack` is the traceback
   */
  propose(request: ProposalRequest): Promise<{ readonly weights: ReadonlyMap<string, number | null>; readonly why: string }>;
}
