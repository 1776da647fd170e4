import { joinKeyedChain } from "@alchemiscale/gufe";
import { ChainWriter, type Dict, keyOf, quantity, type Reference, reference, settings, type } from "./chain-writer.ts";
import { chemicalSystem, forceFieldSettings, saltWater, transformation } from "./gufe-dicts.ts";
import { type RandomNumbers, randomNumbers } from "./random-numbers.ts";

/** A network to measure with: a relative binding free energy campaign in shape and size, made up in content. */
export interface SyntheticNetwork {
  readonly name: string;
  /** The keyed chain, as Python writes it. */
  readonly text: string;
  readonly networkKey: string;
  readonly transformationKeys: readonly string[];
  readonly systemKeys: readonly string[];
  readonly entries: number;
}

export interface NetworkSize {
  /** Half of them a ligand in solvent, half the same ligand in the protein. */
  readonly systems: number;
  readonly transformations: number;
  /** Atoms of the one protein that all complexes share. */
  readonly proteinAtoms?: number;
}

/**
 * A network with real keys: `systems / 2` ligands of 20 to 50 atoms, each in solvent and in complex with one shared protein, and
 * `transformations / 2` pairs of ligands, each a mapping and two Transformations (one a leg). The same size and seed give the same text.
 * About 2.3 kB a ligand and 0.9 kB a pair; 4,000 atoms of protein are 0.4 MB.
 */
