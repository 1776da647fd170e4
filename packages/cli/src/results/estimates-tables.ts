/** The tables that chemists look for: ligands, pairs of ligands, transformations. kcal/mol. */
import type { NetworkCost, NetworkEstimates, TransformationEstimate } from "@alchemiscale/contract";
import { printable } from "../terminal/printable.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";

const none = style("dim", "–");

export function ligandsTable(ligands: NetworkEstimates["ligands"]): string {
  return table(
    [
      { title: "ligand", shrinkTo: 16 },
      { title: "ΔG (kcal/mol)", align: "right" },
      { title: "pairs", align: "right" },
      { title: "repeats", align: "right" },
      { title: "closure", align: "right" },
      { title: "component", align: "right" },
      { title: "flags", shrinkTo: 12 },
    ],
    ligands.map(({ name, ligand, estimate, uncertainty, n_pairs, n_repeats, closure, component, flags }) => [
      printable(name || ligand),
      value(estimate, uncertainty),
      String(n_pairs),
      String(n_repeats),
      closure === null ? none : closure.toFixed(2),
      String(component),
      flagText(flags),
    ]),
  );
}

export function pairsTable(pairs: NetworkEstimates["pairs"]): string {
  return table(
    [
      { title: "from", shrinkTo: 12 },
      { title: "to", shrinkTo: 12 },
      { title: "ΔΔG (kcal/mol)", align: "right" },
      { title: "by the network", align: "right" },
      { title: "repeats", align: "right" },
      { title: "closure", align: "right" },
      { title: "flags", shrinkTo: 12 },
    ],
    pairs.map(({ name_a, name_b, ligand_a, ligand_b, estimate, uncertainty, fitted, n_repeats, closure, flags }) => [
      ligand_a === null ? none : printable(name_a || ligand_a),
      printable(name_b || ligand_b),
      value(estimate, uncertainty),
      fitted === null ? none : value(fitted.estimate, fitted.uncertainty),
      String(n_repeats),
      closure === null ? none : closure.mean.toFixed(2),
      flagText(flags),
    ]),
  );
}

export function transformationsTable(rows: NonNullable<NetworkEstimates["by_transformation"]>): string {
  return table(
    [
      { title: "transformation", shrinkTo: 16 },
      { title: "protocol", shrinkTo: 12 },
      { title: "results", align: "right" },
      { title: "failures", align: "right" },
      { title: "ΔF (kcal/mol)", align: "right" },
      { title: "flags", shrinkTo: 12 },
    ],
    rows.map(({ transformation, name, protocol, succeeded, failed, estimate, uncertainty, flags }) => [
      printable(name || transformation),
      printable(protocol),
      String(succeeded),
      failed === 0 ? style("dim", "0") : style("red", String(failed)),
      value(estimate, uncertainty),
      flagText(flags),
    ]),
  );
}

export function repeatsTable(repeats: TransformationEstimate["per_repeat"]): string {
  return table(
    [
      { title: "leg" },
      { title: "result", shrinkTo: 20 },
      { title: "repeat", shrinkTo: 12 },
      { title: "ΔF (kcal/mol)", align: "right" },
      { title: "overlap", align: "right" },
    ],
    repeats.map(({ leg, result, repeat, estimate, error, overlap }) => [
      leg ?? none,
      result,
      repeat,
      value(estimate, error),
      overlap === null ? none : overlap.toFixed(2),
    ]),
  );
}

export function costTable(cost: NetworkCost): string {
  const { tasks, hours, low, high, spent_hours: spent } = cost;
  return table(
    [
      { title: "" },
      { title: "Tasks", align: "right" },
      { title: "GPU hours", align: "right" },
      { title: "90 % within", align: "right" },
    ],
    [
      ["so far", "", spent.toFixed(1), none],
      [
        "still wanted",
        String(tasks),
        hours === null ? none : hours.toFixed(1),
        low === null || high === null ? none : `${low.toFixed(1)} to ${high.toFixed(1)}`,
      ],
    ],
  );
}

function value(estimate: number | null, uncertainty: number | null): string {
  if (estimate === null) return none;
  return `${estimate.toFixed(3)} ± ${uncertainty === null ? "?" : uncertainty.toFixed(3)}`;
}

function flagText(flags: readonly string[]): string {
  return flags.length === 0 ? "" : style("yellow", flags.join(", "));
}
