/** What a unit uses: by the settings, else as its executor tells, else by its name. */
import type { PreparedUnit } from "../executor.ts";
import type { UnitRule } from "../settings/parallel-service-settings.ts";
import type { Demand } from "./schedule.ts";

/** Units of these names prepare or evaluate; everything else is taken for a simulation where there are GPUs. */
const withoutGpu = /set_?up|prepar|analy[sz]|gather|result/i;

export function unitDemand(unit: Pick<PreparedUnit, "qualname" | "name" | "hints">, rules: readonly UnitRule[]): Demand {
  const rule = rules.find(({ unit: pattern }) => fits(pattern, unit.qualname) || fits(pattern, unit.name ?? ""));
  const { hints } = unit;
  return {
    cores: rule?.cores ?? hints.cores ?? 1,
    memory: rule?.memory ?? hints.memory ?? 0,
    gpu: rule?.gpu ?? hints.gpu ?? !withoutGpu.test(`${unit.qualname} ${unit.name ?? ""}`),
  };
}

/** `*` stands for anything; no other character is special. */
function fits(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

/**
 * Environment of a unit's process: its GPU and no other, and as many threads as it has cores. `gpu` undefined: GPUs are none of our
 * business on this host; null: it gets none.
 */
export function unitVariables(cores: number, gpu: string | null | undefined): Record<string, string> {
  const threads = String(Math.max(1, Math.floor(cores)));
  return {
    ...(gpu === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpu ?? "" }),
    OMP_NUM_THREADS: threads,
    OPENMM_CPU_THREADS: threads,
  };
}
