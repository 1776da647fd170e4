/** What the state store keeps of a network as a whole, as JSON. */
export interface NetworkInput {
  /** What `readNetworkEdges` made of the network's chain. */
  readonly edges: string;
  readonly summaries: readonly { readonly transformation: string; readonly text: string }[];
}
