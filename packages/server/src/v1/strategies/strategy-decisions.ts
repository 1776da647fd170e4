/** `GET /v1/networks/{network}/strategy/decisions`. */
import type { StrategyDecision, userRoutes } from "@alchemiscale/contract";
import type { StoredDecision } from "@alchemiscale/statestore";
import type { Handler } from "../../transport/handler.ts";
import { isoMicroseconds } from "../events/event-text.ts";
import { requireNetwork } from "../require-class.ts";

/** What strategists write. */
type Written = Omit<
  StrategyDecision,
  "id" | "at" | "iteration" | "strategy" | "created" | "actioned" | "cancelled" | "members"
> & {
  readonly action: StrategyDecision["actioned"];
  readonly cancel: StrategyDecision["cancelled"];
  readonly members?: StrategyDecision["members"];
};

export const strategyDecisions: Handler<typeof userRoutes.strategyDecisions> = async ({ context, params, query }) => {
  requireNetwork(params.network);
  const { limit = 10, before = null } = query;
  const stored = await context.stateStore.strategies.decisions(params.network, before, limit + 1);
  const decisions = stored.slice(0, limit).map(told);
  return { decisions, next: stored.length > limit ? (decisions.at(-1)?.id ?? null) : null };
};

function told({ id, at, iteration, strategy, text, created }: StoredDecision): StrategyDecision {
  const { outcome, why, weights, targets, action, cancel, blocked, members = [] } = JSON.parse(text) as Written;
  return {
    id,
    at: isoMicroseconds(at),
    iteration,
    strategy,
    outcome,
    why,
    weights,
    targets,
    created: [...created],
    actioned: action,
    cancelled: cancel,
    blocked,
    members,
  };
}
