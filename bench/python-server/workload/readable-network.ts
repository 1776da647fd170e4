import { joinKeyedChain } from "@alchemiscale/gufe";
import {
  ChainWriter,
  type Dict,
  keyOf,
  quantity,
  type Reference,
  reference,
  settings,
  type,
} from "../../networks/chain-writer.ts";
import { chemicalSystem, forceFieldSettings, saltWater, transformation } from "../../networks/gufe-dicts.ts";
import { type RandomNumbers, randomNumbers } from "../../networks/random-numbers.ts";

/** A network that the Python server can read, too: it builds every object of it with gufe. */
export interface ReadableNetwork {
  /** The keyed chain, as Python writes it. */
  readonly text: string;
  readonly systems: number;
  readonly transformations: number;
}

/**
 * `systems / 2` alkanes of up to `mostCarbons` carbon atoms, each in weaker and in stronger salt water, and as many Transformations as wanted, in pairs that share a
 * mapping. The Protocol is the one that gufe carries for tests, so that nothing but gufe is needed. The same arguments give the same text; another seed,
 * another network without an object in common but salt water and Protocol.
 */
export function readableNetwork(size: {
  readonly systems: number;
  readonly transformations: number;
  readonly mostCarbons: number;
  readonly seed: number;
}): ReadableNetwork {
  const { systems, transformations, mostCarbons, seed } = size;
  const random = randomNumbers(seed);
  const chain = new ChainWriter();
  const carbons = Array.from({ length: systems / 2 }, () => Math.ceil(mostCarbons / 2) + random.below(mostCarbons / 2));
  const ligands = carbons.map((count, i) => chain.add(alkane(random, count, `ligand ${seed} ${i}`)));
  const waters = ["0.15 molar", "0.3 molar"].map((salt) => chain.add(saltWater(salt)));
  const protocol = chain.add(testProtocol);
  const legs = waters.map((solvent, leg) =>
    ligands.map((ligand, i) => chain.add(chemicalSystem(`ligand ${seed} ${i} in water ${leg}`, { ligand, solvent }))),
  );
  const edges: Reference[] = [];
  for (const [a, b] of pairs(ligands.length, transformations / legs.length)) {
    const mapped = Math.min(at(carbons, a), at(carbons, b));
    const mapping = chain.add(atomMapping(at(ligands, a), at(ligands, b), mapped));
    for (const [leg, states] of legs.entries()) {
      edges.push(chain.add(transformation(at(states, a), at(states, b), protocol, mapping, `${a} to ${b} in water ${leg}`)));
    }
  }
  chain.add({
    nodes: legs.flat().map(keyOf).sort().map(reference),
    edges: edges.map(keyOf).sort().map(reference),
    name: `comparison ${seed}`,
    ...type("AlchemicalNetwork", "gufe.network"),
  });
  return { text: joinKeyedChain(chain.entries), systems, transformations: edges.length };
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no item ${index}`);
  return item;
}

/** Each with its neighbour, then with the one after, and so on: `count` different pairs. */
function* pairs(ligands: number, count: number): Generator<readonly [number, number]> {
  for (let made = 0, distance = 1; made < count; distance += 1) {
    if (distance >= ligands) throw new RangeError(`${ligands} ligands have fewer than ${count} pairs`);
    for (let a = 0; a + distance < ligands && made < count; a += 1, made += 1) yield [a, a + distance];
  }
}

function alkane(random: RandomNumbers, carbons: number, name: string): Dict {
  const [sp3, s] = [4, 1];
  const bonds: [number, number][] = Array.from({ length: carbons - 1 }, (_, i) => [i, i + 1]);
  for (let carbon = 0; carbon < carbons; carbon += 1) {
    const hydrogens = 4 - (carbon > 0 ? 1 : 0) - (carbon < carbons - 1 ? 1 : 0);
    for (let i = 0; i < hydrogens; i += 1) bonds.push([carbon, bonds.length + 1]);
  }
  const atoms = bonds.length + 1;
  return {
    atoms: Array.from({ length: atoms }, (_, i) => [i < carbons ? 6 : 1, 0, 0, false, 0, 0, {}, i < carbons ? sp3 : s]),
    bonds: bonds.map(([a, b]) => [a, b, 1, 0, {}]),
    conformer: [positions(random, atoms), {}],
    molprops: { "ofe-name": name },
    ...type("SmallMoleculeComponent", "gufe.components.smallmoleculecomponent"),
  };
}

/** An .npy file of float64, as Latin-1 text. */
function positions(random: RandomNumbers, atoms: number): string {
  const dict = `{'descr': '<f8', 'fortran_order': False, 'shape': (${atoms}, 3), }`;
  const coordinates = Float64Array.from({ length: atoms * 3 }, () => random.next() * 12 - 6);
  return `\x93NUMPY\x01\x00v\x00${dict.padEnd(117)}\n${Buffer.from(coordinates.buffer).toString("latin1")}`;
}

function atomMapping(componentA: Reference, componentB: Reference, mapped: number): Dict {
  return {
    componentA,
    componentB,
    componentA_to_componentB: Object.fromEntries(Array.from({ length: mapped }, (_, i) => [String(i), i])),
    annotations: '{"score": 0.5}',
    ...type("LigandAtomMapping", "gufe.mapping.ligandatommapping"),
  };
}

const testProtocol: Dict = {
  settings: settings("DummySpecificSettings", "gufe.tests.test_protocol", {
    forcefield_settings: forceFieldSettings,
    thermo_settings: settings("ThermoSettings", "gufe.settings.models", {
      temperature: quantity(298.15, "kelvin"),
      pressure: null,
      ph: null,
      redox_potential: null,
    }),
    n_repeats: 21,
  }),
  ...type("DummyProtocol", "gufe.tests.test_protocol"),
};
