import { InvalidInput } from "../invalid-input.ts";
import type { CostFeatures } from "./cost-features.ts";

/** A Task that was computed to its end. */
export interface FinishedTask {
  readonly features: CostFeatures;
  /** From the first start to the last end of its units, as hours of one GPU, or of one processor where it used no GPU. */
  readonly hours: number;
  /** Model of the GPU, or of the processor; null where the compute service did not say. */
  readonly hardware: string | null;
}

/** GPU hours with the interval that holds with 90 % probability, as far as the model is right. */
export interface CostEstimate {
  readonly hours: number;
  readonly low: number;
  readonly high: number;
  /** What of it was in none of the Tasks learned from: the interval is wide for that. */
  readonly unseen: readonly string[];
}

/** Of a network, or any list of Transformations. */
export interface NetworkCost extends CostEstimate {
  /** Tasks that are still to be computed. */
  readonly tasks: number;
}

/** What is still wanted of a Transformation. */
export interface WantedTasks {
  readonly features: CostFeatures;
  /** Results wanted in all. */
  readonly wanted: number;
  /** Results that there are. */
  readonly existing: number;
}

/** Spread of ln(hours) before anything was learned: of what the model does not know, and of each of its parts. */
const assumed = {
  noise: 0.3,
  /** How sure the noise is from the beginning, in Tasks. */
  noiseTasks: 3,
  level: 5,
  kind: 1,
  hardware: 0.7,
  /** Exponents: hours ∝ time^1 and ∝ atoms^0.8, about so. */
  time: { mean: 1, spread: 0.2 },
  atoms: { mean: 0.8, spread: 0.4 },
} as const;

/** Sizes near which the exponents do not matter. */
const typical = { atoms: 3000, nanoseconds: 100 } as const;

/** 95th percentile of the normal distribution. */
const z95 = 1.6448536269514722;

type Part = readonly [name: string, value: number];

/**
 * GPU hours of Tasks, learned from Tasks that are finished:
 *
 *     ln(hours) = level + kind + hardware + γ ln(atoms/3000) + δ ln(ns/100) + noise
 *
 * with an offset for each kind (protocol and environment) and hardware. It is a Bayesian linear regression with the conjugate prior (normal for the
 * coefficients, inverse gamma for the noise; Gelman et al., Bayesian Data Analysis, 3rd edition, chapter 14), updated Task by Task. With few Tasks the
 * priors speak: costs grow like simulated time, and like atoms to the power 0.8; new kinds differ by a factor of e, new hardware by one of 2, about.
 */
export class CostModel {
  readonly #names = new Map<string, number>();
  readonly #mean: number[] = [];
  /** Covariance of the coefficients in units of the noise's variance. */
  readonly #scale: number[][] = [];
  readonly #hardware = new Map<string, number>();
  /** Sum of squares so far, halved: the rate of the noise's inverse gamma distribution. */
  #rate = (assumed.noiseTasks / 2) * assumed.noise ** 2;
  #count = 0;

  /** @throws {InvalidInput} for hours that are not above 0 */
  constructor(tasks: Iterable<FinishedTask> = []) {
    for (const task of tasks) this.learn(task);
  }

  /** Tasks learned from. With 0 there are no estimates. */
  get count(): number {
    return this.#count;
  }

