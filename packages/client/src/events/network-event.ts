import type { ScopedKey } from "@alchemiscale/contract";
import { asObject, asScopedKey, listOf } from "../reply-shapes.ts";

/** One change: of a Task's status, claim, weight or priority, an action, a result, a restart, a network's state (docs/api.md). */
export interface NetworkEvent {
  /** Where to go on after it. */
  readonly id: string;
  /** ISO 8601, UTC, microseconds. */
  readonly at: string;
  readonly kind: string;
  readonly task: ScopedKey | null;
  readonly network: ScopedKey | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly identity: string | null;
  readonly service: string | null;
  readonly strategy: string | null;
  readonly reason: string | null;
}

export interface EventPage {
  readonly events: NetworkEvent[];
  /** `after` of the next page; null: no more for now. */
  readonly next: string | null;
}

export function readEventPage(value: unknown): EventPage | undefined {
  const page = asObject(value);
  const events = listOf(page?.events, readEvent);
  const next = page?.next;
  return events === undefined || !(next === null || typeof next === "string") ? undefined : { events, next };
}

/** Undefined for something else. */
export function readEvent(value: unknown): NetworkEvent | undefined {
  const event = asObject(value);
  if (event === undefined) return undefined;
  const { id, at, kind } = event;
  if (typeof id !== "string" || typeof at !== "string" || typeof kind !== "string") return undefined;
  const text = (member: unknown) => (typeof member === "string" ? member : null);
  const key = (member: unknown) => asScopedKey(member) ?? null;
  return {
    id,
    at,
    kind,
    task: key(event.task),
    network: key(event.network),
    from: text(event.from),
    to: text(event.to),
    identity: text(event.identity),
    service: text(event.service),
    strategy: text(event.strategy),
    reason: text(event.reason),
  };
}
