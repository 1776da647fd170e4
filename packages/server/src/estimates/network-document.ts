/** What the state store keeps of a network as a whole, as JSON; its members go over the wire as they are. kcal/mol. */
import type { NetworkEstimates } from "@alchemiscale/contract";

/** Everything but what is told anew at each request. */
export type NetworkDocument = Omit<NetworkEstimates, "network" | "up_to_date" | "unread" | "covariance">;

export interface NetworkInput {
  /** What `readNetworkEdges` made of the network's chain. */
  readonly edges: string;
  readonly summaries: readonly { readonly transformation: string; readonly text: string }[];
}
