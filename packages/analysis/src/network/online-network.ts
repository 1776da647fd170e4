import { connectedGroups } from "./connected-groups.ts";
import { checkMeasurement, isSelfMeasurement, type NetworkMeasurement } from "./network-measurement.ts";
import {
  centredCovariance,
  centredValues,
  chiSquared,
  type NetworkComponent,
  type NetworkSolution,
  solveComponent,
} from "./solve-network.ts";

/** A component as it is kept: arrays are changed in place. */
interface Part {
  ligands: string[];
  places: Map<string, number>;
  reference: NetworkComponent["reference"];
  values: Float64Array;
  covariance: Float64Array;
  /** Bound of the rounding errors that updates have added to the covariance. */
  rounding: number;
}

/** Rounding errors beyond this share of the smallest variance make a component be solved anew. */
const toleratedRounding = 1e-10;
/** A measurement that carries more than all but this share of its ligands' precision cannot be taken out by an update: it may be a bridge. */
const leastLeft = 1e-4;

/**
 * The maximum likelihood solution of a network to which results come one after another: what `solveNetwork` gives, by an update of time
 * O(n²) for each result instead of a new solution.
 *
 * A measurement d ± s of v·f, where v = e(to) − e(from), changes precision by w = 1/s² and F f = z by h = d/s²; with r = vᵀC v
 *
 *     f ← f + C v (h − w vᵀf)/(1 + w r)        C ← C − (C v)(C v)ᵀ w/(1 + w r)
 *
 * (Sherman and Morrison, Ann. Math. Stat. 21, 124 (1950)); a measurement that changes or goes has the differences of w and h. One that joins two components
 * is a bridge: it fixes one relative to the other. Where rounding errors could have added up, or a removal may divide a component, that
 * component is solved anew. (spec/analysis.md §5)
 */
export class OnlineNetwork {
  readonly #measurements = new Map<string, NetworkMeasurement>();
  readonly #parts = new Map<string, Part>();

  /** @param measurements by id, such as the key of an edge; solved at once */
  constructor(
    measurements: Iterable<readonly [id: string, measurement: NetworkMeasurement]> = [],
    ligands: readonly string[] = [],
  ) {
    const named = new Set(ligands);
    for (const [id, measurement] of measurements) {
      checkMeasurement(measurement, id);
      this.#measurements.set(id, measurement);
      if (measurement.from !== null) named.add(measurement.from);
      named.add(measurement.to);
    }
    this.#solve([...named], [...this.#measurements.values()]);
  }

  /**
   * Adds a measurement, or replaces the one of this id; null takes it out.
   * @throws {InvalidInput} naming the id, for values that are not finite and σ that are not above 0; then nothing has changed
   */
  set(id: string, measurement: NetworkMeasurement | null): void {
    if (measurement !== null) checkMeasurement(measurement, id);
    const before = this.#measurements.get(id) ?? null;
    if (before !== null && measurement !== null && before.from === measurement.from && before.to === measurement.to) {
      this.#measurements.set(id, measurement);
      this.#change(measurement, precision(measurement) - precision(before), moment(measurement) - moment(before));
      return;
    }
    // One after the other, each with the measurements as they then are: a component may be solved anew from them.
    if (before !== null) {
      this.#measurements.delete(id);
      this.#change(before, -precision(before), -moment(before));
    }
    if (measurement !== null) {
      this.#measurements.set(id, measurement);
      this.#add(measurement);
    }
  }

  /** Solves everything anew, for a moment when nobody waits: no later update has to. */
  refresh(): void {
    this.#solve([...this.#parts.keys()], [...this.#measurements.values()]);
  }

