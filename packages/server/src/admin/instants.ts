/** Instants on the wire: ISO 8601, UTC in replies. */
import type { Instant } from "@alchemiscale/statestore";

const isoPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Null for a text that is no instant; one without an offset is none. To the millisecond. */
export function instantOf(text: string): Instant | null {
  const milliseconds = isoPattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? null : milliseconds * 1000;
}

export function isoOf(instant: Instant): string {
  return new Date(Math.floor(instant / 1000)).toISOString();
}
