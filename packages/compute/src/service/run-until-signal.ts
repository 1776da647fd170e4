import { ClientError } from "@alchemiscale/client";
import { EnvironmentFailing } from "./service-core.ts";
import type { ServiceLog } from "./service-log.ts";

/** A service of any kind. */
export interface RunnableService {
  readonly log: ServiceLog;
  run(): Promise<void>;
  stop(reason: string): void;
}

/** Exit code of a service that stopped because its environment fails every Task. */
export const environmentFailingCode = 3;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a service as the main thing of a process. The first of SIGINT, SIGTERM and SIGHUP stops it; further ones are ignored, so that
 * it can leave the server's list; after `hardLimitSeconds` the process ends whatever is still going on.
 * @returns the exit code: 0 after a limit or a signal, 3 where the environment fails every Task, 1 after another error; both are in the log.
 */
export async function runUntilSignal(service: RunnableService, hardLimitSeconds = 30): Promise<number> {
  let limit: NodeJS.Timeout | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (limit !== undefined) return;
    limit = setTimeout(() => {
      service.log.fatal(`not stopped within ${hardLimitSeconds} s; ending the process`);
      process.exit(1);
    }, 1000 * hardLimitSeconds);
    service.stop(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    await service.run();
    return 0;
  } catch (error) {
    if (error instanceof EnvironmentFailing) {
      service.log.fatal(error.message);
      return environmentFailingCode;
    }
    // Answers of the server explain themselves; the stack of anything else is worth having.
    if (error instanceof ClientError) service.log.fatal(error.message);
    else service.log.fatal(error);
    return 1;
  } finally {
    clearTimeout(limit);
    for (const signal of signals) process.off(signal, onSignal);
  }
}
