import { decodeSettings, jsonToPlain, type KeyedChain, type Plain, parseJson, scanMembers } from "@alchemiscale/gufe";
import { connectivityStrategy } from "./strategies/connectivity.ts";
import { criticalityStrategy } from "./strategies/criticality.ts";
import { cycleClosureStrategy } from "./strategies/cycle-closure.ts";
import { mappingScoreStrategy } from "./strategies/mapping-score.ts";
import { radialGrowthStrategy } from "./strategies/radial-growth.ts";
import { uncertaintyStrategy } from "./strategies/uncertainty.ts";
import type { ConfiguredStrategy, Strategy, StrategyClass } from "./strategy.ts";
import { InvalidStrategySettings } from "./strategy-settings.ts";

/** All strategies that run here. A new one joins with its line. */
export const strategies: readonly Strategy[] = [
  connectivityStrategy,
  radialGrowthStrategy,
  uncertaintyStrategy,
  criticalityStrategy,
  mappingScoreStrategy,
  cycleClosureStrategy,
];

/** The strategy of exactly this class, or undefined: then it is for a Python worker. (spec/strategies.md §1.1) */
export function findStrategy({ module, qualname, version }: StrategyClass): Strategy | undefined {
  return strategies.find((known) => known.module === module && known.qualname === qualname && known.version === version);
}

/** The kind of strategy at the root of a chain; undefined for a class that does not run here. */
export function definitionFromChain({ root }: KeyedChain): Strategy | undefined {
  const version = Number(scanMembers(root.text).get(":version:") ?? "1");
  return findStrategy({ module: root.module, qualname: root.qualname, version });
}

/**
 * The strategy at the root of a chain with its settings; undefined for a class that does not run here.
 * @throws {InvalidStrategySettings}
 */
export function strategyFromChain(chain: KeyedChain): ConfiguredStrategy | undefined {
  const { root } = chain;
  const strategy = definitionFromChain(chain);
  if (strategy === undefined) return undefined;
  const settings = decodeSettings(parseJson(scanMembers(root.text).get("settings") ?? "null"));
  if (settings?.className !== strategy.settingsClass) {
    throw new InvalidStrategySettings(root.qualname, "settings", `is no ${strategy.settingsClass}`);
  }
  const fields: Record<string, Plain> = {};
  for (const [name, json] of settings.fields) fields[name] = jsonToPlain(json);
  return strategy.configure(fields);
}
