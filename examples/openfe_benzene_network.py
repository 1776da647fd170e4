"""Write a network of real chemistry: benzene to toluene and benzene to phenol, in vacuum.

The transformations are those of openfe's RelativeHybridTopologyProtocol, with windows so short that each
takes a minute or two on one core of a CPU (about -3.25 and -18.0 kcal/mol). A study of your own needs the
protocol's default lengths, solvent, and repeats; see the openfe documentation. Run it with a Python that has
openfe:

    python examples/openfe_benzene_network.py FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

from openfe import AlchemicalNetwork, ChemicalSystem, LigandAtomMapping, SmallMoleculeComponent, Transformation
from openfe.protocols.openmm_rfe import RelativeHybridTopologyProtocol
from openff.units import unit
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdMolAlign

# AM1-BCC charges in e, written out so that neither AmberTools nor a model is needed: of the heavy atoms in the
# order of the SMILES, and of a hydrogen on each of them. In all three the ring is closed in the same order, and
# begins at the atom that carries the substituent.
MOLECULES = {
    "benzene": ("c1ccccc1", [-0.13] * 6, [0.13] * 6),
    "toluene": (
        "c1(C)ccccc1",
        [-0.0770, -0.0540, -0.1305, -0.1268, -0.1350, -0.1268, -0.1305],
        [0.0, 0.0436, 0.1302, 0.1298, 0.1298, 0.1298, 0.1302],
    ),
    "phenol": (
        "c1(O)ccccc1",
        [0.1232, -0.4990, -0.1849, -0.0944, -0.1659, -0.0944, -0.1849],
        [0.0, 0.4180, 0.1416, 0.1331, 0.1329, 0.1331, 0.1416],
    ),
}


def molecule(name: str, reference: Chem.Mol | None) -> Chem.Mol:
    """A molecule with hydrogens, coordinates and charges, its ring laid on that of ``reference``."""
    smiles, heavy_charges, hydrogen_charges = MOLECULES[name]
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    mol.SetProp("_Name", name)
    rdDistGeom.EmbedMolecule(mol, randomSeed=2026)
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 1:
            charge = hydrogen_charges[atom.GetNeighbors()[0].GetIdx()]
        else:
            charge = heavy_charges[atom.GetIdx()]
        atom.SetDoubleProp("PartialCharge", charge)
    if reference is not None:
        pairs = list(zip(ring(mol), ring(reference), strict=True))
        rdMolAlign.AlignMol(mol, reference, atomMap=pairs)
    return mol


def ring(mol: Chem.Mol) -> list[int]:
    """The ring's atoms, from the one with the substituent."""
    return [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetIsAromatic()]


def substituents(mol: Chem.Mol) -> list[int]:
    """For each atom of the ring, the atom outside that is bound to it."""
    inside = set(ring(mol))
    return [
        next(n.GetIdx() for n in mol.GetAtomWithIdx(index).GetNeighbors() if n.GetIdx() not in inside)
        for index in ring(mol)
    ]


def protocol() -> RelativeHybridTopologyProtocol:
    """Eleven windows of 50 ps in vacuum on the CPU, one repeat a Task."""
    settings = RelativeHybridTopologyProtocol.default_settings()
    settings.protocol_repeats = 1
    settings.forcefield_settings.nonbonded_method = "nocutoff"
    settings.engine_settings.compute_platform = "CPU"
    settings.lambda_settings.lambda_windows = 11
    simulation = settings.simulation_settings
    simulation.n_replicas = 11
    simulation.minimization_steps = 100
    simulation.time_per_iteration = 0.5 * unit.picosecond
    simulation.equilibration_length = 10 * unit.picosecond
    simulation.production_length = 50 * unit.picosecond
    simulation.real_time_analysis_interval = None
    settings.output_settings.checkpoint_interval = 2 * unit.picosecond
    settings.output_settings.positions_write_frequency = 2 * unit.picosecond
    return RelativeHybridTopologyProtocol(settings)


def benzene_network() -> AlchemicalNetwork:
    """Two transformations that share their first state."""
    benzene = molecule("benzene", None)
    molecules = {"benzene": benzene} | {name: molecule(name, benzene) for name in ("toluene", "phenol")}
    components = {name: SmallMoleculeComponent.from_rdkit(mol) for name, mol in molecules.items()}
    systems = {name: ChemicalSystem({"ligand": component}, name=name) for name, component in components.items()}
    run = protocol()
    edges = []
    for name in ("toluene", "phenol"):
        atoms = zip(
            ring(benzene) + substituents(benzene),
            ring(molecules[name]) + substituents(molecules[name]),
            strict=True,
        )
        mapping = LigandAtomMapping(components["benzene"], components[name], dict(atoms))
        edges.append(
            Transformation(systems["benzene"], systems[name], protocol=run, mapping=mapping, name=f"benzene to {name}")
        )
    return AlchemicalNetwork(edges=edges, name="benzene in vacuum")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python openfe_benzene_network.py FILE")
    network = benzene_network()
    Path(sys.argv[1]).write_text(network.to_json() + "\n")
    print(f"{sys.argv[1]}: {network.key}, {len(network.nodes)} systems, {len(network.edges)} edges")
