/** What the commands of compute services have in common. */
import { readFile } from "node:fs/promises";
import {
  claimedProtocols,
  createNativeExecutor,
  createPythonExecutor,
  type Executor,
  InvalidSettings,
  NoProtocolToClaim,
  type RunnableService,
  runUntilSignal,
  type SynchronousServiceSettings,
} from "@alchemiscale/compute";
import { note } from "../terminal/print.ts";
import { UsageError } from "../usage-error.ts";
import { readSeeds } from "./read-seeds.ts";

export interface ComputeServiceOptions {
  readonly configFile: string;
  readonly name?: string;
  readonly computeManagerId?: string;
  readonly executor?: "native" | "python";
  readonly python?: string;
  readonly seeds?: string;
}

interface Overrides {
  readonly name?: string;
  readonly compute_manager_id?: string;
}

/** Runs a service until a limit of its configuration or a signal; then exit code 0. */
export async function runComputeService<S extends SynchronousServiceSettings>(
  options: ComputeServiceOptions,
  parse: (yaml: string, overrides: Overrides) => { readonly settings: S; readonly warnings: readonly string[] },
  create: (settings: S, executor: Executor) => RunnableService,
): Promise<void> {
  const { settings, warnings } = await settingsOf(options, parse);
  // The executor is there before the service and its log: what it says until then is kept.
  const early: string[] = [];
  let tell = (text: string): void => void early.push(text);
  const executor = await createExecutor(options, (text) => tell(text));
  let service: RunnableService;
  try {
    service = create(settings, executor);
  } catch (error) {
    await executor.close();
    throw error instanceof NoProtocolToClaim ? new UsageError(error.message) : error;
  }
  tell = (text) => service.log.info(text);
  early.forEach(tell);
  const { name, api_url, protocols, loglevel } = settings;
  const claims = claimedProtocols(protocols, executor)?.join(", ") ?? "any Protocol";
  note(
    `Compute service ${name}: asks ${api_url} for Tasks of ${claims}. Its log shows ${loglevel} and above; stop it with Ctrl-C.`,
  );
  for (const warning of warnings) service.log.warn(`${options.configFile}: ${warning}`);
  process.exitCode = await runUntilSignal(service);
}

/** The settings in a file; `invalid`: what `parse` throws. @throws {UsageError} with everything that is wrong with them. */
export async function readSettingsFile<T>(
  file: string,
  parse: (yaml: string) => T,
  invalid: new (...problems: never[]) => Error = InvalidSettings,
): Promise<T> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the configuration: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof invalid)) throw error;
    throw new UsageError(`${file}:\n  ${error.message.replaceAll("\n", "\n  ")}`);
  }
}

function settingsOf<T>(options: ComputeServiceOptions, parse: (yaml: string, overrides: Overrides) => T): Promise<T> {
  const { configFile, name, computeManagerId } = options;
  return readSettingsFile(configFile, (yaml) =>
    parse(yaml, {
      ...(name === undefined ? {} : { name }),
      ...(computeManagerId === undefined ? {} : { compute_manager_id: computeManagerId }),
    }),
  );
}

async function createExecutor(options: ComputeServiceOptions, onEvent: (text: string) => void): Promise<Executor> {
  // An interpreter says what is meant.
  const kind = options.executor ?? (options.python === undefined ? "native" : "python");
  if (kind === "native") {
    if (options.python !== undefined) throw new UsageError("--python is for --executor python");
    const seeds = options.seeds === undefined ? undefined : await readSeeds(options.seeds);
    return createNativeExecutor(seeds === undefined ? {} : { seedOf: (task) => seeds.get(task) ?? null });
  }
  if (options.seeds !== undefined) throw new UsageError("--seeds is for --executor native");
  return createPythonExecutor({ ...(options.python === undefined ? {} : { python: options.python }), onEvent });
}
