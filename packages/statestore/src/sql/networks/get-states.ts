import type { NetworkState, ScopedKey } from "@alchemiscale/contract";
import { stateOf } from "../codes.ts";
import type { Transaction } from "../transaction.ts";
import { findNetworks } from "./find-networks.ts";

export async function getStates(tx: Transaction, networks: readonly ScopedKey[]): Promise<(NetworkState | null)[]> {
  return (await findNetworks(tx, networks)).map((network) => (network === null ? null : stateOf(network.state)));
}
