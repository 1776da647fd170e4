import { type NetworkResults, noResults, type TransformationResults } from "./transformation-results.ts";

/** Results as tables have them: how many, and the estimates of each. null: none. */
export interface TableResults {
  readonly n: number | null;
  readonly estimates?: readonly (number | null)[];
}

/** By key of the Transformation. */
export function resultsFromTable(table: Readonly<Record<string, TableResults | null>>): NetworkResults {
  const results = new Map<string, TransformationResults>();
  for (const [key, row] of Object.entries(table)) {
    const n = row?.n ?? null;
    if (n === null) continue;
    const values = (row?.estimates ?? []).filter((value) => value !== null);
    results.set(key, { ...noResults, n, ...meanAndSpread(values) });
  }
  return results;
}

/** Mean and sample standard deviation; a single value, or equal ones, leave the spread unknown. */
export function meanAndSpread(values: readonly number[]): Pick<TransformationResults, "estimate" | "spread" | "dof"> {
  if (values.length === 0) return { estimate: null, spread: null, dof: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (squares === 0) return { estimate: mean, spread: null, dof: 0 };
  const dof = values.length - 1;
  return { estimate: mean, spread: Math.sqrt(squares / dof), dof };
}
