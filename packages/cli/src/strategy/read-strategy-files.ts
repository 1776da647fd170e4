import { GufeError, type KeyedChain } from "@alchemiscale/gufe";
import {
  type ConfiguredStrategy,
  InvalidStrategySettings,
  networkFromChain,
  type StrategyNetwork,
  strategies,
  strategyFromChain,
} from "@alchemiscale/strategist";
import { locateChain } from "../check/locate-chain.ts";
import { type Chunks, fileChunks } from "../check/read-document.ts";
import { UsageError } from "../usage-error.ts";
import type { ByKey } from "./proposal-case.ts";
import { strategyChunks } from "./strategy-chunks.ts";

/** Networks by their gufe keys. @throws {UsageError} for a file that holds none. */
export function readNetworks(files: readonly string[]): Promise<ByKey<StrategyNetwork>> {
  return byKey(files, fileChunks, networkFromChain);
}

/** Strategies by their gufe keys: names or files. @throws {UsageError} for what is none that runs here. */
export function readStrategies(files: readonly string[]): Promise<ByKey<ConfiguredStrategy>> {
  return byKey(files, strategyChunks, (chain, file) => {
    const strategy = strategyFromChain(chain);
    if (strategy !== undefined) return strategy;
    const known = strategies.map(({ qualname }) => qualname).join(", ");
    throw new UsageError(`${file}: ${chain.root.module}.${chain.root.qualname} does not run here, only ${known}`);
  });
}

async function byKey<T>(
  files: readonly string[],
  chunksOf: (file: string) => Chunks,
  read: (chain: KeyedChain, file: string) => T,
): Promise<ByKey<T>> {
  const all = new Map<string, T>();
  for (const file of files) {
    try {
      const { chain } = await locateChain(chunksOf(file), file);
      if (!("entries" in chain)) throw new UsageError(`${file} is too large`);
      all.set(chain.root.key, read(chain, file));
    } catch (error) {
      if (error instanceof GufeError || error instanceof InvalidStrategySettings)
        throw new UsageError(`${file}: ${error.message}`);
      throw error;
    }
  }
  return all;
}
