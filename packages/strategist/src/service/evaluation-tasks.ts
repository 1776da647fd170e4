/** What runs in the threads of the strategist. */
import { joinKeyedChain, sliceKeyedChain } from "@alchemiscale/gufe";
import type { ObjectText } from "@alchemiscale/statestore";
import { findStrategy } from "../registry.ts";
import { evaluate } from "./evaluate.ts";
import { readNetwork } from "./read-network.ts";

export const evaluationTasks = { readNetwork, isNative, evaluate } as const;

/** Whether a strategy runs here. */
function isNative(chain: readonly ObjectText[]): boolean {
  const { root } = sliceKeyedChain(joinKeyedChain(chain));
  const { ":version:": version = 1 } = JSON.parse(root.text) as { readonly ":version:"?: number };
  return findStrategy({ module: root.module, qualname: root.qualname, version }) !== undefined;
}

export type EvaluationTasks = typeof evaluationTasks;
