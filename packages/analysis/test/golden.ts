/** The golden tables that tests read: what the Python libraries gave. */
import { readFileSync } from "node:fs";

/** The rows of a table. */
export function goldenRows<Row>(name: string): Row[] {
  const text = readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { rows: Row[] }).rows;
}

/** Within 1e-9 of the value, or 1e-12 near 0. */
export function isNear(found: number, expected: number, relative = 1e-9): boolean {
  return Math.abs(found - expected) <= Math.max(relative * Math.abs(expected), 1e-12);
}
