/** Our own routes for strategies: stacks of them, and what was decided. The state of one is that of the compatible routes, too. */
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { networkParam, pathKeys, userDelete, userGet, userPost, userPut } from "../declare-route.ts";
import { stackCombinations, stackRoles, stackUntils, strategyStatuses } from "../statuses.ts";
import { KeyedChain, ScopedKeyText } from "../wire-types.ts";
import { StrategyState, strategySettings, words } from "./user-strategies.ts";

const ofNetwork = { permission: pathKeys("network"), params: networkParam, errors: "problem" } as const;
const path = "/v1/networks/:network/strategy";

const gpuHours = Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]);

const memberRules = {
  /** Of the weighted sum. */
  weight: Type.Optional(Type.Number({ exclusiveMinimum: 0, default: 1 })),
  role: Type.Optional(words(stackRoles)),
  until: Type.Optional(words(stackUntils)),
  /** GPU hours spent on the network after which it is done. */
  max_gpu_hours: Type.Optional(gpuHours),
};

const stackRules = {
  combine: Type.Optional(words(stackCombinations)),
  /** Of the whole stack. */
  max_gpu_hours: Type.Optional(gpuHours),
};

/** One member of a stack as it is sent, beside its strategy. */
export const StackMemberRules = Type.Object(memberRules);
export type StackMemberRules = Static<typeof StackMemberRules>;

/** What is sent beside the members. */
export const StackSettings = Type.Object({ ...stackRules, ...strategySettings });
export type StackSettings = Static<typeof StackSettings>;

const { exception, traceback } = StrategyState.properties;

export const StrategyDescription = Type.Object({
  network: ScopedKeyText,
  ...StrategyState.properties,
  /** Why no strategist could execute it; null: one could. */
  blocked: Type.Union([Type.String(), Type.Null()]),
  combine: words(stackCombinations),
  max_gpu_hours: gpuHours,
  members: Type.Array(
    Type.Object({
      strategy: ScopedKeyText,
      weight: Type.Number(),
      role: words(stackRoles),
      until: words(stackUntils),
      max_gpu_hours: gpuHours,
      /** Of this member. */
      status: words(strategyStatuses),
      exception,
      traceback,
      chain: KeyedChain,
    }),
  ),
});
export type StrategyDescription = Static<typeof StrategyDescription>;

export function isStrategyDescription(value: unknown): value is StrategyDescription {
  return Check(StrategyDescription, value);
}

const weights = Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()]));
const tasks = Type.Array(Type.Object({ transformation: Type.String(), task: ScopedKeyText }));

/** Keys of Transformations are gufe keys. */
export const StrategyDecision = Type.Object({
  id: Type.Integer(),
  /** ISO 8601, UTC, microseconds. */
  at: Type.String(),
  iteration: Type.Integer(),
  /** Of a stack, the first member. */
  strategy: ScopedKeyText,
  outcome: Type.Union([Type.Literal("awake"), Type.Literal("dormant"), Type.Literal("error")]),
  /** Sentences for people. */
  why: Type.Array(Type.String()),
  /** Shares of the network; null: never again. */
  weights,
  /** Tasks that should be actioned at the same time. */
  targets: Type.Record(Type.String(), Type.Integer()),
  created: Type.Array(ScopedKeyText),
  actioned: tasks,
  cancelled: tasks,
  /** Transformations that would have a target, but have a Task in error. */
  blocked: Type.Array(Type.String()),
  /** Of a stack, in its order; raw weights, null where the member failed. */
  members: Type.Array(Type.Object({ strategy: Type.String(), weights: Type.Union([weights, Type.Null()]), why: Type.String() })),
});
export type StrategyDecision = Static<typeof StrategyDecision>;

export const StrategyDecisions = Type.Object({
  decisions: Type.Array(StrategyDecision),
  /** `before` of the next page; null: there is none. */
  next: Type.Union([Type.Integer(), Type.Null()]),
});
export type StrategyDecisions = Static<typeof StrategyDecisions>;

export function isStrategyDecisions(value: unknown): value is StrategyDecisions {
  return Check(StrategyDecisions, value);
}

export const v1StrategyRoutes = {
  strategyDescription: userGet({
    path,
    summary: "The strategy of a network, with all members of its stack",
    ...ofNetwork,
    reply: Type.Union([StrategyDescription, Type.Null()]),
  }),
  putStrategy: userPut({
    path,
    summary: "Sets or replaces the strategy of a network by a stack of one or more",
    description: "Its state starts anew. Members are in order; one member without rules is the same as on the compatible route.",
    ...ofNetwork,
    body: Type.Object({
      members: Type.Array(Type.Object({ strategy: KeyedChain, ...memberRules }), { minItems: 1, maxItems: 16 }),
      ...stackRules,
      ...strategySettings,
    }),
    bodyKind: "chain",
    reply: ScopedKeyText,
  }),
  deleteStrategy: userDelete({
    path,
    summary: "Removes the strategy of a network",
    ...ofNetwork,
    reply: Type.Null(),
  }),
  changeStrategy: userPost({
    path: `${path}/settings`,
    summary: "Changes settings of a network's strategy; what it has come to stays",
    ...ofNetwork,
    body: Type.Object(strategySettings),
    reply: ScopedKeyText,
  }),
  strategyDecisions: userGet({
    path: `${path}/decisions`,
    summary: "What was decided for a network and why, the newest first",
    ...ofNetwork,
    query: {
      before: Type.Optional(Type.Integer({ minimum: 1 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 10 })),
    },
    reply: StrategyDecisions,
  }),
} as const;
