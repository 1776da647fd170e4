import { parseSynchronousServiceSettings, SynchronousComputeService } from "@alchemiscale/compute";
import { type ComputeServiceOptions, runComputeService } from "./compute-service.ts";

/** `compute synchronous`: one Task after another. */
export async function computeSynchronous(options: ComputeServiceOptions): Promise<void> {
  await runComputeService(
    options,
    parseSynchronousServiceSettings,
    (settings, executor) => new SynchronousComputeService(settings, executor),
  );
}
