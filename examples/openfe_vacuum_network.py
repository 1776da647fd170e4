"""Write a small real network: benzene to toluene and benzene to phenol, in vacuum.

Each edge is openfe's RelativeHybridTopologyProtocol on the CPU platform with short windows: a
minute or two of computing, for showing the way and not for publication. Run it with a Python that
has openfe:

    python examples/openfe_vacuum_network.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

from kartograf import KartografAtomMapper
from openfe import AlchemicalNetwork, ChemicalSystem, SmallMoleculeComponent, Transformation
from openfe.protocols.openmm_rfe import RelativeHybridTopologyProtocol
from openff.units import unit
from rdkit import Chem
from rdkit.Chem import AllChem

LIGANDS = {"benzene": "c1ccccc1", "toluene": "Cc1ccccc1", "phenol": "Oc1ccccc1"}
EDGES = [("benzene", "toluene"), ("benzene", "phenol")]


def ligands() -> dict[str, SmallMoleculeComponent]:
    """The molecules, their rings laid on one another, with charges that need no other program.

    The protocol takes charges that a molecule brings along as they are; Gasteiger's are built into
    RDKit, where AM1-BCC would need AmberTools.
    """
    core = Chem.MolFromSmiles(LIGANDS["benzene"])
    reference = Chem.AddHs(core)
    AllChem.EmbedMolecule(reference, randomSeed=1)
    AllChem.MMFFOptimizeMolecule(reference)
    components = {}
    for name, smiles in LIGANDS.items():
        molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
        AllChem.EmbedMolecule(molecule, randomSeed=1)
        AllChem.MMFFOptimizeMolecule(molecule)
        ring = list(zip(molecule.GetSubstructMatch(core), reference.GetSubstructMatch(core)))
        AllChem.AlignMol(molecule, reference, atomMap=ring)
        AllChem.ComputeGasteigerCharges(molecule)
        charges = [atom.GetDoubleProp("_GasteigerCharge") for atom in molecule.GetAtoms()]
        # the whole is neutral, as far as rounding allows
        excess = sum(charges) / len(charges)
        charges = [charge - excess for charge in charges]
        for atom, charge in zip(molecule.GetAtoms(), charges):
            atom.ClearProp("_GasteigerCharge")
            atom.ClearProp("_GasteigerHCharge")
            atom.SetDoubleProp("PartialCharge", charge)
        molecule.SetProp("atom.dprop.PartialCharge", " ".join(f"{c:.8f}" for c in charges))
        components[name] = SmallMoleculeComponent.from_rdkit(molecule, name=name)
    return components


def protocol() -> RelativeHybridTopologyProtocol:
    """Vacuum settings with short windows on the CPU platform."""
    settings = RelativeHybridTopologyProtocol.default_settings()
    settings.protocol_repeats = 1
    settings.forcefield_settings.nonbonded_method = "nocutoff"
    settings.engine_settings.compute_platform = "CPU"
    settings.simulation_settings.equilibration_length = 2 * unit.picosecond
    settings.simulation_settings.production_length = 20 * unit.picosecond
    settings.simulation_settings.time_per_iteration = 0.2 * unit.picosecond
    settings.simulation_settings.early_termination_target_error = (
        0.0 * unit.kilocalorie_per_mole
    )
    settings.simulation_settings.minimization_steps = 500
    settings.simulation_settings.real_time_analysis_interval = None
    settings.output_settings.checkpoint_interval = 20 * unit.picosecond
    return RelativeHybridTopologyProtocol(settings)


def vacuum_network() -> AlchemicalNetwork:
    """Two Transformations that share benzene."""
    components = ligands()
    systems = {
        name: ChemicalSystem({"ligand": component}, name=f"{name} in vacuum")
        for name, component in components.items()
    }
    mapper = KartografAtomMapper(atom_map_hydrogens=True)
    shared = protocol()
    return AlchemicalNetwork(
        edges=[
            Transformation(
                systems[a],
                systems[b],
                protocol=shared,
                mapping=next(mapper.suggest_mappings(components[a], components[b])),
                name=f"{a} to {b} in vacuum",
            )
            for a, b in EDGES
        ],
        name="benzene derivatives in vacuum",
    )


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "openfe-vacuum-network.json")
    network = vacuum_network()
    network.to_json(target)
    print(f"{target}: {network.key}, {len(network.nodes)} systems, {len(network.edges)} edges")