  /** Models of hardware that were seen, the most frequent first. */
  get hardware(): readonly string[] {
    return [...this.#hardware].sort(([, a], [, b]) => b - a).map(([name]) => name);
  }

  /** @throws {InvalidInput} for hours that are not above 0 */
  learn({ features, hours, hardware }: FinishedTask): void {
    if (!(Number.isFinite(hours) && hours > 0)) throw new InvalidInput("hours", `is ${hours}; a finished Task took more than 0`);
    const name = hardware ?? unnamed;
    const parts = [...featureParts(features), [`hardware ${name}`, 1] as const];
    for (const [part] of parts) this.#know(part);
    const x = this.#row(parts);
    const along = this.#times(x);
    const spread = 1 + dot(x, along);
    const miss = Math.log(hours) - offset(features) - dot(x, this.#mean);
    for (const [i, each] of along.entries()) {
      this.#mean[i] = (this.#mean[i] as number) + (each * miss) / spread;
      const row = this.#scale[i] as number[];
      for (const [j, other] of along.entries()) row[j] = (row[j] as number) - (each * other) / spread;
    }
    this.#rate += miss ** 2 / (2 * spread);
    this.#count += 1;
    this.#hardware.set(name, (this.#hardware.get(name) ?? 0) + 1);
  }

  /**
   * What one Task will cost. null where there is nothing to learn from.
   * @param hardware model as Tasks had it; default: a mixture as so far
   */
  task(features: CostFeatures, hardware?: string): CostEstimate | null {
    return this.network([{ features, wanted: 1, existing: 0 }], hardware);
  }

  /**
   * What the Tasks that are still wanted will cost together. What is uncertain of all of them alike, such as a kind that was never
   * seen, does not average out. null where there is nothing to learn from.
   */
  network(transformations: readonly WantedTasks[], hardware?: string): NetworkCost | null {
    if (this.#count === 0) return null;
    const degrees = assumed.noiseTasks + this.#count;
    const noise = (2 * this.#rate) / degrees;
    const hardwareParts = this.#hardwareParts(hardware);
    const unseen = new Set<string>();
    let tasks = 0;
    let hours = 0;
    let independent = 0;
    const weights = new Map<string, number>();
    for (const { features, wanted, existing } of transformations) {
      const left = Math.max(0, wanted - existing);
      if (left === 0) continue;
      const parts = [...featureParts(features), ...hardwareParts];
      for (const [name] of parts) if (!this.#names.has(name)) unseen.add(name);
      const log = offset(features) + parts.reduce((sum, [name, value]) => sum + value * this.#coefficient(name), 0);
      // The mean of what varies from Task to Task, not its median: totals are asked for.
      const each = Math.exp(log + noise / 2);
      tasks += left;
      hours += left * each;
      independent += left * each * each;
      for (const [name, value] of parts) weights.set(name, (weights.get(name) ?? 0) + left * each * value);
    }
    if (tasks === 0) return { tasks, hours: 0, low: 0, high: 0, unseen: [] };
    // ln of the sum, to first order: each coefficient counts by its share in the hours.
    const shares = [...weights].map(([name, weight]): Part => [name, weight / hours]);
    const known = this.#row(shares.filter(([name]) => this.#names.has(name)));
    const ofKnown = noise * (dot(known, this.#times(known)) + independent / hours ** 2);
    const ofUnseen = shares
      .filter(([name]) => !this.#names.has(name))
      .reduce((sum, [name, share]) => sum + (share * priorSpread(name)) ** 2, 0);
    const spread = Math.sqrt(ofKnown + ofUnseen) * studentFactor(degrees);
    return { tasks, hours, low: hours * Math.exp(-spread), high: hours * Math.exp(spread), unseen: [...unseen] };
  }

  #hardwareParts(hardware: string | undefined): Part[] {
    if (hardware !== undefined) return [[`hardware ${hardware}`, 1]];
    return [...this.#hardware].map(([name, count]) => [`hardware ${name}`, count / this.#count]);
  }

  #coefficient(name: string): number {
    const place = this.#names.get(name);
    return place === undefined ? 0 : (this.#mean[place] as number);
  }

  #know(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.set(name, this.#mean.length);
    this.#mean.push(0);
    for (const row of this.#scale) row.push(0);
    this.#scale.push(this.#mean.map((_, i) => (i === this.#mean.length - 1 ? (priorSpread(name) / assumed.noise) ** 2 : 0)));
  }

  #row(parts: readonly Part[]): number[] {
    const row = new Array<number>(this.#mean.length).fill(0);
    for (const [name, value] of parts) {
      const place = this.#names.get(name) as number;
      row[place] = (row[place] as number) + value;
    }
    return row;
  }

  #times(x: readonly number[]): number[] {
    return this.#scale.map((row) => dot(row, x));
  }
}

const unnamed = "unknown";

/** Exponents are learned as differences from what is assumed; what is not known is taken as typical. */
function featureParts({ kind, atoms, nanoseconds }: CostFeatures): Part[] {
  const parts: Part[] = [
    ["level", 1],
    [`kind ${kind}`, 1],
  ];
  if (atoms !== null) parts.push(["atoms", Math.log(atoms / typical.atoms)]);
  if (nanoseconds !== null) parts.push(["time", Math.log(nanoseconds / typical.nanoseconds)]);
  return parts;
}

function offset({ atoms, nanoseconds }: CostFeatures): number {
  const ofAtoms = atoms === null ? 0 : assumed.atoms.mean * Math.log(atoms / typical.atoms);
  return ofAtoms + (nanoseconds === null ? 0 : assumed.time.mean * Math.log(nanoseconds / typical.nanoseconds));
}

function priorSpread(name: string): number {
  if (name === "level") return assumed.level;
  if (name === "atoms" || name === "time") return assumed[name].spread;
  return name.startsWith("kind ") ? assumed.kind : assumed.hardware;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, each, i) => sum + each * (b[i] as number), 0);
}

/** 95th percentile of Student's t by its expansion at large degrees of freedom (Abramowitz and Stegun 26.7.5); 0.3 % off at 3. */
function studentFactor(degrees: number): number {
  const z = z95;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}
