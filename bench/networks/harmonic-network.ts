import { joinKeyedChain } from "@alchemiscale/gufe";
import { ChainWriter, keyOf, quantity, type Reference, reference, settings, type } from "./chain-writer.ts";
import { randomNumbers } from "./random-numbers.ts";

/** A network that the native executor computes (docs/native-protocol.md). */
export interface HarmonicNetwork {
  /** Keyed chain. */
  readonly text: string;
  readonly networkKey: string;
  readonly transformationKeys: readonly string[];
  /** The one Transformation whose Tasks fail every time. */
  readonly failingKey: string;
}

const module = "alchemiscale_harmonic";
const energy = "kilocalorie_per_mole";

/**
 * A ring of wells, so many that each Task takes about `pauseSeconds` twice (a pause before each of its two switching units) and little
 * work. One more Transformation, across the ring, fails. The same arguments give the same text.
 */
export function harmonicNetwork(options: {
  readonly seed: number;
  readonly wells: number;
  readonly pauseSeconds: number;
  /** Switches of each direction, 20 unless told. */
  readonly switches?: number;
  /** Steps of each switch, 20 unless told. */
  readonly steps?: number;
}): HarmonicNetwork {
  const { seed, wells, pauseSeconds, switches = 20, steps = 20 } = options;
  if (wells < 3) throw new RangeError(`a ring needs 3 wells; ${wells} is less`);
  const random = randomNumbers(seed);
  const chain = new ChainWriter();
  const systems = Array.from({ length: wells }, (_, i) => {
    const well = chain.add({
      name: `well ${i}`,
      force_constant: quantity(5 + random.below(20) + 0.5, `${energy} / nanometer ** 2`),
      center: [0, 1, 2].map(() => quantity(random.below(20) / 100 + 0.005, "nanometer")),
      offset: quantity(random.below(30) / 10 - 1.55, energy),
      ...type("HarmonicWellComponent", module),
    });
    return chain.add({ components: { well }, name: `well ${i}`, ...type("ChemicalSystem", "gufe.chemicalsystem") });
  });
  const works = chain.add(protocol(pauseSeconds, null, switches, steps));
  const fails = chain.add(protocol(pauseSeconds, "reverse", switches, steps));
  const edge = (a: number, b: number, by: Reference): Reference =>
    chain.add({
      stateA: systems[a],
      stateB: systems[b],
      protocol: by,
      mapping: null,
      name: `${a} to ${b}`,
      metadata: {},
      ...type("Transformation", "gufe.transformations.transformation"),
    });
  const ring = systems.map((_, i) => edge(i, (i + 1) % wells, works));
  const failing = edge(0, 2, fails);
  const network = chain.add({
    nodes: systems.map(keyOf).sort().map(reference),
    edges: [...ring, failing].map(keyOf).sort().map(reference),
    name: `harmonic ring ${seed}`,
    ...type("AlchemicalNetwork", "gufe.network"),
  });
  return {
    text: joinKeyedChain(chain.entries),
    networkKey: keyOf(network),
    transformationKeys: ring.map(keyOf),
    failingKey: keyOf(failing),
  };
}

function protocol(pauseSeconds: number, failUnit: string | null, switches: number, steps: number) {
  return {
    settings: settings("HarmonicSwitchingSettings", module, {
      thermo_settings: settings("ThermoSettings", "gufe.settings.models", {
        temperature: quantity(298.15, "kelvin"),
        pressure: null,
        ph: null,
        redox_potential: null,
      }),
      switching_settings: settings("SwitchingSettings", module, {
        n_switches: switches,
        n_steps: steps,
        timestep: quantity(0.5, "picosecond"),
        diffusion_coefficient: quantity(0.01, "nanometer ** 2 / picosecond"),
      }),
      failure_settings: settings("FailureSettings", module, {
        fail_unit: failUnit,
        failure_probability: 1,
        pause: quantity(pauseSeconds, "second"),
      }),
      seed: null,
    }),
    ...type("HarmonicSwitchingProtocol", module),
  };
}
