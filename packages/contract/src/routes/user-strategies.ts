/** The user API's routes for strategies (user-api §5.9). */
import { Type } from "typebox";
import { networkParam, pathKeys, userGet, userPost } from "../declare-route.ts";
import { strategyModes, strategyStatuses, taskScalings } from "../statuses.ts";
import { Empty, KeyedChain, ScopedKeyOrNull } from "../wire-types.ts";

const ofNetwork = { permission: pathKeys("network"), params: networkParam };
/** One of these words. */
export const words = <T extends string>(texts: readonly T[]) =>
  Type.Unsafe<T>(Type.Union(texts.map((text) => Type.Literal(text))));

export const StrategyState = Type.Object({
  mode: words(strategyModes),
  status: words(strategyStatuses),
  iterations: Type.Integer(),
  sleep_interval: Type.Integer(),
  last_iteration: Type.Union([Type.String(), Type.Null()]),
  last_iteration_result_count: Type.Integer(),
  max_tasks_per_transformation: Type.Integer(),
  task_scaling: words(taskScalings),
  exception: Type.Union([Type.Tuple([Type.String(), Type.String()]), Type.Null()]),
  traceback: Type.Union([Type.String(), Type.Null()]),
});

/** What users own of a strategy's state. */
export const strategySettings = {
  max_tasks_per_transformation: Type.Optional(Type.Integer({ minimum: 1 })),
  task_scaling: Type.Optional(words(taskScalings)),
  mode: Type.Optional(words(strategyModes)),
  sleep_interval: Type.Optional(Type.Integer({ minimum: 1 })),
};

export const userStrategyRoutes = {
  setStrategy: userPost({
    path: "/networks/:network/strategy",
    summary: "Sets, replaces or removes the strategy of a network",
    ...ofNetwork,
    body: Type.Object({ strategy: Type.Union([KeyedChain, Type.Null()]), ...strategySettings }),
    bodyKind: "chain",
    reply: ScopedKeyOrNull,
  }),
  strategy: userGet({
    path: "/networks/:network/strategy",
    summary: "The strategy of a network",
    ...ofNetwork,
    reply: Type.Union([KeyedChain, Type.Null()]),
  }),
  strategyState: userGet({
    path: "/networks/:network/strategy/state",
    summary: "The state of a network's strategy",
    ...ofNetwork,
    reply: Type.Union([StrategyState, Type.Null()]),
  }),
  strategyStatus: userGet({
    path: "/networks/:network/strategy/status",
    summary: "The status of a network's strategy",
    ...ofNetwork,
    reply: Type.Union([Type.String(), Type.Null()]),
  }),
  wakeStrategy: userPost({
    path: "/networks/:network/strategy/awake",
    summary: "Wakes a dormant or failed strategy",
    ...ofNetwork,
    body: Empty,
    reply: ScopedKeyOrNull,
  }),
} as const;
