import type { Decision } from "../decision/decision.ts";

/** What is kept of an iteration: what was decided and why. */
export interface IterationDecision extends Omit<Decision, "outcome"> {
  readonly outcome: Decision["outcome"] | "error";
  /** Of a stack, in its order: what each member proposed. */
  readonly members?: readonly MemberDecision[];
}

export interface MemberDecision {
  /** gufe key. */
  readonly strategy: string;
  /** Raw; null where it failed. */
  readonly weights: Readonly<Record<string, number | null>> | null;
  readonly why: string;
}
