/** What to start next: a pure function from what a host has, what runs and what could run. */

/** What a unit uses while it runs. */
export interface Demand {
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly gpu: boolean;
}

export interface ReadyUnit {
  readonly id: string;
  /** Of its Task: those that came first go first, so that what is begun is finished. */
  readonly order: number;
  /** Within its Task. */
  readonly position: number;
  readonly demand: Demand;
  /** Milliseconds on the clock of `now`. */
  readonly readySince: number;
}

export interface RunningUnit {
  readonly demand: Demand;
  /** Where it runs; null without one. */
  readonly gpu: string | null;
}

export interface Host {
  /** May exceed what there is, where processors are seen to rest. */
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** Units that each may run at once. */
  readonly gpus: readonly { readonly id: string; readonly units: number }[];
}

export interface HostState {
  readonly now: number;
  readonly host: Host;
  readonly running: readonly RunningUnit[];
  readonly ready: readonly ReadyUnit[];
}

export interface Start {
  readonly id: string;
  readonly gpu: string | null;
}

/** A unit that has waited for so long is no longer overtaken by younger ones that want the same. */
export const patienceMs = 60_000;

/**
 * Units to start now, in order. Never more than the host has; a unit that wants more than there is wants all of it, so that it runs alone; on
 * a host without GPUs nobody wants one. The oldest Task goes first; what does not fit is overtaken by what does, until it has waited
 * for {@link patienceMs}: then what it wants is kept for it. GPUs fill evenly.
 */
export function nextStarts({ now, host, running, ready }: HostState): Start[] {
  const load = new Map(host.gpus.map(({ id }) => [id, 0]));
  for (const { gpu } of running) if (gpu !== null && load.has(gpu)) load.set(gpu, (load.get(gpu) ?? 0) + 1);
  const used = running.map(({ demand }) => demandOn(host, demand));
  let cores = host.cores - sum(used.map((demand) => demand.cores));
  let memory = host.memory - sum(used.map((demand) => demand.memory));
  let keptGpus = 0;
  const starts: Start[] = [];
  for (const unit of [...ready].sort((a, b) => a.order - b.order || a.position - b.position)) {
    const demand = demandOn(host, unit.demand);
    const gpu = demand.gpu ? freestGpu(host, load, keptGpus) : null;
    // What half a core's worth of rounding leaves over must not keep a unit out.
    const fits = demand.cores <= cores + 1e-9 && demand.memory <= memory && (!demand.gpu || gpu !== null);
    if (fits) {
      starts.push({ id: unit.id, gpu });
      if (gpu !== null) load.set(gpu, (load.get(gpu) ?? 0) + 1);
    } else if (now - unit.readySince < patienceMs) continue;
    else if (demand.gpu) keptGpus += 1;
    cores -= demand.cores;
    memory -= demand.memory;
  }
  return starts;
}

/** What a unit gets on this host. */
export function demandOn(host: Host, demand: Demand): Demand {
  return {
    cores: Math.min(demand.cores, host.cores),
    memory: Math.min(demand.memory, host.memory),
    gpu: demand.gpu && host.gpus.length > 0,
  };
}

/** The one with the smallest part of its places taken; null when all that are not kept are taken. */
function freestGpu(host: Host, load: ReadonlyMap<string, number>, kept: number): string | null {
  const free = host.gpus
    .map(({ id, units }) => ({ id, units, load: load.get(id) ?? 0 }))
    .filter(({ units, load: taken }) => taken < units)
    .sort((a, b) => a.load / a.units - b.load / b.units);
  const places = sum(free.map(({ units, load: taken }) => units - taken));
  return places > kept ? (free[0]?.id ?? null) : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
