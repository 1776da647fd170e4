/** What the Transformations of a network are about, read from its chain once. */
import { type CostFeatures, costFeatures, type TransformationRole, transformationRole } from "@alchemiscale/analysis";
import {
  AlchemicalNetworkView,
  joinKeyedChain,
  type PackedObjects,
  sliceKeyedChain,
  unpackObjects,
  viewOf,
} from "@alchemiscale/gufe";

export interface NetworkEdge {
  readonly key: string;
  readonly name: string | null;
  /** Class of its Protocol. */
  readonly protocol: string;
  readonly role: TransformationRole;
  /** What its cost depends on; null where that cannot be read. */
  readonly cost: CostFeatures | null;
}

/** In the order of the network. Throws `GufeError` for a chain that holds something else. */
export function readNetworkEdges(chain: PackedObjects): NetworkEdge[] {
  const network = viewOf(sliceKeyedChain(joinKeyedChain(unpackObjects(chain))));
  if (!(network instanceof AlchemicalNetworkView)) throw new TypeError(`${network.key} is no network`);
  return network.edges.map((edge) => ({
    key: edge.key,
    name: edge.name,
    protocol: edge.protocol.qualname,
    role: roleOf(edge),
    cost: costOf(edge),
  }));
}

/** What cannot be read is about nothing, and says so. */
function roleOf(edge: Parameters<typeof transformationRole>[0]): TransformationRole {
  try {
    return transformationRole(edge);
  } catch (error) {
    return { kind: "none", reason: error instanceof Error ? error.message : String(error) };
  }
}

function costOf(edge: Parameters<typeof costFeatures>[0]): CostFeatures | null {
  try {
    return costFeatures(edge);
  } catch {
    return null;
  }
}
