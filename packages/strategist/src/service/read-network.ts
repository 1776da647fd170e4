/** What strategies need of a network and of what its results have cost. */
import { type CostFeatures, CostModel, costFeatures, type FinishedTask } from "@alchemiscale/analysis";
import { AlchemicalNetworkView, joinKeyedChain, sliceKeyedChain, viewOf } from "@alchemiscale/gufe";
import type { ObjectText, WorkTransformation } from "@alchemiscale/statestore";
import { networkFromChain } from "../network/network-from-chain.ts";
import type { StrategyNetwork } from "../network/strategy-network.ts";

export interface ReadNetwork {
  readonly network: StrategyNetwork;
  /** What the costs of a Transformation depend on, by key; those of which it can be read. */
  readonly features: ReadonlyMap<string, CostFeatures>;
}

/** Of its stored chain. It never changes, and is read once. */
export function readNetwork(texts: readonly ObjectText[]): ReadNetwork {
  const chain = sliceKeyedChain(joinKeyedChain(texts));
  const network = networkFromChain(chain);
  const view = viewOf(chain);
  const features = new Map<string, CostFeatures>();
  for (const edge of view instanceof AlchemicalNetworkView ? view.edges : []) {
    try {
      features.set(edge.key, costFeatures(edge));
    } catch {
      // Its costs are as unknown as before.
    }
  }
  return { network, features };
}

/** GPU hours of all results of a Transformation, by key; without those that did not say. */
export function spentHours(transformations: readonly WorkTransformation[]): Map<string, number> {
  return new Map(
    transformations.flatMap(({ transformation, summary }): [string, number][] => {
      const hours = costsOf(summary).map(({ seconds }) => seconds / 3600);
      return hours.length === 0 ? [] : [[transformation, hours.reduce((sum, each) => sum + each, 0)]];
    }),
  );
}

/** GPU hours that one more result is expected to take, learned from those of the network; without an entry where there is nothing to learn from. */
export function expectedHours(
  { features }: ReadNetwork,
  transformations: readonly WorkTransformation[],
): ReadonlyMap<string, number> {
  const finished = transformations.flatMap(({ transformation, summary }): FinishedTask[] => {
    const known = features.get(transformation);
    if (known === undefined) return [];
    return costsOf(summary).map(({ seconds, hardware }) => ({ features: known, hours: seconds / 3600, hardware }));
  });
  const model = new CostModel(finished);
  return new Map(
    [...features].flatMap(([key, known]): [string, number][] => {
      const cost = model.task(known);
      return cost === null ? [] : [[key, cost.hours]];
    }),
  );
}

interface Cost {
  readonly seconds: number;
  readonly hardware: string | null;
}

/** Of ok results. */
function costsOf(summary: string | null): Cost[] {
  if (summary === null) return [];
  const { results = [] } = JSON.parse(summary) as {
    readonly results?: readonly { readonly ok: boolean; readonly seconds: number | null; readonly hardware: string | null }[];
  };
  return results.flatMap(({ ok, seconds, hardware }) => (ok && seconds !== null && seconds > 0 ? [{ seconds, hardware }] : []));
}
