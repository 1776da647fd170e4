import { taskStatuses } from "@alchemiscale/contract";
import type { TaskCount } from "@alchemiscale/statestore";

export interface TaskSeries {
  readonly labels: { readonly status: string; readonly scope?: string };
  readonly tasks: number;
}

/** A series costs whoever keeps it; scopes come without end. */
const mostSeries = 100;

/**
 * The series of Tasks: every status, with 0 where there are none; by scope those with the most Tasks, and the rest under the scope
 * `other`, 100 in all.
 * @param counts the largest numbers first
 */
export function taskSeries(counts: readonly TaskCount[], byScope: boolean): TaskSeries[] {
  if (!byScope) {
    const known = new Map<string, number>(counts.map(({ status, tasks }) => [status, tasks]));
    return taskStatuses.map((status) => ({ labels: { status }, tasks: known.get(status) ?? 0 }));
  }
  const own = counts.length <= mostSeries ? mostSeries : mostSeries - taskStatuses.length;
  const series: TaskSeries[] = counts
    .slice(0, own)
    .map(({ scope, status, tasks }) => ({ labels: { scope: scope ?? "", status }, tasks }));
  const rest = new Map<string, number>();
  for (const { status, tasks } of counts.slice(own)) rest.set(status, (rest.get(status) ?? 0) + tasks);
  for (const [status, tasks] of rest) series.push({ labels: { scope: "other", status }, tasks });
  return series;
}
