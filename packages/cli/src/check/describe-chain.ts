/** What a chain holds, in lines for people. */
import { type KeyedChain, networkIndex, scanMembers, transformationIndex } from "@alchemiscale/gufe";

/** Facts about the root: label and value. Of a network fewer where there is no chain at hand. */
export function describeRoot(
  root: { readonly qualname: string; readonly text: string },
  chain?: KeyedChain,
): readonly (readonly [string, string])[] {
  const members = scanMembers(root.text);
  // gufe takes any value as a name.
  const name = members.get("name") ?? "null";
  const facts: [string, string][] = name === "null" ? [] : [["name", textOf(name) ?? name]];
  if (root.qualname === "AlchemicalNetwork" && chain !== undefined) {
    const { systems, edges } = networkIndex(chain);
    const protocols = countBy(edges.map((edge) => edge.protocolQualname));
    facts.push(
      ["systems", String(systems.length)],
      ["transformations", String(edges.length)],
      ["protocols", [...protocols].map(([protocol, count]) => `${protocol} (${count})`).join(", ") || "(none)"],
    );
  }
  if (chain !== undefined && (root.qualname === "Transformation" || root.qualname === "NonTransformation")) {
    facts.push(["protocol", transformationIndex(chain.root).protocolQualname]);
  }
  if (root.qualname === "ProtocolDAGResult") {
    facts.push(["transformation", textOf(members.get("transformation_key")) ?? "(none)"]);
    const extended = textOf(members.get("extends_key"));
    if (extended !== null) facts.push(["extends", extended]);
  }
  return facts;
}

export function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** The value of a member that is a text; null where it is anything else. */
function textOf(json: string | undefined): string | null {
  return json?.startsWith('"') ? String(JSON.parse(json)) : null;
}
