import type { EstimateBacklog } from "@alchemiscale/statestore";
import { Estimator, type EstimatorOptions } from "./estimator.ts";

/** Results forgotten in one transaction, so that nobody waits long for it. */
const chunkResults = 10_000;

/**
 * Reads every result again and makes all estimates anew, from the object store alone; the figures are the same. What was known is shown
 * until then. Servers may go on meanwhile, and then one of them may do the work.
 * @param onProgress what is left to do
 * @returns how many results there were
 * @throws {StateStoreUnavailable} {@link ObjectStoreUnavailable}
 */
export async function rebuildEstimates(
  options: EstimatorOptions,
  onProgress: (left: EstimateBacklog) => void = () => {},
): Promise<{ readonly results: number }> {
  const { estimates } = options.stateStore;
  let results = 0;
  for (
    let chunk = await estimates.forget(0, chunkResults);
    chunk !== null;
    chunk = await estimates.forget(chunk.last, chunkResults)
  )
    results += chunk.results;
  const estimator = new Estimator(options);
  try {
    await estimator.finish(onProgress);
  } finally {
    await estimator.stop();
  }
  return { results };
}
