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


# Charges close to those of AM1-BCC, which itself would need AmberTools or OpenEye: of the
# substituent's atoms by element, of ring carbons by the number of bonds from the substituted one
# (ipso, ortho, meta, para), and of the hydrogens on these.
CHARGES = {
    "benzene": ({}, (-0.130, -0.130, -0.130, -0.130), (0.130, 0.130, 0.130, 0.130)),
    "toluene": (
        {"C": -0.056, "H": 0.045},
        (-0.077, -0.1275, -0.131, -0.135),
        (0.0, 0.130, 0.130, 0.130),
    ),
    "phenol": (
        {"O": -0.499, "H": 0.418},
        (0.119, -0.1895, -0.0945, -0.160),
        (0.0, 0.1435, 0.135, 0.133),
    ),
}


def assign_charges(molecule: Chem.Mol, name: str) -> None:
    """Write partial charges where openfe looks for them; the protocol takes them as they are."""
    substituent, carbons, hydrogens = CHARGES[name]
    distance = Chem.GetDistanceMatrix(molecule)
    ring = [atom.GetIdx() for atom in molecule.GetAtoms() if atom.GetIsAromatic()]
    ipso = min(
        ring,
        key=lambda i: (
            not any(
                n.GetAtomicNum() > 1 and not n.GetIsAromatic()
                for n in molecule.GetAtomWithIdx(i).GetNeighbors()
            )
        ),
    )
    charges = []
    for atom in molecule.GetAtoms():
        neighbor = atom.GetNeighbors()[0]
        if atom.GetIsAromatic():
            charge = carbons[int(distance[ipso][atom.GetIdx()])]
        elif atom.GetAtomicNum() == 1 and neighbor.GetIsAromatic():
            charge = hydrogens[int(distance[ipso][neighbor.GetIdx()])]
        else:
            charge = substituent[atom.GetSymbol()]
        atom.SetDoubleProp("PartialCharge", charge)
        charges.append(charge)
    if abs(sum(charges)) > 1e-9:
        raise ValueError(f"charges of {name} add up to {sum(charges)}")
    molecule.SetProp("atom.dprop.PartialCharge", " ".join(f"{charge:.4f}" for charge in charges))


def ligands() -> dict[str, SmallMoleculeComponent]:
    """The molecules, with charges, their rings laid on one another."""
    ring = Chem.MolFromSmiles(LIGANDS["benzene"])
    molecules = {}
    for name, smiles in LIGANDS.items():
        molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
        AllChem.EmbedMolecule(molecule, randomSeed=1)
        AllChem.MMFFOptimizeMolecule(molecule)
        assign_charges(molecule, name)
        molecules[name] = molecule
    benzene = molecules["benzene"]
    for molecule in molecules.values():
        pairs = zip(molecule.GetSubstructMatch(ring), benzene.GetSubstructMatch(ring), strict=True)
        AllChem.AlignMol(molecule, benzene, atomMap=list(pairs))
    return {
        name: SmallMoleculeComponent.from_rdkit(molecule, name=name)
        for name, molecule in molecules.items()
    }


def protocol() -> RelativeHybridTopologyProtocol:
    """Vacuum settings with short windows on the CPU platform."""
    settings = RelativeHybridTopologyProtocol.default_settings()
    settings.protocol_repeats = 1
    settings.forcefield_settings.nonbonded_method = "nocutoff"
    settings.engine_settings.compute_platform = "CPU"
    settings.simulation_settings.equilibration_length = 2 * unit.picosecond
    settings.simulation_settings.production_length = 20 * unit.picosecond
    settings.simulation_settings.time_per_iteration = 0.2 * unit.picosecond
    settings.simulation_settings.early_termination_target_error = 0.0 * unit.kilocalorie_per_mole
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
