/** The tables that chemists look for: ligands, pairs of ligands, transformations. kcal/mol. */
import type { NetworkCost, NetworkEstimates, TransformationEstimate } from "@alchemiscale/contract";
import { printable } from "../terminal/printable.ts";
import { style } from "../terminal/style.ts";
import { type Column, table } from "../terminal/table.ts";
import type { TransformationResults } from "./transformation-results.ts";
import { withUncertainty } from "./with-uncertainty.ts";

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
    [...transformationColumns, { title: "flags", shrinkTo: 12 }],
    rows.map(({ name, transformation, flags, ...row }) => [
      ...transformationCells({ ...row, name: name || transformation }),
      flagText(flags),
    ]),
  );
}

/** Of results that were pulled from a server that does not read them. */
export function pulledTable(results: readonly TransformationResults[]): string {
  return table(
    transformationColumns,
    results.map(({ estimate, ...row }) =>
      transformationCells({ ...row, estimate: estimate?.estimate ?? null, uncertainty: estimate?.uncertainty ?? null }),
    ),
  );
}

const transformationColumns: readonly Column[] = [
  { title: "transformation", shrinkTo: 16 },
  { title: "protocol", shrinkTo: 12 },
  { title: "results", align: "right" },
  { title: "failures", align: "right" },
  { title: "ΔF (kcal/mol)", align: "right" },
];

function transformationCells(row: {
  readonly name: string;
  readonly protocol: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly estimate: number | null;
  readonly uncertainty: number | null;
}): string[] {
  return [
    printable(row.name),
    printable(row.protocol),
    String(row.succeeded),
    row.failed === 0 ? style("dim", "0") : style("red", String(row.failed)),
    value(row.estimate, row.uncertainty),
  ];
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
  return estimate === null ? none : withUncertainty(estimate, uncertainty);
}

function flagText(flags: readonly string[]): string {
  return flags.length === 0 ? "" : style("yellow", flags.join(", "));
}
