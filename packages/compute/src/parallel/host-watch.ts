/** What this host has, and how much of it at once, adapted to what its utilisation shows. */
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import type { ParallelServiceSettings } from "../settings/parallel-service-settings.ts";
import { type Adapted, adapt, coreRules, gpuRules, type Sample, unadapted } from "./adapt.ts";
import { type GpuStatus, readGpus } from "./nvidia-smi.ts";
import { demandOn, type Host, type RunningUnit } from "./schedule.ts";

/** Milliseconds between two looks. */
const lookEveryMs = 2000;
/** What is older says nothing any more. */
const traceSamples = 60;

interface Watched {
  state: Adapted;
  trace: Sample[];
}

export interface HostWatchOptions {
  readonly settings: Pick<
    ParallelServiceSettings,
    "cores" | "memory" | "gpus" | "units_per_gpu" | "max_units_per_gpu" | "adapt_cores"
  >;
  /** What runs now. */
  readonly running: () => readonly RunningUnit[];
  /** Called when the host takes more or fewer units at once; the text is for the log. */
  readonly changed: (text: string) => void;
}

/** Of the variable that CUDA itself reads; null = not restricted. */
function visibleDevices(): readonly string[] | null {
  const value = process.env.CUDA_VISIBLE_DEVICES;
  if (value === undefined) return null;
  return value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "-1");
}

export class HostWatch {
  readonly #options: HostWatchOptions;
  readonly #memory: number;
  readonly #cores: Watched;
  readonly #gpus: ReadonlyMap<string, Watched>;
  readonly #ended = new AbortController();
  #ticks = ticks();

  private constructor(options: HostWatchOptions, gpus: readonly string[]) {
    const { cores, memory, units_per_gpu } = options.settings;
    this.#options = options;
    this.#memory = memory ?? constrainedMemory();
    this.#cores = { state: unadapted(cores ?? availableParallelism()), trace: [] };
    this.#gpus = new Map(gpus.map((id) => [id, { state: unadapted(units_per_gpu ?? 1), trace: [] }]));
  }

  static async open(options: HostWatchOptions): Promise<HostWatch> {
    const { gpus } = options.settings;
    const found = gpus ?? visibleDevices() ?? ((await readGpus()) ?? []).map(({ index }) => index);
    const watch = new HostWatch(options, found);
    void watch.#look();
    return watch;
  }

  get host(): Host {
    return {
      cores: this.#cores.state.units,
      memory: this.#memory,
      gpus: [...this.#gpus].map(([id, { state }]) => ({ id, units: state.units })),
    };
  }

  /** Whether units are told which GPU is theirs. */
  get managesGpus(): boolean {
    return this.#gpus.size > 0 || this.#options.settings.gpus !== null;
  }

  close(): void {
    this.#ended.abort();
  }

  async #look(): Promise<void> {
    const { signal } = this.#ended;
    const { settings, running, changed } = this.#options;
    const cores = settings.cores ?? availableParallelism();
    const adaptsGpus = this.#gpus.size > 0 && settings.units_per_gpu === null;
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(end, lookEveryMs);
        timer.unref();
        signal.addEventListener("abort", end, { once: true });
        function end(): void {
          clearTimeout(timer);
          signal.removeEventListener("abort", end);
          resolve();
        }
      });
      if (signal.aborted) return;
      const at = performance.now() / 1000;
      const units = running();
      if (settings.adapt_cores) {
        const used = units.reduce((sum, { demand }) => sum + demandOn(this.host, demand).cores, 0);
        const sample = { at, utilization: this.#utilization(), memory: 1 - freemem() / totalmem(), running: used };
        const next = step(this.#cores, sample, coreRules(cores));
        if (next) changed(`${this.#cores.state.units} units at once on ${cores} cores`);
      }
      if (!adaptsGpus) continue;
      const statuses = await readGpus(signal);
      for (const [id, watched] of this.#gpus) {
        const sample = sampleOf(statuses, id, at, units);
        if (sample !== null && step(watched, sample, gpuRules(settings.max_units_per_gpu))) {
          changed(`${watched.state.units} units at once on GPU ${id}`);
        }
      }
    }
  }

  /** Percent of all cores that were busy since the last look. */
  #utilization(): number {
    const now = ticks();
    const [busy, all] = [now.busy - this.#ticks.busy, now.all - this.#ticks.all];
    this.#ticks = now;
    return all === 0 ? 100 : (100 * busy) / all;
  }
}

/** True when the number of units changed. */
function step(watched: Watched, sample: Sample, rules: Parameters<typeof adapt>[2]): boolean {
  watched.trace = [...watched.trace, sample].slice(-traceSamples);
  const next = adapt(watched.state, watched.trace, rules);
  const changes = next.units !== watched.state.units;
  watched.state = next;
  if (changes) watched.trace = [];
  return changes;
}

function sampleOf(statuses: readonly GpuStatus[] | null, id: string, at: number, units: readonly RunningUnit[]): Sample | null {
  const status = statuses?.find(({ index, uuid }) => index === id || uuid === id);
  if (status === undefined || status.utilization === null || status.memory === null) return null;
  const running = units.filter(({ gpu }) => gpu === id).length;
  return { at, utilization: status.utilization, memory: status.memory, running };
}

function ticks(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const working = times.user + times.nice + times.sys + times.irq;
    busy += working;
    all += working + times.idle;
  }
  return { busy, all };
}

/** That a container allows, where it restricts it. */
function constrainedMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}
