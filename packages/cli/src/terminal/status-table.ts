/** Numbers of Tasks by status, in the order and colours that users of the Python client know (user-api §7.5). */
import type { TaskStatus } from "@alchemiscale/contract";
import { style } from "./style.ts";
import { type Column, table } from "./table.ts";

const colours = {
  complete: "green",
  running: "#ffaf00",
  waiting: "#1793d0",
  error: "#ff073a",
  invalid: "magenta",
  deleted: "#8700af",
} as const satisfies Record<TaskStatus, Parameters<typeof style>[0]>;

/** Every status, with zeros. */
export function completeCounts(counts: Partial<Record<TaskStatus, number>>): Record<TaskStatus, number> {
  return { complete: 0, running: 0, waiting: 0, error: 0, invalid: 0, deleted: 0, ...counts };
}

export function statusTable(counts: Partial<Record<TaskStatus, number>>): string {
  const all = completeCounts(counts);
  const statuses = Object.keys(colours) as TaskStatus[];
  return table(
    [{ title: "status" }, { title: "count", align: "right" }],
    statuses.map((status) => [style(colours[status], status), String(all[status])]),
  );
}

/** Columns for some statuses, in tables of other things. */
export function statusColumns(statuses: readonly TaskStatus[]): Column[] {
  return statuses.map((status) => ({ title: status, align: "right" }));
}

/** Their cells: what is zero is dim, so that the others stand out. */
export function statusCells(statuses: readonly TaskStatus[], counts: Partial<Record<TaskStatus, number>>): string[] {
  return statuses.map((status) => {
    const count = counts[status] ?? 0;
    return style(count === 0 ? "dim" : colours[status], String(count));
  });
}

/** A status in its colour. */
export function styledStatus(status: TaskStatus): string {
  return style(colours[status], status);
}