  /** As things stand. The arrays are those that the next update changes: copy what is to be kept. */
  get solution(): NetworkSolution {
    const parts = [...new Set(this.#parts.values())];
    const measurements = new Map(parts.map((part) => [part, [] as NetworkMeasurement[]]));
    for (const measurement of this.#measurements.values()) {
      if (!isSelfMeasurement(measurement)) measurements.get(this.#partOf(measurement.to))?.push(measurement);
    }
    return {
      components: parts.map(({ ligands, places, reference, values, covariance }, i) => {
        const own = measurements.get(parts[i] as Part) ?? [];
        return {
          ligands,
          reference,
          values,
          covariance,
          chi2: chiSquared(values, own, places),
          degreesOfFreedom: own.length === 0 ? 0 : own.length - ligands.length + (reference === "mean" ? 1 : 0),
        };
      }),
    };
  }

  #solve(ligands: readonly string[], measurements: readonly NetworkMeasurement[]): void {
    const used = measurements.filter((measurement) => !isSelfMeasurement(measurement));
    for (const group of connectedGroups(ligands, used)) {
      const { reference, values, covariance } = solveComponent(group.ligands, group.measurements);
      this.#keep({ ligands: [...group.ligands], places: placesOf(group.ligands), reference, values, covariance, rounding: 0 });
    }
  }

  #solvePart({ ligands, places }: Part): void {
    this.#solve(
      ligands,
      [...this.#measurements.values()].filter(({ to }) => places.has(to)),
    );
  }

  #keep(part: Part): void {
    for (const ligand of part.ligands) this.#parts.set(ligand, part);
  }

  #partOf(ligand: string): Part {
    const known = this.#parts.get(ligand);
    if (known !== undefined) return known;
    const { reference, values, covariance } = solveComponent([ligand], []);
    const part: Part = { ligands: [ligand], places: placesOf([ligand]), reference, values, covariance, rounding: 0 };
    this.#keep(part);
    return part;
  }

  /** The component that absolute values were measured in; all of them share the true zero. */
  #anchored(): Part | undefined {
    return [...this.#parts.values()].find(({ reference }) => reference === "absolute");
  }

  #add(measurement: NetworkMeasurement): void {
    const { from, to } = measurement;
    const target = this.#partOf(to);
    if (isSelfMeasurement(measurement)) return;
    const source = from === null ? this.#anchored() : this.#partOf(from);
    if (source === target) this.#change(measurement, precision(measurement), moment(measurement));
    else this.#join(source, target, measurement);
  }

  /** Changes precision and moment of what is measured between ligands of one component. */
  #change(measurement: NetworkMeasurement, weight: number, momentChange: number): void {
    if (isSelfMeasurement(measurement)) return;
    const part = this.#partOf(measurement.to);
    const { values, covariance, places } = part;
    const count = values.length;
    const b = places.get(measurement.to) as number;
    const a = measurement.from === null ? undefined : (places.get(measurement.from) as number);
    const column = covariance.slice(b * count, (b + 1) * count);
    if (a !== undefined)
      for (let i = 0; i < count; i += 1) column[i] = (column[i] as number) - (covariance[a * count + i] as number);
    const along = (vector: Float64Array): number => (vector[b] as number) - (a === undefined ? 0 : (vector[a] as number));
    const left = 1 + weight * along(column);
    if (!(left > leastLeft)) {
      this.#solvePart(part);
      return;
    }
    const step = (momentChange - weight * along(values)) / left;
    for (let i = 0; i < count; i += 1) values[i] = (values[i] as number) + (column[i] as number) * step;
    addOuterProduct(covariance, column, -weight / left);
    part.rounding += (Number.EPSILON * largestVariance(covariance, count)) / Math.min(1, left);
    if (part.rounding > toleratedRounding * smallestVariance(covariance, count)) this.#solvePart(part);
  }

  /** Makes one component of two, or of one and the true zero, that a measurement connects. */
  #join(source: Part | undefined, target: Part, { from, to, value, sigma }: NetworkMeasurement): void {
    // The component that has the true zero keeps its values, and the other one is moved.
    if (source !== undefined && target.reference === "absolute") this.#attach(target, to, source, from as string, -value, sigma);
    else this.#attach(source, from, target, to, value, sigma);
  }

  /** f(moved ligand) = f(fixed ligand) + value: joins `moved` to `fixed`, or to the true zero alone where that is undefined. */
  #attach(fixed: Part | undefined, at: string | null, moved: Part, ligand: string, value: number, sigma: number): void {
    const own = fixed?.ligands.length ?? 0;
    const other = moved.ligands.length;
    const count = own + other;
    const reference = at === null || fixed?.reference === "absolute" ? "absolute" : "mean";
    const a = at === null ? undefined : (fixed?.places.get(at) as number);
    const b = moved.places.get(ligand) as number;
    const inMoved = knownCovariance(moved);
    const inFixed = fixed === undefined ? new Float64Array(0) : knownCovariance(fixed);
    // Every moved ligand varies with the fixed ones as the one does that it hangs on.
    const across = a === undefined ? new Float64Array(own) : inFixed.subarray(a * own, (a + 1) * own);
    const values = new Float64Array(count);
    const shift = value + (a === undefined ? 0 : (fixed?.values[a] as number)) - (moved.values[b] as number);
    if (fixed !== undefined) values.set(fixed.values);
    for (let i = 0; i < other; i += 1) values[own + i] = (moved.values[i] as number) + shift;
    const covariance = new Float64Array(count * count);
    for (let i = 0; i < own; i += 1) {
      covariance.set(inFixed.subarray(i * own, (i + 1) * own), i * count);
      covariance.fill(across[i] as number, i * count + own, (i + 1) * count);
    }
    const step = sigma * sigma + (a === undefined ? 0 : (across[a] as number)) + (inMoved[b * other + b] as number);
    for (let i = 0; i < other; i += 1) {
      const row = covariance.subarray((own + i) * count, (own + i + 1) * count);
      row.set(across);
      const toJoint = step - (inMoved[i * other + b] as number);
      for (let j = 0; j < other; j += 1)
        row[own + j] = (inMoved[i * other + j] as number) - (inMoved[b * other + j] as number) + toJoint;
    }
    const ligands = [...(fixed?.ligands ?? []), ...moved.ligands];
    this.#keep({
      ligands,
      places: placesOf(ligands),
      reference,
      values: reference === "mean" ? centredValues(values) : values,
      covariance: reference === "mean" ? centredCovariance(covariance, count) : covariance,
      rounding: (fixed?.rounding ?? 0) + moved.rounding + Number.EPSILON * largestVariance(covariance, count),
    });
  }
}

