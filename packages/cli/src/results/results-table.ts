import { printable } from "../terminal/printable.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import type { TransformationResults } from "./transformation-results.ts";

/** One line a transformation; ΔF in kcal/mol where it is known. */
export function resultsTable(results: readonly TransformationResults[]): string {
  return table(
    [
      { title: "transformation", shrinkTo: 16 },
      { title: "protocol", shrinkTo: 12 },
      { title: "results", align: "right" },
      { title: "failures", align: "right" },
      { title: "ΔF (kcal/mol)", align: "right" },
    ],
    results.map(({ name, protocol, succeeded, failed, estimate }) => [
      printable(name),
      printable(protocol),
      String(succeeded),
      failed === 0 ? style("dim", "0") : style("red", String(failed)),
      estimate === null ? style("dim", "–") : withUncertainty(estimate.estimate, estimate.uncertainty),
    ]),
  );
}

/** `-0.617 ± 0.021`, in kcal/mol: nobody needs more decimals, and columns are read best when all have the same. */
export function withUncertainty(value: number, uncertainty: number): string {
  return `${value.toFixed(3)} ± ${uncertainty.toFixed(3)}`;
}
