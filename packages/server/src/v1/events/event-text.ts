/** An event as it goes over the wire. */
import type { Event } from "@alchemiscale/statestore";

export interface EventFacts extends Omit<Event, "id" | "at"> {
  readonly id: string;
  readonly at: string;
}

export function eventFacts(event: Event): EventFacts {
  const { id, at, ...rest } = event;
  return { id: String(id), at: isoMicroseconds(at), ...rest };
}

/** A block of a stream of server-sent events. A line of JSON holds no line break. */
export function eventBlock(event: Event): string {
  return `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(eventFacts(event))}\n\n`;
}

/** Microseconds since 1970 as ISO 8601, UTC. */
export function isoMicroseconds(instant: number): string {
  const text = new Date(Math.floor(instant / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(instant % 1000).padStart(3, "0")}Z`;
}
