/** Results and what follows from them (§9, compute-api §7), restarts (§10). */
import type { Instant } from "../../src/index.ts";
import { cancel } from "./hubs.ts";
import type { Model, ModelFailure, ModelNetwork, ModelResult, ModelTask } from "./model.ts";
import { setStatus } from "./tasks.ts";

/** Whether a pattern is found in a text: the patterns of the test are words. */
export type Finds = (pattern: string, text: string) => boolean;

/** False where it was reported before, and nothing follows. */
export function reportResult(model: Model, task: ModelTask, result: ModelResult, now: Instant, finds: Finds): boolean {
  if (task.results.some((known) => known.resultKey === result.resultKey && known.ok === result.ok)) return false;
  task.results.push(result);
  follow(model, task, result.ok, result.creator, now, finds);
  return true;
}

export function reportFailure(model: Model, task: ModelTask, failure: ModelFailure, finds: Finds): void {
  const last = task.failures.at(-1);
  const same = last?.service === failure.service && last.exception === failure.exception && last.traceback === failure.traceback;
  // A repeated request, unless the Task ran again meanwhile.
  if (same && !(task.status === "running" && mayFail(task, failure.service))) return;
  task.failures.push(failure);
  follow(model, task, false, failure.service, failure.at, finds);
}

/** A failure of a service whose claim has passed to another does not end that one's work. */
function mayFail(task: ModelTask, poster: string): boolean {
  return task.claim === null || task.claim.id === poster || poster === "None";
}

function follow(model: Model, task: ModelTask, ok: boolean, poster: string, now: Instant, finds: Finds): void {
  if (ok) {
    if (task.status === "running") setStatus(model, task, "complete");
    return;
  }
  model.service(poster)?.failures.unshift(now);
  if (task.status === "running" && mayFail(task, poster)) setStatus(model, task, "error");
  else if (task.status !== "error") return;
  resolveRestarts(model, [task], finds);
}

/** For each errored Task under a pattern: it waits once more, or leaves the hub. */
export function resolveRestarts(model: Model, tasks: readonly ModelTask[], finds: Finds): void {
  for (const task of tasks) {
    const linked = (network: ModelNetwork) => network.patterns.filter((pattern) => pattern.counters.has(task));
    const hubs = model.networks.filter((network) => linked(network).length > 0);
    if (task.status !== "error" || hubs.length === 0) continue;
    const texts = newestTracebacks(task);
    for (const hub of hubs) {
      const matching = linked(hub).filter(({ pattern }) => texts.some((text) => finds(pattern, text)));
      const usedUp = matching.some(({ counters, maxRetries }) => (counters.get(task) ?? 0) + 1 > maxRetries);
      if (matching.length === 0 || usedUp) cancel(hub, task);
      else for (const { counters } of matching) counters.set(task, (counters.get(task) ?? 0) + 1);
    }
    if (model.networks.some((network) => linked(network).length > 0)) setStatus(model, task, "waiting");
  }
}

/** Of the newest result that has any, or of a failure without a result that came later. */
function newestTracebacks(task: ModelTask): string[] {
  const results = task.results.filter(({ tracebacks }) => tracebacks.length > 0);
  const newest = results.reduce<ModelResult | null>(
    (best, result) => (best === null || result.created >= best.created ? result : best),
    null,
  );
  const failure = task.failures.at(-1);
  if (failure !== undefined && (newest === null || failure.at / 1000 >= Date.parse(newest.created))) return [failure.traceback];
  return newest === null ? [] : newest.tracebacks.map(({ traceback }) => traceback);
}
