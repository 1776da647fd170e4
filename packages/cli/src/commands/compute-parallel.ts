import { ParallelComputeService, parseParallelServiceSettings } from "@alchemiscale/compute";
import { type ComputeServiceOptions, runComputeService } from "./compute-service.ts";

/** `compute parallel`: the units of several Tasks at once. */
export async function computeParallel(options: ComputeServiceOptions): Promise<void> {
  await runComputeService(
    options,
    parseParallelServiceSettings,
    (settings, executor) => new ParallelComputeService(settings, executor),
  );
}
