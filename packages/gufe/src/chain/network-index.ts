import { ChainError } from "../errors.ts";
import type { Json } from "../json/json.ts";
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
  const network = readFields(root);
  const nodes = new Set(referencesField(network, "nodes"));
  const edges = [...new Set(referencesField(network, "edges"))].map((key) => transformationIndex(entryOf(byKey, key)));
  for (const edge of edges) nodes.add(edge.stateA).add(edge.stateB);
  const systems = [...nodes].map((key) => {
    const entry = entryOf(byKey, key);
    if (entry.qualname !== "ChemicalSystem") {
      throw new ChainError("not-a-system", key, `${key} is used as a ChemicalSystem, but is a ${entry.qualname}`);
    }
    return { key, name: nameOf(readFields(entry)) };
  });
  return { key: root.key, name: nameOf(network), nodes: [...nodes], edges, systems };
}

/** Indexes one Transformation or NonTransformation. Throws as `networkIndex`. */
export function transformationIndex(entry: ChainEntry): TransformationIndex {
  const { key, qualname } = entry;
  if (qualname !== "Transformation" && qualname !== "NonTransformation") {
    throw new ChainError("not-a-transformation", key, `${key} is used as a Transformation, but is a ${qualname}`);
  }
  const dict = readFields(entry);
  const isSelf = qualname === "NonTransformation";
  const protocolKey = referenceField(dict, "protocol");
  return {
    key,
    qualname,
    name: nameOf(dict),
    stateA: referenceField(dict, isSelf ? "system" : "stateA"),
    stateB: referenceField(dict, isSelf ? "system" : "stateB"),
    protocolKey,
    protocolQualname: qualnameOfKey(protocolKey),
  };
}

/** gufe takes any value as a name, a number for instance; as the name to look for, only a text counts. */
function nameOf({ members }: Dict): string | null {
  const name = members.get("name");
  return typeof name === "string" ? name : null;
}

function entryOf(byKey: ReadonlyMap<string, ChainEntry>, key: string): ChainEntry {
  const entry = byKey.get(key);
  if (entry === undefined) throw new ChainError("dangling-reference", key, `${key} is not in the chain`);
  return entry;
}

/**
 * The members that are looked at here. The engine's own parser is several times faster, and what it loses, the characters of numbers, is nothing here;
 * what it refuses (`NaN`, too deep) is read with ours.
 */
function readFields(entry: ChainEntry): Dict {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(entry.text) as Record<string, unknown>;
  } catch {
    return readDict(entry);
  }
  const members = new Map<string, Json>();
  for (const name of fieldsRead) if (Object.hasOwn(parsed, name)) members.set(name, asReferences(parsed[name]));
  return { key: entry.key, members };
}

const fieldsRead = ["name", "nodes", "edges", "stateA", "stateB", "system", "protocol"];

/** References, alone and in lists, in the form of the lossless tree; the rest as it is: no field here asks for it. */
function asReferences(value: unknown): Json {
  if (Array.isArray(value)) return value.map(asReferences);
  const isReference = typeof value === "object" && value !== null && Object.hasOwn(value, referenceMember);
  return isReference ? new Map([[referenceMember, Reflect.get(value, referenceMember) as Json]]) : (value as Json);
}
