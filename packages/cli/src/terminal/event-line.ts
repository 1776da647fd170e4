import type { NetworkEvent } from "@alchemiscale/client";
import { isTaskStatus } from "@alchemiscale/contract";
import { printable } from "./printable.ts";
import { styledStatus } from "./status-table.ts";
import { style } from "./style.ts";

/** What happened, in one line. */
export function eventLine({ at, kind, task, network, from, to, service, identity, reason }: NetworkEvent): string {
  const by = service ?? identity;
  return [
    style("dim", at.slice(0, 19)),
    kind.padEnd(8),
    task ?? network ?? "",
    from === null && to === null ? "" : `${state(from)} → ${state(to)}`,
    by === null ? "" : style("dim", `by ${printable(by)}`),
    reason === null ? "" : printable(reason).split("\n").at(-1),
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function state(text: string | null): string {
  if (text === null) return "–";
  return isTaskStatus(text) ? styledStatus(text) : printable(text);
}
