/** What the state store keeps of a network as a whole, as JSON; its members go over the wire as they are. kcal/mol. */
import type { NetworkEstimates, ScopedKey } from "@alchemiscale/contract";
import type { NetworkInputs } from "@alchemiscale/statestore";

/** Everything but what is told anew at each request. */
export type NetworkDocument = Omit<NetworkEstimates, "network" | "up_to_date" | "unread" | "covariance" | "by_transformation">;

export interface NetworkInput {
  readonly network: ScopedKey;
  /** What `readNetworkEdges` made of the network's chain. */
  readonly edges: string;
  readonly summaries: NetworkInputs["summaries"];
}
