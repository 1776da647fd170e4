import { ComputeManager, type ManagerOptions, type ServiceFacts } from "./compute-manager.ts";
import { type LocalOptions, LocalPlatform } from "./local-platform.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { withState } from "./state-file.ts";

/**
 * One cycle, for `cron`: what is registered and what runs is kept in `stateFile`. Nothing is deregistered at the end, so that services can go on
 * registering; call it more often than the server forgets managers.
 * @throws {NameTaken} {@link AnotherRunning}
 */
export async function runOnce(
  settings: ManagerSettings,
  service: ServiceFacts,
  local: Omit<LocalOptions, "keep" | "running">,
  options: Omit<ManagerOptions, "id" | "maxCycles"> & { readonly stateFile: string },
): Promise<void> {
  await withState(options.stateFile, async (state, keep) => {
    const platform = new LocalPlatform({ ...local, keep: true, running: state.services });
    const create = (id: typeof state.id) =>
      new ComputeManager(settings, service, platform, { ...options, ...(id === null ? {} : { id }) });
    let manager = create(state.id);
    let instruction = state.id === null ? null : await manager.instruction();
    if (instruction === null || instruction.instruction === "SHUTDOWN") {
      manager = create(null);
      await manager.register();
      await keep({ id: manager.id, services: platform.services });
      instruction = await manager.instruction();
    }
    try {
      await manager.act(instruction);
    } catch (error) {
      await manager.reportError(error);
      throw error;
    } finally {
      await keep({ id: manager.id, services: platform.services });
    }
  });
}
