/** What the analysis commands show to people: rounded, in tables. `--json` has every digit. */
import { type Column, table } from "../terminal/table.ts";
import type { BarOutput } from "./bar-case.ts";
import type { ClosureOutput } from "./closure-case.ts";
import type { ConvertOutput } from "./convert-case.ts";
import type { MbarOutput } from "./mbar-case.ts";
import type { MleOutput } from "./mle-case.ts";
import type { NetworkStatisticsOutput, SeriesOutput } from "./statistics-case.ts";

export function barText({ bar_BAR, bar_MBAR, exp_F, exp_R, overlap }: BarOutput): string {
  const rows = [
    ["BAR", decimals(bar_BAR.df), decimals(bar_BAR.ddf), "Bennett's"],
    ["", "", decimals(bar_MBAR.ddf), "MBAR's"],
    ["forward work alone", decimals(exp_F.df), decimals(exp_F.ddf), "exponential average"],
    ["reverse work alone", decimals(-exp_R.df), decimals(exp_R.ddf), "exponential average"],
  ];
  const columns = [{ title: "" }, number("ΔF"), number("σ"), { title: "" }];
  return `${table(columns, rows)}\nkT; overlap ${decimals(overlap)}`;
}

export function mbarText({ df, ddf, overlap_scalar }: MbarOutput): string {
  const rows = df.map((_, state) => [String(state), decimals(df[0]?.[state]), decimals(ddf[0]?.[state])]);
  return `${table([number("state"), number("ΔF from 0"), number("σ")], rows)}\nkT; overlap ${decimals(overlap_scalar)}`;
}

export function mleText({ components }: MleOutput): string {
  return components
    .map(({ reference, ligand_order, value, sigma, shifted, chi2, dof }) => {
      const columns = [
        { title: "ligand", shrinkTo: 8 },
        number("ΔG"),
        number("σ"),
        ...(shifted === null ? [] : [number("ΔG shifted to experiment")]),
      ];
      const rows = ligand_order.map((ligand, i) => [
        ligand,
        decimals(value[i]),
        decimals(sigma[i]),
        ...(shifted === null ? [] : [decimals(shifted[i])]),
      ]);
      const zero = reference === "mean" ? "relative to their mean" : "absolute";
      return `${table(columns, rows)}\nkcal/mol, ${zero}; χ² ${decimals(chi2)} with ${dof} degrees of freedom`;
    })
    .join("\n\n");
}

export function closureText({ cycles, cycle_edges }: ClosureOutput): string {
  if (cycles.length === 0) return "There are no cycles.";
  const byCycle = table(
    [{ title: "cycle", shrinkTo: 12 }, number("closure"), number("per √edge"), number("in σ")],
    cycles.map(({ cycle, cc, cc_per_edge, cc_unc_normalized }) => [
      cycle.join(" → "),
      decimals(cc),
      decimals(cc_per_edge),
      decimals(cc_unc_normalized),
    ]),
  );
  const byEdge = table(
    [{ title: "edge", shrinkTo: 12 }, number("cycles"), number("mean per √edge"), number("max")],
    cycle_edges.map(({ a, b, n_cycles, mean, max }) => [`${a} – ${b}`, String(n_cycles), decimals(mean), decimals(max)]),
  );
  return `${byCycle}\n\n${byEdge}\nkcal/mol`;
}

export function statisticsText(output: SeriesOutput | NetworkStatisticsOutput): string {
  if ("bootstrap" in output) {
    const rows = Object.entries(output.bootstrap).map(([name, each]) => [
      name,
      decimals(each?.mle),
      each === undefined ? "" : `${decimals(each.low)} … ${decimals(each.high)}`,
    ]);
    return table([{ title: "" }, number("value"), number("95 % interval")], rows);
  }
  const { statistics_centred: ligands, edgewise, mle_error } = output;
  const names = Object.keys(ligands ?? edgewise.statistics ?? {});
  const rows = names.map((name) => [
    name,
    decimals(ligands?.[name as keyof typeof ligands]),
    decimals(edgewise.statistics?.[name as "RMSE" | "MUE"]),
  ]);
  const shown = table([{ title: "" }, number("ligands, centred"), number("edges")], rows);
  return mle_error === undefined ? shown : `${shown}\nNo statistics of ligands: ${mle_error}`;
}

export function convertText({ from, to, result: [value, sigma], result_unit }: ConvertOutput): string {
  return `${from} → ${to}: ${value}${sigma === null ? "" : ` ± ${sigma}`} ${result_unit}`;
}

function number(title: string): Column {
  return { title, align: "right" };
}

function decimals(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(3).replace(/^-(0\.000)$/, "$1");
}
