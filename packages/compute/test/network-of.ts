import { joinKeyedChain, sliceKeyedChain } from "@alchemiscale/gufe";

/** The keyed chain of a network of one Transformation, with the entries of that one's chain. */
export function networkOf(transformation: string): string {
  const { entries, root } = sliceKeyedChain(transformation);
  const systems = entries.filter(({ qualname }) => qualname === "ChemicalSystem").map(({ key }) => ({ ":gufe-key:": key }));
  const text = JSON.stringify({
    nodes: systems,
    edges: [{ ":gufe-key:": root.key }],
    name: "one edge",
    __qualname__: "AlchemicalNetwork",
    __module__: "gufe.network",
    ":version:": 1,
  });
  return joinKeyedChain([...entries, { key: `AlchemicalNetwork-${root.key.slice(-32)}`, text }]);
}
