import {
  InvalidInput,
  ligandValue,
  type NetworkComponent,
  pairDifference,
  shiftToExperiment,
  solveNetwork,
} from "@alchemiscale/analysis";
import { compareCodePoints } from "@alchemiscale/gufe";
import { cinnabarOrder, measurementsOf, type NetworkCase, networkCase } from "./network-case.ts";

/** What `analysis mle` prints of one network. */
export interface MleOutput {
  /** All ligands, each component in its own gauge; the covariance between two components is 0. */
  readonly mle: MleTable & { readonly component: readonly number[] };
  /** a, b, f(b) − f(a), σ of all pairs that are connected. */
  readonly pairs: readonly (readonly [string, string, number, number])[];
  readonly components: readonly MleComponent[];
}

interface MleTable {
  readonly ligand_order: readonly string[];
  readonly value: readonly number[];
  readonly sigma: readonly (number | null)[];
  readonly covariance: readonly (readonly (number | null)[])[];
}

interface MleComponent extends MleTable {
  readonly reference: NetworkComponent["reference"];
  readonly chi2: number;
  readonly dof: number;
  /** Mean of experiment less mean of the values, over the ligands that have both; null where none has. */
  readonly shift: number | null;
  /** The values with that added. */
  readonly shifted: readonly number[] | null;
}

/** Maximum likelihood values of a network table. @throws {InvalidInput} */
export function mleOf(value: unknown): MleOutput {
  const network = networkCase(value);
  const { components } = solveNetwork(measurementsOf(network), { ligands: cinnabarOrder(network) });
  if (!components.every(({ values }) => values.every(Number.isFinite)))
    throw new InvalidInput("edges", "have differences or weights 1/σ² that are too large to be added up");
  const places = components.flatMap((component, index) => component.ligands.map((ligand, place) => ({ ligand, index, place })));
  const order = new Map(cinnabarOrder(network).map((ligand, place) => [ligand, place]));
  places.sort((a, b) => (order.get(a.ligand) ?? 0) - (order.get(b.ligand) ?? 0));
  const own = (index: number) => components[index] as NetworkComponent;
  return {
    mle: {
      ligand_order: places.map(({ ligand }) => ligand),
      value: places.map(({ index, place }) => ligandValue(own(index), place).value),
      sigma: places.map(({ index, place }) => finite(ligandValue(own(index), place).sigma)),
      covariance: places.map((a) => places.map((b) => (a.index === b.index ? covarianceOf(own(a.index), a.place, b.place) : 0))),
      component: places.map(({ index }) => index),
    },
    pairs: components.flatMap(pairsOf).sort(([a, b], [c, d]) => compareCodePoints(a, c) || compareCodePoints(b, d)),
    components: components.map((component) => componentOf(component, network)),
  };
}

function pairsOf(component: NetworkComponent): (readonly [string, string, number, number])[] {
  const sorted = [...component.ligands.entries()].sort(([, a], [, b]) => compareCodePoints(a, b));
  return sorted.flatMap(([a, ligandA], i) =>
    sorted.slice(i + 1).map(([b, ligandB]) => {
      const { value, sigma } = pairDifference(component, a, b);
      return [ligandA, ligandB, value, sigma] as const;
    }),
  );
}

function componentOf(component: NetworkComponent, { experiment }: NetworkCase): MleComponent {
  const { ligands } = component;
  const values = [...component.values];
  const shifted = shiftToExperiment(component, experiment);
  return {
    reference: component.reference,
    ligand_order: ligands,
    value: values,
    sigma: ligands.map((_, place) => finite(ligandValue(component, place).sigma)),
    covariance: ligands.map((_, a) => ligands.map((_, b) => covarianceOf(component, a, b))),
    chi2: component.chi2,
    dof: component.degreesOfFreedom,
    shift: shifted?.shift ?? null,
    shifted: shifted && [...shifted.values],
  };
}

function covarianceOf({ covariance, ligands }: NetworkComponent, a: number, b: number): number | null {
  return finite(covariance[a * ligands.length + b] as number);
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
