import type { ScopedKey } from "@alchemiscale/contract";
import type { Transaction } from "../transaction.ts";
import { findNetworks } from "./find-networks.ts";

export async function getWeights(tx: Transaction, networks: readonly ScopedKey[]): Promise<(number | null)[]> {
  return (await findNetworks(tx, networks)).map((network) => network?.weight ?? null);
}
