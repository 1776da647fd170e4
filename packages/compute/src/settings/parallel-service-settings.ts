import { bytes, flag, list, number, type Reader, RuleBroken, shown, text } from "./field-readers.ts";
import { type ReadSettings, readSettings, type SettingsKeys } from "./read-settings.ts";
import { type SynchronousServiceSettings, serviceKeys, withoutEmptyLists } from "./synchronous-service-settings.ts";

/** What units of some classes use. Null: as the executor tells, else the default. */
export interface UnitRule {
  /** Class or name of a unit; `*` stands for anything. */
  readonly unit: string;
  readonly cores: number | null;
  /** Bytes. */
  readonly memory: number | null;
  readonly gpu: boolean | null;
}

/** Settings of a parallel compute service: those of the synchronous one, and what its host has and units need. */
export interface ParallelServiceSettings extends SynchronousServiceSettings {
  /** Cores that units may use together; null = all of the host. */
  readonly cores: number | null;
  /** Bytes of memory that units may use together; null = all of the host. */
  readonly memory: number | null;
  /** GPUs as CUDA_VISIBLE_DEVICES names them; null = all that nvidia-smi shows; [] = none. */
  readonly gpus: readonly string[] | null;
  /** Units on one GPU at once; null = found out from its utilisation, at most `max_units_per_gpu`. */
  readonly units_per_gpu: number | null;
  readonly max_units_per_gpu: number;
  /** Whether more units than cores run while the processors are not busy. */
  readonly adapt_cores: boolean;
  /** The first rule that fits a unit holds. */
  readonly unit_resources: readonly UnitRule[];
  /** Tasks claimed and not yet sent; null = as many as the resources need. */
  readonly max_tasks_at_once: number | null;
  /** Tasks held ready beyond those that run; null = as many as keep the resources busy. */
  readonly claim_ahead: number | null;
}

const gpuNames: Reader<readonly string[]> = (value) => {
  if (value === "none") return [];
  const given = typeof value === "string" ? value.split(",") : value;
  return list((name) => {
    const id = String(name).trim();
    if (!/^([0-9]+|(GPU|MIG)-[0-9A-Za-z/-]+)$/.test(id)) {
      throw new RuleBroken(`must hold numbers or names of GPUs as nvidia-smi -L shows them; ${shown(name)} is none`);
    }
    return id;
  }, "GPUs such as [0, 1]")(given);
};

const unitRules: Reader<readonly UnitRule[]> = list((value) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RuleBroken(`must hold mappings such as {unit: "*Setup*", cores: 1, gpu: false}; ${shown(value)} is none`);
  }
  const { unit, cores = null, memory = null, gpu = null, ...rest } = value as Record<string, unknown>;
  const [stray] = Object.keys(rest);
  if (stray !== undefined) throw new RuleBroken(`knows unit, cores, memory and gpu, and not ${shown(stray)}`);
  return {
    unit: text(unit),
    cores: cores === null ? null : number({ above: 0 })(cores),
    memory: memory === null ? null : bytes(memory),
    gpu: gpu === null ? null : flag(gpu),
  };
}, "rules for units");

const countOrAuto: Reader<number | null> = (value) => (value === "auto" ? null : number({ integer: true, atLeast: 1 })(value));

const parallelKeys: SettingsKeys<ParallelServiceSettings> = {
  ...serviceKeys,
  // The most Tasks in one request; how many are wanted, the resources say.
  claim_limit: [number({ integer: true, atLeast: 1 }), 16],
  cores: [countOrAuto, null],
  memory: [bytes, null],
  gpus: [gpuNames, null],
  units_per_gpu: [countOrAuto, null],
  max_units_per_gpu: [number({ integer: true, atLeast: 1 }), 4],
  adapt_cores: [flag, true],
  unit_resources: [unitRules, []],
  max_tasks_at_once: [countOrAuto, null],
  claim_ahead: [(value) => (value === "auto" ? null : number({ integer: true, atLeast: 0 })(value)), null],
};

/** Reads upstream's YAML with our keys beside its own. @throws {InvalidSettings} with every problem of the file. */
export function parseParallelServiceSettings(
  yaml: string,
  overrides: { readonly name?: string; readonly compute_manager_id?: string } = {},
): ReadSettings<ParallelServiceSettings> {
  const { settings, warnings } = readSettings(yaml, parallelKeys, overrides);
  return { settings: withoutEmptyLists(settings), warnings };
}
