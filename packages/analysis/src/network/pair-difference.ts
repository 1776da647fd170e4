import type { NetworkComponent } from "./solve-network.ts";

/** A value with its standard deviation, kcal/mol. */
export interface ValueWithSigma {
  readonly value: number;
  readonly sigma: number;
}

/**
 * f(b) − f(a) of two ligands, by place in the component, with σ² = C_aa + C_bb − 2 C_ab, which does not depend on the gauge.
 * (spec/analysis.md §5)
 */
export function pairDifference({ values, covariance, ligands }: NetworkComponent, a: number, b: number): ValueWithSigma {
  const count = ligands.length;
  const at = (i: number, j: number): number => covariance[i * count + j] as number;
  return {
    value: (values[b] as number) - (values[a] as number),
    sigma: Math.sqrt(Math.max(0, at(a, a) + at(b, b) - 2 * at(a, b))),
  };
}

/** A ligand's value in the component's gauge, σ = √C_ii. */
export function ligandValue({ values, covariance, ligands }: NetworkComponent, place: number): ValueWithSigma {
  return {
    value: values[place] as number,
    sigma: Math.sqrt(Math.max(0, covariance[place * (ligands.length + 1)] as number)),
  };
}

/** All values relative to one ligand instead of the mean: f_i − f_r, σ² = C_ii + C_rr − 2 C_ir. */
export function relativeTo(component: NetworkComponent, reference: number): readonly ValueWithSigma[] {
  return component.ligands.map((_, place) => pairDifference(component, reference, place));
}