export function syntheticNetwork(size: NetworkSize, seed = 1): SyntheticNetwork {
  const { systems, transformations, proteinAtoms = 4000 } = size;
  if (systems < 4 || systems % 2 !== 0 || transformations % 2 !== 0) {
    throw new RangeError(`systems (at least 4) and transformations must be even; they are ${systems} and ${transformations}`);
  }
  const random = randomNumbers(seed);
  const chain = new ChainWriter();
  const ligands = Array.from({ length: systems / 2 }, (_, i) => chain.add(smallMolecule(random, `lig${i}`)));
  const solvent = chain.add(saltWater("0.15 molar"));
  const protein = chain.add(proteinOf(random, proteinAtoms));
  const protocols = [chain.add(hybridTopology(1)), chain.add(hybridTopology(5))] as const;
  const inSolvent = ligands.map((ligand, i) => chain.add(chemicalSystem(`lig${i}_solvent`, { ligand, solvent })));
  const inComplex = ligands.map((ligand, i) => chain.add(chemicalSystem(`lig${i}_complex`, { ligand, protein, solvent })));

  const edges: Reference[] = [];
  for (const [a, b] of pairs(random, ligands.length, transformations / 2)) {
    const mapping = chain.add(atomMapping(random, at(ligands, a), at(ligands, b)));
    const leg = (states: readonly Reference[], name: string, protocol: Reference) =>
      edges.push(chain.add(transformation(at(states, a), at(states, b), protocol, mapping, `rbfe_lig${a}_lig${b}_${name}`)));
    leg(inSolvent, "solvent", protocols[0]);
    leg(inComplex, "complex", protocols[1]);
  }
  const nodes = [...inSolvent, ...inComplex];
  const name = `synthetic ${systems} ${transformations} ${seed}`;
  const network = chain.add({
    nodes: nodes.map(keyOf).sort().map(reference),
    edges: edges.map(keyOf).sort().map(reference),
    name,
    ...type("AlchemicalNetwork", "gufe.network"),
  });
  return {
    name,
    text: joinKeyedChain(chain.entries),
    networkKey: keyOf(network),
    transformationKeys: edges.map(keyOf),
    systemKeys: nodes.map(keyOf),
    entries: chain.entries.length,
  };
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no item ${index}`);
  return item;
}

/** A spanning tree first, so that the network hangs together; then pairs at random, each once. */
function* pairs(random: RandomNumbers, ligands: number, count: number): Generator<readonly [number, number]> {
  const most = (ligands * (ligands - 1)) / 2;
  if (count > most) throw new RangeError(`${ligands} ligands have ${most} pairs, not ${count}`);
  const seen = new Set<string>();
  for (let made = 0; made < count; ) {
    const b = made < ligands - 1 ? made + 1 : random.below(ligands);
    const a = made < ligands - 1 ? random.below(b) : random.below(ligands);
    const pair = a < b ? `${a} ${b}` : `${b} ${a}`;
    if (a === b || seen.has(pair)) continue;
    seen.add(pair);
    made += 1;
    yield [a, b];
  }
}

/** Coordinates as the components hold them: an .npy file of float64, as Latin-1 text. */
function conformer(random: RandomNumbers, atoms: number, extent: number): string {
  const dict = `{'descr': '<f8', 'fortran_order': False, 'shape': (${atoms}, 3), }`;
  const head = `\x93NUMPY\x01\x00v\x00${dict.padEnd(117)}\n`;
  const coordinates = Float64Array.from({ length: atoms * 3 }, () => Math.round((random.next() - 0.5) * extent * 1000) / 1000);
  return head + Buffer.from(coordinates.buffer).toString("latin1");
}

function smallMolecule(random: RandomNumbers, name: string): Dict {
  const heavy = 12 + random.below(16);
  const hydrogens = 8 + random.below(16);
  const charge = () => ({ PartialCharge: Math.round((random.next() - 0.5) * 1e16) / 1e16 });
  const atoms = Array.from({ length: heavy + hydrogens }, (_, i) =>
    i < heavy
      ? [random.pick([6, 6, 6, 6, 7, 8, 9, 17]), 0, 0, random.next() < 0.5, 0, 0, charge(), 3]
      : [1, 0, 0, false, 0, 0, charge(), 1],
  );
  const bonds = atoms
    .slice(1)
    .map((_, i) => (i + 1 < heavy ? [i, i + 1, random.pick([1, 1, 12, 2]), 0, {}] : [random.below(heavy), i + 1, 1, 0, {}]));
  return {
    atoms,
    bonds,
    conformer: [conformer(random, atoms.length, 12), {}],
    molprops: { "ofe-name": name, r_exp_dg: Math.round(random.next() * -12_000) / 1000 },
    ...type("SmallMoleculeComponent", "gufe.components.smallmoleculecomponent"),
  };
}

function proteinOf(random: RandomNumbers, count: number): Dict {
  const residues = ["ALA", "THR", "VAL", "LEU", "GLU", "LYS", "SER", "PHE"];
  const names = ["N", "CA", "C", "O", "CB", "H", "HA", "HB2"];
  const atoms = Array.from({ length: count }, (_, i) => {
    const residue = Math.floor(i / names.length);
    const name = at(names, i % names.length);
    return [
      name.startsWith("C") ? 6 : name.startsWith("H") ? 1 : name === "N" ? 7 : 8,
      "A",
      i + 1,
      0,
      " ",
      name,
      residues[residue % 8],
      residue + 1,
      "N",
      0,
    ];
  });
  return {
    atoms,
    bonds: atoms.slice(1).map((_, i) => [i, i + 1, "SINGLE", "N"]),
    name: "synthetic",
    conformers: [conformer(random, count, 80)],
    ...type("ProteinComponent", "gufe.components.proteincomponent"),
  };
}

function atomMapping(random: RandomNumbers, componentA: Reference, componentB: Reference): Dict {
  const mapped = 18 + random.below(12);
  return {
    componentA,
    componentB,
    componentA_to_componentB: Object.fromEntries(Array.from({ length: mapped }, (_, i) => [String(i), i])),
    annotations: `{"mapper_version": "1.2.0", "score": ${random.next()}}`,
    ...type("LigandAtomMapping", "gufe.mapping.ligandatommapping"),
  };
}

/** The settings that matter for size: about as many, and as nested, as those of the protocol in use. */
function hybridTopology(nanoseconds: number): Dict {
  const omm = "openfe.protocols.openmm_utils.omm_settings";
  const rfe = "openfe.protocols.openmm_rfe.equil_rfe_settings";
  return {
    settings: settings("RelativeHybridTopologyProtocolSettings", rfe, {
      forcefield_settings: forceFieldSettings,
      thermo_settings: settings("ThermoSettings", "gufe.settings.models", {
        temperature: quantity(298.15, "kelvin"),
        pressure: quantity(0.9869232667160129, "standard_atmosphere"),
        ph: null,
        redox_potential: null,
      }),
      protocol_repeats: 1,
      solvation_settings: settings("OpenMMSolvationSettings", omm, {
        solvent_model: "tip3p",
        solvent_padding: quantity(1.5, "nanometer"),
        box_shape: "dodecahedron",
      }),
      lambda_settings: settings("LambdaSettings", rfe, { lambda_functions: "default", lambda_windows: 11 }),
      simulation_settings: settings("MultiStateSimulationSettings", omm, {
        minimization_steps: 5000,
        equilibration_length: quantity(1, "nanosecond"),
        production_length: quantity(nanoseconds, "nanosecond"),
        sampler_method: "repex",
        time_per_iteration: quantity(2.5, "picosecond"),
        n_replicas: 11,
      }),
      integrator_settings: settings("IntegratorSettings", omm, {
        timestep: quantity(4, "femtosecond"),
        langevin_collision_rate: quantity(1, "1 / picosecond"),
        constraint_tolerance: 1e-6,
        barostat_frequency: quantity(25, "timestep"),
      }),
    }),
    ...type("RelativeHybridTopologyProtocol", "openfe.protocols.openmm_rfe.hybridtop_protocols"),
  };
}
