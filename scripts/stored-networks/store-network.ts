import type { NetworkState, Scope } from "@alchemiscale/contract";
import { type KeyedChain, networkIndex } from "@alchemiscale/gufe";
import type { Actor, StateStore, SubmissionReply } from "@alchemiscale/statestore";

/** Puts the network of a keyed chain into a state store, as a server does that it was submitted to. */
export function storeNetwork(
  store: StateStore,
  chain: KeyedChain,
  scope: Scope,
  { state = "active", actor }: { readonly state?: NetworkState; readonly actor: Actor },
): Promise<SubmissionReply> {
  const { key, name, systems, edges } = networkIndex(chain);
  const network = { key, name };
  return store.networks.submit({ scope, state, entries: chain.entries, network, systems, transformations: edges }, actor);
}
