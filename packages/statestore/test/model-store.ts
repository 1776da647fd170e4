/** The semantics of Tasks, hubs and claims (state-semantics §5–§9), small and slow: what the stores are compared with. */
import type { TaskStatus } from "@alchemiscale/contract";

export interface ModelTask {
  readonly name: string;
  readonly transformation: number;
  readonly extends: ModelTask | null;
  status: TaskStatus;
  priority: bigint;
  service: string | null;
  /** Hub → weight. */
  readonly hubs: Map<number, number>;
  readonly results: Set<string>;
}

const moves: Readonly<Record<TaskStatus, string>> = {
  waiting: "waiting running invalid deleted",
  running: "waiting running complete error invalid deleted",
  error: "waiting error invalid deleted",
  complete: "complete invalid deleted",
  invalid: "invalid",
  deleted: "deleted",
};

export class ModelStore {
  readonly tasks: ModelTask[] = [];
  readonly services = new Set<string>();
  /** Transformations of each hub's network. */
  readonly hubs: readonly (readonly number[])[];
  /** Class of the Protocol of each Transformation. */
  readonly protocols: readonly string[];

  constructor(hubs: readonly (readonly number[])[], protocols: readonly string[]) {
    this.hubs = hubs;
    this.protocols = protocols;
  }

  mayExtend(parent: ModelTask, transformation: number): boolean {
    return parent.transformation === transformation && parent.status !== "invalid" && parent.status !== "deleted";
  }

  create(name: string, transformation: number, parent: ModelTask | null): ModelTask {
    const task: ModelTask = {
      name,
      transformation,
      extends: parent,
      status: "waiting",
      priority: 10n,
      service: null,
      hubs: new Map(),
      results: new Set(),
    };
    this.tasks.push(task);
    return task;
  }

  /** True where it is allowed. One Task after the other. */
  setStatus(task: ModelTask, to: TaskStatus): boolean {
    if (!moves[task.status].split(" ").includes(to)) return false;
    task.status = to;
    if (to !== "running") task.service = null;
    if (to === "complete" || to === "invalid" || to === "deleted") task.hubs.clear();
    if (to === "invalid" || to === "deleted") {
      for (const child of this.tasks) {
        if (child.extends !== task) continue;
        if (child.status === "invalid" || child.status === "deleted") continue;
        child.status = to;
        child.service = null;
        child.hubs.clear();
        this.#cascade(child, to);
      }
    }
    return true;
  }

  #cascade(task: ModelTask, to: "invalid" | "deleted"): void {
    this.setStatus(task, to);
  }

  action(task: ModelTask, hub: number, weight: number | null): boolean {
    const present = task.hubs.has(hub);
    const allowed = this.hubs[hub]?.includes(task.transformation) && ["waiting", "running", "error"].includes(task.status);
    if (!present && !allowed) return false;
    if (!present || weight !== null) task.hubs.set(hub, weight ?? 0.5);
    return !present;
  }

  claimable(hub: number, protocols: readonly string[] | null): ModelTask[] {
    return this.tasks.filter(
      (task) =>
        (task.hubs.get(hub) ?? 0) > 0 &&
        task.status === "waiting" &&
        (task.extends === null || task.extends.status === "complete") &&
        (protocols === null || protocols.includes(this.protocols[task.transformation] ?? "")),
    );
  }

  claim(task: ModelTask, service: string): void {
    task.status = "running";
    task.service = service;
  }

  deregister(service: string): void {
    for (const task of this.tasks) {
      if (task.service !== service) continue;
      task.service = null;
      if (task.status === "running") task.status = "waiting";
    }
    this.services.delete(service);
  }

  report(task: ModelTask, resultKey: string, ok: boolean, poster: string): void {
    const result = `${resultKey} ${ok}`;
    if (task.results.has(result)) return;
    task.results.add(result);
    if (ok) {
      if (task.status === "running") this.setStatus(task, "complete");
    } else if (task.status === "running" && (task.service === null || task.service === poster || poster === "None")) {
      this.setStatus(task, "error");
    }
  }
}
