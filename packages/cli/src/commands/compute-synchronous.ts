import { readFile } from "node:fs/promises";
import type { TaskExecutor } from "@alchemiscale/compute";
import {
  claimedProtocols,
  createNativeExecutor,
  createPythonExecutor,
  InvalidSettings,
  NoProtocolToClaim,
  parseSynchronousServiceSettings,
  runUntilSignal,
  SynchronousComputeService,
  type SynchronousServiceSettings,
} from "@alchemiscale/compute";
import { note } from "../terminal/print.ts";
import { UsageError } from "../usage-error.ts";
import { readSeeds } from "./seeds-file.ts";

export interface ComputeSynchronousOptions {
  readonly configFile: string;
  readonly name?: string;
  readonly computeManagerId?: string;
  readonly executor?: "native" | "python";
  readonly python?: string;
  readonly seeds?: string;
}

/** `compute synchronous`: runs until a limit of the configuration or a signal; then exit code 0. */
export async function computeSynchronous(options: ComputeSynchronousOptions): Promise<void> {
  const settings = await readSettings(options);
  // The executor is there before the service and its log: what it says until then is kept.
  const early: string[] = [];
  let tell = (text: string): void => void early.push(text);
  const executor = await createExecutor(options, (text) => tell(text));
  let service: SynchronousComputeService;
  try {
    service = new SynchronousComputeService(settings.settings, executor);
  } catch (error) {
    await executor.close();
    throw error instanceof NoProtocolToClaim ? new UsageError(error.message) : error;
  }
  tell = (text) => service.log.info(text);
  early.forEach(tell);
  const { name, api_url, protocols, loglevel } = settings.settings;
  const claims = claimedProtocols(protocols, executor)?.join(", ") ?? "any Protocol";
  note(
    `Compute service ${name}: asks ${api_url} for Tasks of ${claims}. Its log shows ${loglevel} and above; stop it with Ctrl-C.`,
  );
  for (const warning of settings.warnings) service.log.warn(`${options.configFile}: ${warning}`);
  process.exitCode = await runUntilSignal(service);
}

async function readSettings(options: ComputeSynchronousOptions): Promise<{
  readonly settings: SynchronousServiceSettings;
  readonly warnings: readonly string[];
}> {
  const { configFile, name, computeManagerId } = options;
  let text: string;
  try {
    text = await readFile(configFile, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the configuration: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return parseSynchronousServiceSettings(text, {
      ...(name === undefined ? {} : { name }),
      ...(computeManagerId === undefined ? {} : { compute_manager_id: computeManagerId }),
    });
  } catch (error) {
    if (!(error instanceof InvalidSettings)) throw error;
    throw new UsageError(`${configFile}:\n  ${error.message.replaceAll("\n", "\n  ")}`);
  }
}

async function createExecutor(options: ComputeSynchronousOptions, onEvent: (text: string) => void): Promise<TaskExecutor> {
  // An interpreter says what is meant.
  const kind = options.executor ?? (options.python === undefined ? "native" : "python");
  if (kind === "native") {
    if (options.python !== undefined) throw new UsageError("--python is for --executor python");
    const seeds = options.seeds === undefined ? undefined : await readSeeds(options.seeds);
    return createNativeExecutor(seeds === undefined ? {} : { seedOf: (task) => seeds.get(task) ?? null });
  }
  if (options.seeds !== undefined) throw new UsageError("--seeds is for --executor native");
  return createPythonExecutor({ python: options.python ?? "python", onEvent });
}
