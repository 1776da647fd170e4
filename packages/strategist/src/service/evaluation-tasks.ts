/** What runs in the threads of the strategist. */
import { joinKeyedChain, sliceKeyedChain } from "@alchemiscale/gufe";
import type { ObjectText } from "@alchemiscale/statestore";
import { definitionFromChain } from "../registry.ts";
import { nativeModule } from "../strategies/setting-types.ts";
import { evaluate } from "./evaluate.ts";
import { readNetwork } from "./read-network.ts";

export const evaluationTasks = { readNetwork, kindOf, evaluate } as const;

/** What a strategy looks at; `python`: it does not run here. Those of the Python library that do look at numbers of results alone. */
function kindOf(chain: readonly ObjectText[]): "counts" | "estimates" | "python" {
  const definition = definitionFromChain(sliceKeyedChain(joinKeyedChain(chain)));
  if (definition === undefined) return "python";
  return definition.module === nativeModule ? "estimates" : "counts";
}

export type EvaluationTasks = typeof evaluationTasks;
