/**
 * Several strategies for one network, in order, with one evaluation and one set of targets: members never apply targets themselves, since in
 * mode `full` they would cancel each other's Tasks. (spec/strategies.md §11.1)
 */
export interface StrategyStack {
  /** `weighted`: a sum of all members; `sequence`: the first member that is not done. */
  readonly combine: "weighted" | "sequence";
  readonly members: readonly StackMember[];
  /** Once so much is spent on the network, the stack is done; before, targets are kept within it. null: no limit. */
  readonly maxGpuHours: number | null;
}

export interface StackMember {
  /** λ of the weighted sum; above 0. */
  readonly weight: number;
  /** `veto`: its null wins over all others; `gate`: multiplies instead of adding. */
  readonly role: "add" | "veto" | "gate";
  /**
   * When it is done before all its weights are null: `connected`, once results connect all ligands. Then, or past its own limit of cost, it
   * counts as if it said null of everything.
   */
  readonly until: "done" | "connected";
  /** GPU hours spent on the network after which it is done; null: no limit. */
  readonly maxGpuHours: number | null;
}

/** What came of asking a member, its weights raw. A member that failed is left out; the stack fails when none is left. */
export type MemberProposal =
  | { readonly weights: ReadonlyMap<string, number | null>; readonly why: string }
  | { readonly error: string };