const precision = ({ sigma }: NetworkMeasurement): number => 1 / (sigma * sigma);
const moment = ({ value, sigma }: NetworkMeasurement): number => value / (sigma * sigma);

/** The covariance within a component; a ligand alone has none yet, and none relative to itself. */
function knownCovariance({ ligands, reference, covariance }: Part): Float64Array {
  return ligands.length === 1 && reference === "mean" ? new Float64Array(1) : covariance;
}

function placesOf(ligands: readonly string[]): Map<string, number> {
  return new Map(ligands.map((ligand, place) => [ligand, place]));
}

/** matrix += factor · vector vectorᵀ. */
function addOuterProduct(matrix: Float64Array, vector: Float64Array, factor: number): void {
  const count = vector.length;
  for (let i = 0; i < count; i += 1) {
    const own = factor * (vector[i] as number);
    if (own === 0) continue;
    const row = matrix.subarray(i * count, (i + 1) * count);
    for (let j = 0; j < count; j += 1) row[j] = (row[j] as number) + own * (vector[j] as number);
  }
}

function largestVariance(covariance: Float64Array, count: number): number {
  let largest = 0;
  for (let i = 0; i < count; i += 1) largest = Math.max(largest, covariance[i * (count + 1)] as number);
  return largest;
}

function smallestVariance(covariance: Float64Array, count: number): number {
  let smallest = Infinity;
  for (let i = 0; i < count; i += 1) smallest = Math.min(smallest, covariance[i * (count + 1)] as number);
  return smallest;
}
