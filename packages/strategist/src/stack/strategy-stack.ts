import { type Static, Type } from "typebox";

const limit = () =>
  Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
    default: null,
    description: "GPU hours spent on the network after which it is done; null: no limit",
  });

/** How one strategy takes part in a stack. */
export const StackMember = Type.Object({
  weight: Type.Number({ exclusiveMinimum: 0, default: 1, description: "λ of the weighted sum" }),
  role: Type.Union([Type.Literal("add"), Type.Literal("veto"), Type.Literal("gate")], {
    default: "add",
    description: "veto: adds, and its null wins over all others; gate: multiplies instead of adding, and its null wins, too",
  }),
  until: Type.Union([Type.Literal("done"), Type.Literal("connected")], {
    default: "done",
    description: "connected: it is done once results connect all ligands, even if not all of its weights are null",
  }),
  maxGpuHours: limit(),
});
export type StackMember = Static<typeof StackMember>;

/**
 * Several strategies for one network, in order, with one evaluation and one set of targets: members never apply targets themselves, since in
 * mode `full` they would cancel each other's Tasks. (spec/strategies.md §11.1)
 */
export const StrategyStack = Type.Object({
  combine: Type.Union([Type.Literal("weighted"), Type.Literal("sequence")], {
    default: "weighted",
    description: "weighted: the sum of all members; sequence: the first that is not done",
  }),
  members: Type.Array(StackMember, { minItems: 1, maxItems: 16 }),
  maxGpuHours: limit(),
});
export type StrategyStack = Static<typeof StrategyStack>;

/** A strategy alone. */
export const stackOfOne: StrategyStack = {
  combine: "weighted",
  members: [{ weight: 1, role: "add", until: "done", maxGpuHours: null }],
  maxGpuHours: null,
};

/** What came of asking a member, its weights raw. A member that failed is left out; the stack fails when none is left. */
export type MemberProposal =
  | { readonly weights: ReadonlyMap<string, number | null>; readonly why: string }
  | { readonly error: string };
