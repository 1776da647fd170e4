/**
 * The work that threads do; each is also a plain function that tests call directly. Loaded when first asked for, so that a thread that
 * unpacks results does not hold what only networks need.
 */
import type { PackedObjects } from "@alchemiscale/gufe";
import type { CostInput } from "./estimates/network-cost.ts";
import type { NetworkInput } from "./estimates/network-document.ts";
import type { ReadKeptResult } from "./estimates/read-kept-result.ts";
import type { SummarizeInput } from "./estimates/summarize-transformations.ts";
import type { IncomingPorts } from "./results/receive-result.ts";
import type { StrategyBytes } from "./submission/read-strategy.ts";
import type { SubmissionInput } from "./submission/read-submission.ts";

export const workerTasks = {
  readSubmission: async (input: SubmissionInput) => (await import("./submission/read-submission.ts")).readSubmission(input),
  readStrategyBytes: async (input: StrategyBytes) => (await import("./submission/read-strategy.ts")).readStrategyBytes(input),
  mismatchedKeys: async (objects: PackedObjects) => (await import("./submission/mismatched-keys.ts")).mismatchedKeys(objects),
  receiveResult: async (input: IncomingPorts & { readonly gzipped: boolean }) =>
    (await import("./results/receive-result.ts")).receiveResult(input),
  receiveFrame: async (input: IncomingPorts) => (await import("./results/receive-result.ts")).receiveFrame(input),
  readKeptResult: async (input: ReadKeptResult) => (await import("./estimates/read-kept-result.ts")).readKeptResult(input),
  summarizeTransformations: async (input: SummarizeInput) =>
    (await import("./estimates/summarize-transformations.ts")).summarizeTransformations(input),
  repeatDetails: async (texts: readonly string[]) => (await import("./estimates/repeat-details.ts")).repeatDetails(texts),
  readNetworkEdges: async (chain: PackedObjects) =>
    JSON.stringify((await import("./estimates/network-edges.ts")).readNetworkEdges(chain)),
  estimateNetwork: async (input: NetworkInput) => (await import("./estimates/estimate-network.ts")).estimateNetwork(input),
  networkTransformations: async (input: NetworkInput) =>
    (await import("./estimates/estimate-network.ts")).networkTransformations(input),
  networkCost: async (input: CostInput) => (await import("./estimates/network-cost.ts")).networkCost(input),
  networkCovariance: async (input: NetworkInput) => (await import("./estimates/estimate-network.ts")).networkCovariance(input),
} as const;

export type WorkerTasks = typeof workerTasks;

/** What of an output is handed over, rather than copied. */
export const handedOver: {
  readonly [Name in keyof WorkerTasks]?: (output: Awaited<ReturnType<WorkerTasks[Name]>>) => Promise<ArrayBuffer[]>;
} = {
  readSubmission: async ({ content }) =>
    content.ok ? (await import("@alchemiscale/gufe")).blocksOf(content.submission.entries) : [],
};
