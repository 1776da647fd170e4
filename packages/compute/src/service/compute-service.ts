import type { ComputeServiceId } from "@alchemiscale/contract";
import type { TaskExecutor } from "../executor.ts";
import type { SynchronousServiceSettings } from "../settings/synchronous-service-settings.ts";
import { ServiceCore, type ServiceOptions } from "./service-core.ts";
import type { ServiceLog } from "./service-log.ts";

/** A compute service, whichever way it runs its Tasks. */
export abstract class ComputeService<Settings extends SynchronousServiceSettings, Executor extends TaskExecutor> {
  protected readonly settings: Settings;
  protected readonly executor: Executor;
  protected readonly core: ServiceCore;

  /** @throws {NoProtocolToClaim} */
  constructor(settings: Settings, executor: Executor, options: ServiceOptions = {}) {
    this.settings = settings;
    this.executor = executor;
    this.core = new ServiceCore(settings, executor, options);
  }

  get id(): ComputeServiceId {
    return this.core.id;
  }

  get log(): ServiceLog {
    return this.core.log;
  }

  /** Tasks executed, ok or not. */
  get executed(): number {
    return this.core.executed;
  }

  /** Aborts what runs, sends nothing more, wakes every sleep, and lets {@link run} end. */
  stop(reason: string): void {
    this.core.stop(reason);
  }

  /**
   * Resolves when a limit was reached or the service was stopped, after it has deregistered. Rejects with what made going on useless:
   * a refused login, a server that was never reached, a claim that the server finds invalid, an environment in which every Task fails.
   */
  run(): Promise<void> {
    return this.core.run(
      () => this.work(),
      () => this.close(),
    );
  }

  /** Claims and runs Tasks until a limit is reached. */
  protected abstract work(): Promise<void>;

  /** After the work, however that ended. */
  protected abstract close(): Promise<void>;
}
