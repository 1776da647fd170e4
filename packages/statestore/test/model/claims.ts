/** What a claim may give (§7): which Tasks is left to chance, within rules. */
import { claimable } from "./hubs.ts";
import type { Model, ModelNetwork, ModelService, ModelTask } from "./model.ts";

/** As many as there are, up to `count`, whole levels of priority first. Why `claimed` is not such a choice; null where it is. */
export function wrongWithClaim(
  model: Model,
  network: ModelNetwork,
  claimed: readonly ModelTask[],
  count: number,
  protocols: readonly string[] | null,
  taken: ReadonlySet<ModelTask> = new Set(),
): string | null {
  const candidates = claimable(model.tasks, network, protocols).filter((task) => !taken.has(task));
  if (claimed.length !== Math.min(count, candidates.length))
    return `${claimed.length} claimed of ${candidates.length} for ${count}`;
  if (new Set(claimed).size < claimed.length) return "one is claimed twice";
  const strange = claimed.find((task) => !candidates.includes(task));
  if (strange !== undefined) return `${strange.key} could not be claimed`;
  const levels = candidates.map(({ priority }) => priority).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const order = claimed.findIndex(({ priority }, i) => priority !== levels[i]);
  return order < 0 ? null : `the priority at ${order} is ${claimed[order]?.priority} and not ${levels[order]}`;
}

/** Hubs are asked one after the other, in some order, each for all that is missing: true where one order explains `claimed`. */
export function explainedByHubs(
  model: Model,
  hubs: readonly ModelNetwork[],
  claimed: readonly ModelTask[],
  count: number,
  protocols: readonly string[] | null,
  taken: ReadonlySet<ModelTask> = new Set(),
): boolean {
  const rest = claimed.slice(taken.size);
  if (hubs.length === 0 || count === taken.size) return rest.length === 0;
  return hubs.some((hub) => {
    const here = claimable(model.tasks, hub, protocols).filter((task) => !taken.has(task));
    const part = rest.slice(0, Math.min(here.length, count - taken.size));
    if (wrongWithClaim(model, hub, part, count - taken.size, protocols, taken) !== null) return false;
    const others = hubs.filter((other) => other !== hub);
    return explainedByHubs(model, others, claimed, count, protocols, new Set([...taken, ...part]));
  });
}

export function claim(task: ModelTask, service: ModelService): void {
  task.status = "running";
  task.claim = service;
}
