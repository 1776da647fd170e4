import { join } from "node:path";
import { nodeFetch } from "@alchemiscale/client/node";
import {
  createServiceLog,
  type LogLevel,
  parseLogLevel,
  parseParallelServiceSettings,
  parseSynchronousServiceSettings,
  runUntilSignal,
  type SynchronousServiceSettings,
} from "@alchemiscale/compute";
import {
  AnotherRunning,
  ComputeManager,
  InvalidManagerSettings,
  LocalPlatform,
  NameTaken,
  parseManagerSettings,
  runOnce,
  type ServiceFacts,
} from "@alchemiscale/managers";
import { note } from "../terminal/print.ts";
import { CommandFailure, UsageError } from "../usage-error.ts";
import { readSettingsFile } from "./compute-service.ts";

export interface ComputeManagerOptions {
  readonly configFile: string;
  readonly serviceConfig?: string;
  readonly steal?: boolean;
  readonly maxCycles?: number;
  readonly once?: string;
  readonly clearError?: boolean;
}

const bin = join(import.meta.dirname, "..", "..", "bin", "alchemiscale.js");
/** Services have 45 s to leave, and then the manager has to. */
const hardLimitSeconds = 75;

/** `compute manager`: as a daemon, or one cycle. */
export async function computeManager(options: ComputeManagerOptions): Promise<void> {
  const { settings, warnings } = await readSettingsFile(options.configFile, parseManagerSettings, InvalidManagerSettings);
  const serviceConfig = options.serviceConfig ?? settings.service_config;
  if (serviceConfig === null || serviceConfig === undefined) {
    throw new UsageError("where the configuration of the services is must be said: -s FILE, or service_config in the manager's");
  }
  const parse = settings.service === "parallel" ? parseParallelServiceSettings : parseSynchronousServiceSettings;
  const service = (await readSettingsFile<{ settings: SynchronousServiceSettings }>(serviceConfig, (yaml) => parse(yaml)))
    .settings;
  const facts = factsOf(service);
  let id: string = settings.name;
  const level: LogLevel = parseLogLevel(settings.loglevel);
  const log = createServiceLog({ level, logfile: settings.logfile, id: () => id });
  for (const warning of warnings) log.warn(`${options.configFile}: ${warning}`);
  const common = { log, fetch: nodeFetch({ verify: service.client_verify }), ...(options.steal && { steal: true }) };
  const local = {
    command: (name: string, manager: string): [string, ...string[]] => [
      process.execPath,
      bin,
      "compute",
      settings.service,
      "-c",
      serviceConfig,
      "-n",
      name,
      "-m",
      manager,
      ...settings.service_arguments,
    ],
    logs: settings.service_logs,
    maxFailed: settings.max_failed_services,
  };
  try {
    if (options.clearError) {
      await new ComputeManager(settings, facts, new LocalPlatform({ ...local, keep: true }), common).clearError();
      note(`The name ${settings.name} is free.`);
    } else if (options.once !== undefined) {
      await runOnce(settings, facts, local, { ...common, stateFile: options.once });
    } else {
      const platform = new LocalPlatform({ ...local, keep: settings.keep_services });
      const limits = options.maxCycles === undefined ? {} : { maxCycles: options.maxCycles };
      const manager = new ComputeManager(settings, facts, platform, { ...common, ...limits });
      id = manager.id;
      note(
        `Compute manager ${settings.name}: up to ${settings.max_compute_services} ${settings.service} services for ${service.api_url}. Stop it with Ctrl-C.`,
      );
      process.exitCode = await runUntilSignal(
        { log, run: () => manager.run(), stop: (reason) => manager.stop(reason) },
        hardLimitSeconds,
      );
    }
  } catch (error) {
    if (error instanceof NameTaken || error instanceof AnotherRunning) throw new CommandFailure(error.message);
    throw error;
  }
}

function factsOf(service: SynchronousServiceSettings): ServiceFacts {
  const { api_url: url, identifier, key, scopes, protocols, claim_limit: claimLimit } = service;
  return { url, identifier, key, scopes, protocols, claimLimit };
}
