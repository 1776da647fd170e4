/** Reads the golden files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { type KeyedChain, sliceKeyedChain } from "@alchemiscale/gufe";
import { networkFromChain, type StrategyNetwork } from "../src/index.ts";

const folder = join(import.meta.dirname, "fixtures");

export interface ProposalRow {
  readonly network: string;
  readonly network_key: string;
  readonly strategy: string;
  readonly state: string;
  readonly strategy_key: string;
  readonly results: Record<string, { n: number | null; estimates: number[]; uncertainties: number[] }>;
  readonly raw?: Record<string, number | null>;
  readonly resolved?: Record<string, number | null>;
  readonly raw_every_edge?: Record<string, number | null>;
  readonly order_free?: { readonly raw: Record<string, number | null>; readonly resolved: Record<string, number | null> };
}

export function goldenTable<Table>(name: string): Table {
  return JSON.parse(unpacked(`tables/${name}.json.zst`)) as Table;
}

export const networkNames: readonly string[] = readdirSync(join(folder, "networks")).map((file) => file.replace(".json.zst", ""));

export function goldenChain(name: string): KeyedChain {
  return sliceKeyedChain(unpacked(`networks/${name}.json.zst`));
}

export function goldenNetwork(name: string): StrategyNetwork {
  return networkFromChain(goldenChain(name));
}

export function goldenStrategy(name: string): KeyedChain {
  return sliceKeyedChain(readFileSync(join(folder, "strategies", `${name}.json`), "utf8"));
}

function unpacked(file: string): string {
  return zstdDecompressSync(readFileSync(join(folder, file))).toString("utf8");
}
