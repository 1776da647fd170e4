/** What is known of how each class makes its key. (spec/gufe.md §1.2, §1.4, §1.6) */

/** A default value of a constructor; a field equal to it is not part of the key. */
type Default = null | boolean | string;

/** How the key of an object of some class comes about. */
export type KeyRule =
  /** md5 of the content; the class and so its defaults are known. */
  | { readonly kind: "content"; readonly defaults: ReadonlyMap<string, Default> }
  /** Presumably md5 of the content; a subclass outside gufe might have defaults that we cannot know. */
  | { readonly kind: "presumed-content" }
  /** A UUID, kept in the member `_key`. */
  | { readonly kind: "own" }
  /** A rule of the class's own. */
  | { readonly kind: "custom" };

const noDefaults = new Map<string, Default>();
const unnamed = new Map<string, Default>([["name", ""]]);

const known: ReadonlyMap<string, ReadonlyMap<string, Default>> = new Map([
  [
    "gufe.components.solventcomponent:SolventComponent",
    // ion_concentration has a default too, but a quantity, which the text in the dict never equals.
    new Map<string, Default>([
      ["smiles", "O"],
      ["positive_ion", "Na+"],
      ["negative_ion", "Cl-"],
      ["neutralize", true],
    ]),
  ],
  ["gufe.chemicalsystem:ChemicalSystem", unnamed],
  ["gufe.components.proteincomponent:ProteinComponent", unnamed],
  ["gufe.components.solvatedpdbcomponent:SolvatedPDBComponent", unnamed],
  ["gufe.components.solvatedpdbcomponent:ProteinMembraneComponent", unnamed],
  [
    "gufe.transformations.transformation:Transformation",
    new Map<string, Default>([
      ["mapping", null],
      ["name", null],
    ]),
  ],
  ["gufe.transformations.transformation:NonTransformation", new Map<string, Default>([["name", null]])],
  ["gufe.network:AlchemicalNetwork", new Map<string, Default>([["name", null]])],
  ["gufe.components.smallmoleculecomponent:SmallMoleculeComponent", noDefaults],
  ["gufe.mapping.ligandatommapping:LigandAtomMapping", noDefaults],
  ["gufe.ligandnetwork:LigandNetwork", noDefaults],
  ["gufe.archival:AlchemicalArchive", noDefaults],
  ["gufe.protocols.protocoldag:ProtocolDAG", noDefaults],
  ["gufe.protocols.protocoldag:ProtocolDAGResult", noDefaults],
  ["gufe.tests.test_protocol:BrokenProtocol", noDefaults],
  ["gufe.tests.test_protocol:DummyProtocol", noDefaults],
  ["gufe.tests.test_protocol:DummyProtocolResult", noDefaults],
  ["stratocaster.base.strategy:StrategyResult", noDefaults],
  // The native protocol (docs/native-protocol.md); its other classes follow from their fields.
  ["alchemiscale_harmonic:HarmonicWellComponent", noDefaults],
]);

const markers = new Set(["__qualname__", "__module__", ":version:"]);

/** What decides how the key comes about. */
export interface ClassFacts {
  readonly module: string | undefined;
  readonly qualname: string | undefined;
  /** Whether there is a text member `_key`. */
  readonly hasOwnKey: boolean;
  /** The names of all members. */
  readonly names: Iterable<string>;
}

/** How the key of such an object comes about. */
export function keyRule({ module, qualname, hasOwnKey, names }: ClassFacts): KeyRule {
  const defaults = known.get(`${module}:${qualname}`);
  if (defaults !== undefined) return { kind: "content", defaults };
  if (hasOwnKey || module === "gufe.protocols.protocolunit") return { kind: "own" };
  if (module === "alchemiscale" || module?.startsWith("alchemiscale.")) return { kind: "custom" };
  // Protocol and Strategy subclasses hold `settings` and nothing else, ProtocolResult subclasses `data` and a count. Their bases
  // have no defaults, and there is no field left for a subclass to have one for.
  const fields = [...names]
    .filter((name) => !markers.has(name))
    .sort()
    .join();
  const isOfKnownBase = fields === "settings" || fields === "data,n_protocol_dag_results";
  return isOfKnownBase ? { kind: "content", defaults: noDefaults } : { kind: "presumed-content" };
}

/** Whether a field with this canonical text equals the default as Python compares: `1`, `1.0` and `true` are the same. */
export function equalsDefault(canonical: string, wanted: Default): boolean {
  if (wanted === true) return canonical === "true" || canonical === "1" || canonical === "1.0";
  return canonical === JSON.stringify(wanted);
}
