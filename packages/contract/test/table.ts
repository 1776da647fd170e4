/** Reads one of the golden tables: verdicts of the Python implementation on the same inputs. */
import { readFileSync } from "node:fs";

export function tableRows<Row>(name: string): readonly Row[] {
  const text = readFileSync(new URL(`fixtures/tables/${name}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { rows: readonly Row[] }).rows;
}
