import type { ExecutorTask } from "../executor.ts";
import type { SynchronousServiceSettings } from "../settings/synchronous-service-settings.ts";

/** What the settings say of how a Task is executed. */
export function taskSurroundings(
  settings: SynchronousServiceSettings,
): Omit<ExecutorTask, "task" | "transformation" | "extended"> {
  return {
    retries: settings.n_retries,
    sharedBasedir: settings.shared_basedir,
    scratchBasedir: settings.scratch_basedir,
    keepShared: settings.keep_shared,
    keepScratch: settings.keep_scratch,
    keep: {
      output: settings.keep_output,
      files: settings.kept_files,
      fileBytes: settings.kept_file_limit,
      totalBytes: settings.kept_files_limit,
    },
    limits: { memory: settings.unit_memory_limit, seconds: settings.unit_time_limit },
  };
}
