/** Compute services and managers (§8). */
import type { Instant } from "../../src/index.ts";
import type { Model, ModelManager, ModelService } from "./model.ts";

/** The registration goes; its running Tasks wait again. */
export function releaseService(model: Model, service: ModelService): void {
  for (const task of model.tasks) {
    if (task.claim !== service) continue;
    task.claim = null;
    if (task.status === "running") task.status = "waiting";
  }
  model.services = model.services.filter((other) => other !== service);
}

/** Forgets what lies back too far, for ever; true where too many are left. */
export function failsTooOften(service: ModelService, forgiveBefore: Instant, maxFailures: number): boolean {
  service.failures = service.failures.filter((at) => at > forgiveBefore);
  return service.failures.length > maxFailures;
}

/** Its services stay, and keep the name. */
export function removeManager(model: Model, manager: ModelManager): void {
  for (const service of model.services) if (service.manager === manager) service.manager = null;
  model.managers = model.managers.filter((other) => other !== manager);
}

/** Null where the name is taken, and not to be had. */
export function registerManager(model: Model, manager: ModelManager, steal: boolean): ModelManager | null {
  const holder = model.managers.find(({ name }) => name === manager.name);
  if (holder !== undefined) {
    if (!steal || holder.status === "ERROR") return null;
    removeManager(model, holder);
  }
  model.managers.push(manager);
  for (const service of model.services) if (service.managerName === manager.name) service.manager = manager;
  return manager;
}
