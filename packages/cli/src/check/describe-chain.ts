/** What a chain holds, in lines for people. */
import { type KeyedChain, networkIndex } from "@alchemiscale/gufe";

/** Facts about the root: label and value. Empty for a class that has nothing to tell beyond its entries. */
export function describeRoot(chain: KeyedChain): readonly (readonly [string, string])[] {
  if (chain.root.qualname !== "AlchemicalNetwork") return [];
  const network = networkIndex(chain);
  const protocols = countBy(network.edges.map((edge) => edge.protocolQualname));
  return [
    ["name", network.name ?? "(none)"],
    ["systems", String(network.systems.length)],
    ["transformations", String(network.edges.length)],
    ["protocols", [...protocols].map(([name, count]) => `${name} (${count})`).join(", ") || "(none)"],
  ];
}

export function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
