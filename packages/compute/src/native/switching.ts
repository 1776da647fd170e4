/** Non-equilibrium switching between harmonic wells. Energies in kcal/mol, lengths in nm, times in ps, work in kT. */
import { gasConstant, type RandomStream } from "@alchemiscale/analysis";

/** `offset + forceConstant / 2 · |x − center|²` */
export interface Well {
  readonly forceConstant: number;
  readonly center: readonly number[];
  readonly offset: number;
}

export interface Schedule {
  readonly steps: number;
  /** ps spent at each λ. */
  readonly timestep: number;
  /** nm²/ps */
  readonly diffusionCoefficient: number;
  /** K */
  readonly temperature: number;
}

/** F_B − F_A in kcal/mol: `D/2 · kT · ln(k_B / k_A) + offset_B − offset_A`, from the two Gaussian integrals. */
export function wellDifference(a: Well, b: Well, temperature: number): number {
  const kt = gasConstant * temperature;
  return 0.5 * a.center.length * kt * Math.log(b.forceConstant / a.forceConstant) + (b.offset - a.offset);
}

/**
 * Work in kT of one switch from `start` to `end`.
 *
 * x begins in the exact equilibrium of `start`. For i = 1 … n, λ jumps to i/n at fixed x (this is the work) and, but for the last,
 * x moves for one timestep at that λ by the exact solution of the overdamped Langevin equation: the mixed potential is harmonic too,
 * so that this is an Ornstein-Uhlenbeck process. Every move keeps detailed balance, hence Crooks' relation and the free energy from
 * the work values are exact whatever the timestep; a long timestep only dissipates less.
 */
export function switchingWork(start: Well, end: Well, schedule: Schedule, random: RandomStream): number {
  const { steps, timestep, diffusionCoefficient, temperature } = schedule;
  const kt = gasConstant * temperature;
  // Loops by index over numbers as they are: iterators and boxed numbers made a third of the work garbage collection, the more so with several threads.
  const from = Float64Array.from(start.center);
  const to = Float64Array.from(end.center);
  const x = from.map((center) => center + Math.sqrt(kt / start.forceConstant) * random.normal());
  let work = 0;
  for (let i = 1; ; i += 1) {
    // The potential is linear in λ, so every jump's work is the same function of x.
    const gap =
      end.offset -
      start.offset +
      0.5 * end.forceConstant * squaredDistance(x, to) -
      0.5 * start.forceConstant * squaredDistance(x, from);
    work += gap / (steps * kt);
    if (i >= steps) return work;
    const mixing = i / steps;
    const kStart = (1 - mixing) * start.forceConstant;
    const kEnd = mixing * end.forceConstant;
    const k = kStart + kEnd;
    const decay = Math.exp((-k * diffusionCoefficient * timestep) / kt);
    const width = Math.sqrt((kt / k) * (1 - decay * decay));
    for (let d = 0; d < x.length; d += 1) {
      const center = (kStart * (from[d] ?? 0) + kEnd * (to[d] ?? 0)) / k;
      x[d] = center + ((x[d] ?? 0) - center) * decay + width * random.normal();
    }
  }
}

function squaredDistance(x: Float64Array, center: Float64Array): number {
  let total = 0;
  for (let d = 0; d < x.length; d += 1) total += ((x[d] ?? 0) - (center[d] ?? 0)) ** 2;
  return total;
}
