/** Conversion between units written in pint's long form, for the few kinds of quantity that the native protocol has. */

/** A unit that is unknown, or of another kind than the one wanted. */
export class InvalidUnit extends Error {
  override readonly name = "InvalidUnit";
  readonly unit: string;

  constructor(unit: string, wanted: string) {
    super(`the unit ${JSON.stringify(unit)} cannot be converted to ${wanted}`);
    this.unit = unit;
  }
}

interface Dimension {
  readonly factor: number;
  /** Powers of length, time, temperature, energy, amount. */
  readonly powers: readonly number[];
}

const bases: Readonly<Record<string, Dimension>> = {
  meter: { factor: 1, powers: [1, 0, 0, 0, 0] },
  angstrom: { factor: 1e-10, powers: [1, 0, 0, 0, 0] },
  second: { factor: 1, powers: [0, 1, 0, 0, 0] },
  minute: { factor: 60, powers: [0, 1, 0, 0, 0] },
  hour: { factor: 3600, powers: [0, 1, 0, 0, 0] },
  kelvin: { factor: 1, powers: [0, 0, 1, 0, 0] },
  joule: { factor: 1, powers: [0, 0, 0, 1, 0] },
  calorie: { factor: 4.184, powers: [0, 0, 0, 1, 0] },
  mole: { factor: 1, powers: [0, 0, 0, 0, 1] },
  kilojoule_per_mole: { factor: 1e3, powers: [0, 0, 0, 1, -1] },
  kilocalorie_per_mole: { factor: 4184, powers: [0, 0, 0, 1, -1] },
};

const prefixes: Readonly<Record<string, number>> = {
  femto: 1e-15,
  pico: 1e-12,
  nano: 1e-9,
  micro: 1e-6,
  milli: 1e-3,
  centi: 1e-2,
  deci: 1e-1,
  kilo: 1e3,
};

/** `magnitude` of `from` in `to`; itself, digit for digit, where the two texts are equal. @throws {InvalidUnit} */
export function convert(magnitude: number, from: string, to: string): number {
  if (from === to) return magnitude;
  const [source, target] = [parse(from), parse(to)];
  if (source === null || target === null || source.powers.some((power, index) => power !== target.powers[index])) {
    throw new InvalidUnit(from, to);
  }
  return magnitude * (source.factor / target.factor);
}

/** `a * b ** 2 / c / d`; a leading `1` stands for nothing. */
function parse(text: string): Dimension | null {
  let unit: Dimension = { factor: 1, powers: [0, 0, 0, 0, 0] };
  let sign = 1;
  for (const part of text.split(/ ([*/]) /)) {
    if (part === "*" || part === "/") {
      sign = part === "*" ? 1 : -1;
      continue;
    }
    const [name = "", exponent = "1"] = part.split(" ** ");
    const base = name === "1" ? unit : named(name);
    const power = sign * Number(exponent);
    if (base === null || !Number.isFinite(power)) return null;
    if (name === "1") continue;
    unit = {
      factor: unit.factor * base.factor ** power,
      powers: unit.powers.map((value, index) => value + power * (base.powers[index] ?? 0)),
    };
  }
  return unit;
}

function named(name: string): Dimension | null {
  const base = Object.hasOwn(bases, name) ? bases[name] : undefined;
  if (base !== undefined) return base;
  for (const [prefix, scale] of Object.entries(prefixes)) {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    const scaled = Object.hasOwn(bases, rest) ? bases[rest] : undefined;
    if (scaled !== undefined) return { ...scaled, factor: scale * scaled.factor };
  }
  return null;
}
