/** An executor that does as told, for states of a service that real ones reach only by chance. */
import type { Executor, NoResult, PreparedTask, PreparedUnit, UnitOutcome, UnitPlace } from "../src/index.ts";

export interface RunningUnit {
  readonly task: string;
  readonly unit: string;
  readonly place: UnitPlace;
  end(exception?: string): void;
}

interface Script {
  readonly units?: readonly (Pick<PreparedUnit, "key" | "dependencies"> & Partial<PreparedUnit>)[];
  /** Called when a unit starts; else it ends at once. */
  readonly onStart?: (unit: RunningUnit) => void;
  readonly onPrepare?: (task: string) => NoResult | undefined;
}

/** As the native protocol: what can run at once are its two middle units. */
export const fourUnits = [
  { key: "setup", dependencies: [] },
  { key: "forward", dependencies: ["setup"] },
  { key: "reverse", dependencies: ["setup"] },
  { key: "analysis", dependencies: ["forward", "reverse"] },
];

export class ScriptedExecutor implements Executor {
  readonly name = "scripted";
  readonly versions = { executor: { name: "scripted", version: "1" }, packages: { gufe: "1.2.3" } };
  readonly protocols = null;
  readonly running = new Map<string, RunningUnit>();
  /** `task unit` in the order of their starts. */
  readonly started: string[] = [];
  readonly abandoned: string[] = [];
  mostAtOnce = 0;
  readonly #script: Script;

  constructor(script: Script = {}) {
    this.#script = script;
  }

  async prepare({ task }: { readonly task: string }): Promise<PreparedTask | NoResult> {
    const failure = this.#script.onPrepare?.(task);
    if (failure !== undefined) return failure;
    const units = (this.#script.units ?? fourUnits).map((unit) => ({
      name: unit.key,
      qualname: "Unit",
      hints: { gpu: false, cores: 1, memory: null },
      ...unit,
    }));
    let ok = true;
    return {
      kind: "prepared",
      task: task as PreparedTask["task"],
      dagKey: `ProtocolDAG-${task}`,
      units,
      finished: new Map(),
      executeUnit: async (unit, place, signal) => {
        const outcome = await this.#run(task, unit, place, signal);
        ok &&= outcome.ok;
        return outcome;
      },
      assemble: async () => {
        const result = { bytes: new TextEncoder().encode(`[["ProtocolDAGResult-1", {}]]`) };
        return { kind: "result" as const, key: "ProtocolDAGResult-1", ok, result, dispose: async () => {} };
      },
      abandon: async () => void this.abandoned.push(task),
    };
  }

  execute(): Promise<never> {
    throw new Error("not scripted");
  }

  async close(): Promise<void> {}

  #run(task: string, unit: string, place: UnitPlace, signal: AbortSignal): Promise<UnitOutcome> {
    const id = `${task} ${unit}`;
    this.started.push(id);
    return new Promise((resolve, reject) => {
      const over = (): void => {
        this.running.delete(id);
        signal.removeEventListener("abort", stop);
      };
      const stop = (): void => {
        over();
        reject(signal.reason);
      };
      const end = (exception?: string): void => {
        over();
        resolve({ unit, ok: exception === undefined, attempts: 1, exception: exception ?? null, seconds: 0 });
      };
      const running = { task, unit, place, end };
      this.running.set(id, running);
      this.mostAtOnce = Math.max(this.mostAtOnce, this.running.size);
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      else if (this.#script.onStart === undefined) setImmediate(end);
      else this.#script.onStart(running);
    });
  }
}
