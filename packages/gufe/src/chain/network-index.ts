import { ChainError } from "../errors.ts";
import { type Dict, readDict, referenceField, referencesField } from "../views/fields.ts";
import { type ChainEntry, type KeyedChain, qualnameOfKey, referenceMember } from "./keyed-chain.ts";

/** What a server needs to know of one edge of a network. */
export interface TransformationIndex {
  readonly key: string;
  readonly qualname: "Transformation" | "NonTransformation";
  /** Null also where the name is no text. */
  readonly name: string | null;
  /** Keys of ChemicalSystems; both are the one `system` of a NonTransformation. */
  readonly stateA: string;
  readonly stateB: string;
  readonly protocolKey: string;
  /** The Protocol's class: what a compute service must be able to run. */
  readonly protocolQualname: string;
}

/** What a server needs to know of a network. */
export interface NetworkIndex {
  readonly key: string;
  readonly name: string | null;
  /** Keys of all ChemicalSystems: those listed, then the ends of edges that are not (spec/gufe.md §5). */
  readonly nodes: readonly string[];
  readonly edges: readonly TransformationIndex[];
  /** The systems behind `nodes`, in the same order. */
  readonly systems: readonly { readonly key: string; readonly name: string | null }[];
}

/**
 * Indexes the AlchemicalNetwork at the root of a chain. Linear in the chain.
 * Throws `ChainError` where the root is no network, a node no ChemicalSystem or an edge no (Non)Transformation, and
 * `ShapeError` where a field has another shape than its class prescribes.
 */
export function networkIndex(chain: KeyedChain): NetworkIndex {
  const { root } = chain;
  if (root.qualname !== "AlchemicalNetwork") {
    throw new ChainError("not-a-network", root.key, `The chain holds a ${root.qualname}, not an AlchemicalNetwork`);
  }
  const byKey = new Map(chain.entries.map((entry) => [entry.key, entry]));
  const network = new Fields(root);
  const nodes = new Set(network.references("nodes"));
  const edges = [...new Set(network.references("edges"))].map((key) => transformationIndex(entryOf(byKey, key)));
  for (const edge of edges) nodes.add(edge.stateA).add(edge.stateB);
  const systems = [...nodes].map((key) => {
    const entry = entryOf(byKey, key);
    if (entry.qualname !== "ChemicalSystem") {
      throw new ChainError("not-a-system", key, `${key} is used as a ChemicalSystem, but is a ${entry.qualname}`);
    }
    return { key, name: new Fields(entry).name };
  });
  return { key: root.key, name: network.name, nodes: [...nodes], edges, systems };
}

/** Indexes one Transformation or NonTransformation. Throws as `networkIndex`. */
export function transformationIndex(entry: ChainEntry): TransformationIndex {
  const { key, qualname } = entry;
  if (qualname !== "Transformation" && qualname !== "NonTransformation") {
    throw new ChainError("not-a-transformation", key, `${key} is used as a Transformation, but is a ${qualname}`);
  }
  const fields = new Fields(entry);
  const isSelf = qualname === "NonTransformation";
  const protocolKey = fields.reference("protocol");
  return {
    key,
    qualname,
    name: fields.name,
    stateA: fields.reference(isSelf ? "system" : "stateA"),
    stateB: fields.reference(isSelf ? "system" : "stateB"),
    protocolKey,
    protocolQualname: qualnameOfKey(protocolKey),
  };
}

function entryOf(byKey: ReadonlyMap<string, ChainEntry>, key: string): ChainEntry {
  const entry = byKey.get(key);
  if (entry === undefined) throw new ChainError("dangling-reference", key, `${key} is not in the chain`);
  return entry;
}

/**
 * The members that are looked at here. The engine's own parser is several times faster than ours, and what it loses, the characters of numbers, is
 * nothing here; what it refuses (`NaN`, too deep), and what is not as it should be, is read with ours.
 */
class Fields {
  readonly #entry: ChainEntry;
  readonly #plain: Readonly<Record<string, unknown>> | undefined;
  #dict: Dict | undefined;

  constructor(entry: ChainEntry) {
    this.#entry = entry;
    try {
      this.#plain = JSON.parse(entry.text) as Record<string, unknown>;
    } catch {}
  }

  /** gufe takes any value as a name, a number for instance; as the name to look for, only a text counts. */
  get name(): string | null {
    const name = this.#plain === undefined ? this.#readDict().members.get("name") : this.#plain.name;
    return typeof name === "string" ? name : null;
  }

  reference(field: string): string {
    return plainReference(this.#plain?.[field]) ?? referenceField(this.#readDict(), field);
  }

  references(field: string): string[] {
    const list = this.#plain?.[field];
    const keys = Array.isArray(list) ? list.map(plainReference) : [undefined];
    return keys.every((key) => key !== undefined) ? keys : referencesField(this.#readDict(), field);
  }

  #readDict(): Dict {
    this.#dict ??= readDict(this.#entry);
    return this.#dict;
  }
}

function plainReference(value: unknown): string | undefined {
  const key = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[referenceMember] : undefined;
  return typeof key === "string" ? key : undefined;
}
