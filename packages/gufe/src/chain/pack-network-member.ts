import { GufeError } from "../errors.ts";
import { scanMembers } from "../json/scan-members.ts";
import { asciiTexts, type ChainLayout, chainLayout } from "./chain-layout.ts";
import type { NetworkIndex, TransformationIndex } from "./network-index.ts";
import type { PackedEntries } from "./packed-objects.ts";

/** A network as a server takes it in. */
export interface PackedNetwork {
  /** The raw texts of the members around it, by name. */
  readonly members: ReadonlyMap<string, string>;
  readonly entries: PackedEntries;
  readonly index: NetworkIndex;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The network whose keyed chain is the first member, `name`, of a JSON object, from the object's bytes (UTF-8, which the caller has made sure of): what
 * `sliceKeyedChain`, `networkIndex` and `packEntries` make of its text, with next to nothing made on the way. Undefined where anything is out of the ordinary: a fault, or what
 * Python does not write.
 */
export function packNetworkMember(bytes: Uint8Array, name: string): PackedNetwork | undefined {
  const opening = decoder.decode(bytes.subarray(0, 64));
  const start = new RegExp(`^[ \\t\\n\\r]*\\{[ \\t\\n\\r]*"${name}"[ \\t\\n\\r]*:`).exec(opening)?.[0].length;
  if (start === undefined) return undefined;
  const layout = chainLayout(bytes, start);
  const index = layout === undefined ? undefined : indexOf(layout);
  if (layout === undefined || index === undefined) return undefined;
  const members = membersAfter(bytes, layout.end, name);
  return members === undefined ? undefined : { members, entries: packed(layout), index };
}

/** The members that follow the first one, which ends at `end`. */
function membersAfter(bytes: Uint8Array, end: number, first: string): Map<string, string> | undefined {
  try {
    const members = scanMembers(`{"${first}": null${decoder.decode(bytes.subarray(end))}`);
    return members.get(first) === "null" && members.delete(first) ? members : undefined;
  } catch (error) {
    if (error instanceof GufeError) return undefined;
    throw error;
  }
}

function packed({ bytes, keys, qualnames, starts, ends, references, referenceEnds }: ChainLayout): PackedEntries {
  const textEnds = new Uint32Array(keys.length);
  let length = 0;
  for (let i = 0; i < keys.length; i += 1) {
    length += (ends[i] as number) - (starts[i] as number);
    textEnds[i] = length;
  }
  const texts = new Uint8Array(length);
  for (let i = 0; i < keys.length; i += 1) texts.set(bytes.subarray(starts[i], ends[i]), i === 0 ? 0 : textEnds[i - 1]);
  return {
    keys,
    texts,
    ends: textEnds,
    qualnames,
    references: Uint32Array.from(references),
    referenceEnds: Uint32Array.from(referenceEnds),
  };
}

function indexOf(layout: ChainLayout): NetworkIndex | undefined {
  const { keys, qualnames, nodes: listed, edges: listedEdges } = layout;
  const root = keys.length - 1;
  if (qualnames[root] !== "AlchemicalNetwork" || listed === undefined || listedEdges === undefined) return undefined;
  const keyOf = (place: number) => keys[place] as string;
  const edges = [...new Set(listedEdges)];
  const nodes = new Set(listed);
  const ends = edges.map((edge) => edgeOf(layout, edge));
  for (const end of ends) {
    if (end === undefined) return undefined;
    nodes.add(end.stateA).add(end.stateB);
  }
  const systems = [...nodes];
  if (systems.some((system) => qualnames[system] !== "ChemicalSystem")) return undefined;

  const names = namesOf(layout, [root, ...edges, ...systems]);
  return {
    key: keyOf(root),
    name: names[0] ?? null,
    nodes: systems.map(keyOf),
    edges: edges.map((edge, i) => {
      const { qualname, stateA, stateB, protocol } = ends[i] as Edge;
      return {
        key: keyOf(edge),
        qualname,
        name: names[1 + i] ?? null,
        stateA: keyOf(stateA),
        stateB: keyOf(stateB),
        protocolKey: keyOf(protocol),
        protocolQualname: qualnames[protocol] as string,
      };
    }),
    systems: systems.map((system, i) => ({ key: keyOf(system), name: names[1 + edges.length + i] ?? null })),
  };
}

interface Edge {
  readonly qualname: TransformationIndex["qualname"];
  /** Places. */
  readonly stateA: number;
  readonly stateB: number;
  readonly protocol: number;
}

function edgeOf({ qualnames, stateA, stateB, system, protocol }: ChainLayout, edge: number): Edge | undefined {
  const qualname = qualnames[edge];
  if (qualname !== "Transformation" && qualname !== "NonTransformation") return undefined;
  const [a, b] = qualname === "Transformation" ? [stateA, stateB] : [system, system];
  const found = { qualname, stateA: a[edge] ?? -1, stateB: b[edge] ?? -1, protocol: protocol[edge] ?? -1 } as const;
  return found.stateA < 0 || found.stateB < 0 || found.protocol < 0 ? undefined : found;
}

/** Names of some entries, null where they have none. */
function namesOf({ bytes, nameStarts, nameEnds }: ChainLayout, places: readonly number[]): (string | null)[] {
  const starts: number[] = [];
  const ends: number[] = [];
  const names = places.map((place): string | number | null => {
    const start = nameStarts[place] as number;
    const end = nameEnds[place] as number;
    if (start < 0) return null;
    if (!isPlain(bytes, start + 1, end - 1)) return JSON.parse(decoder.decode(bytes.subarray(start, end)));
    ends.push(end - 1);
    return starts.push(start + 1) - 1;
  });
  const plain = asciiTexts(bytes, starts, ends);
  return names.map((name) => (typeof name === "number" ? (plain[name] as string) : name));
}

function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if ((bytes[i] as number) > 0x7e || bytes[i] === 0x5c) return false;
  return true;
}
