/** From chain entries to typed views. */

import type { ChainEntry, KeyedChain } from "../chain/keyed-chain.ts";
import type { Zstd } from "../codecs/bytes.ts";
import { ChainError } from "../errors.ts";
import { ChemicalSystemView, ProteinComponentView, SmallMoleculeComponentView, SolventComponentView } from "./component-views.ts";
import { LigandAtomMappingView, LigandNetworkView } from "./mapping-views.ts";
import { AlchemicalArchiveView, AlchemicalNetworkView, NonTransformationView, TransformationView } from "./network-views.ts";
import {
  ProtocolDAGResultView,
  ProtocolDAGView,
  ProtocolResultView,
  ProtocolUnitFailureView,
  ProtocolUnitResultView,
  ProtocolUnitView,
  ProtocolView,
} from "./protocol-views.ts";
import { OpaqueView, type View } from "./view.ts";

type ViewClass = new (views: ChainViews, entry: ChainEntry) => View;

const classes: ReadonlyMap<string, ViewClass> = new Map<string, ViewClass>([
  ["gufe.components.solventcomponent:SolventComponent", SolventComponentView],
  ["gufe.components.smallmoleculecomponent:SmallMoleculeComponent", SmallMoleculeComponentView],
  ["gufe.components.proteincomponent:ProteinComponent", ProteinComponentView],
  ["gufe.components.solvatedpdbcomponent:SolvatedPDBComponent", ProteinComponentView],
  ["gufe.components.solvatedpdbcomponent:ProteinMembraneComponent", ProteinComponentView],
  ["gufe.chemicalsystem:ChemicalSystem", ChemicalSystemView],
  ["gufe.mapping.ligandatommapping:LigandAtomMapping", LigandAtomMappingView],
  ["gufe.ligandnetwork:LigandNetwork", LigandNetworkView],
  ["gufe.transformations.transformation:Transformation", TransformationView],
  ["gufe.transformations.transformation:NonTransformation", NonTransformationView],
  ["gufe.network:AlchemicalNetwork", AlchemicalNetworkView],
  ["gufe.archival:AlchemicalArchive", AlchemicalArchiveView],
  ["gufe.protocols.protocoldag:ProtocolDAG", ProtocolDAGView],
  ["gufe.protocols.protocoldag:ProtocolDAGResult", ProtocolDAGResultView],
  ["gufe.protocols.protocolunit:ProtocolUnitResult", ProtocolUnitResultView],
  ["gufe.protocols.protocolunit:ProtocolUnitFailure", ProtocolUnitFailureView],
]);

/** Without a zstd implementation encoded bytes are taken as they are; those that are zstd frames stay frames. */
const noZstd: Pick<Zstd, "decompress"> = { decompress: (bytes) => bytes };

/** All objects of one chain as typed views; each is made once. */
export class ChainViews {
  /** What the codecs decompress with. */
  readonly zstd: Pick<Zstd, "decompress">;
  readonly #entries: ReadonlyMap<string, ChainEntry>;
  readonly #made = new Map<string, View>();

  /** `zstd`: needed to look into arrays and captured files; on Node `nodeZstd()` of the `/zstd` door. */
  constructor(chain: KeyedChain, zstd: Pick<Zstd, "decompress"> = noZstd) {
    this.zstd = zstd;
    this.#entries = new Map(chain.entries.map((entry) => [entry.key, entry]));
  }

  /** The view of one object. Throws `ChainError` where the chain does not hold it. */
  get(key: string): View {
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new ChainError("dangling-reference", key, `${key} is not in the chain`);
    const view = this.#view(entry);
    this.#made.set(key, view);
    return view;
  }

  #view(entry: ChainEntry): View {
    const known = classes.get(`${entry.module}:${entry.qualname}`);
    if (known !== undefined) return new known(this, entry);
    // Classes outside gufe are told by what all subclasses of a base hold.
    const fields = new OpaqueView(this, entry).fields;
    if (fields.has("source_key") && fields.has("outputs")) return new ProtocolUnitResultView(this, entry);
    if (fields.has("_key") && fields.has("inputs")) return new ProtocolUnitView(this, entry);
    if (fields.has("settings")) return new ProtocolView(this, entry);
    if (fields.has("data") && fields.has("n_protocol_dag_results")) return new ProtocolResultView(this, entry);
    return new OpaqueView(this, entry);
  }
}

/** The typed view of one object of a chain: of the root unless `key` is given. See `ChainViews`. */
export function viewOf(chain: KeyedChain, key = chain.root.key, zstd?: Pick<Zstd, "decompress">): View {
  return new ChainViews(chain, zstd).get(key);
}
