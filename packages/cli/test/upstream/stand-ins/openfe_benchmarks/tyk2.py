"""Eight small ligands under the names that tests ask for, a peptide for a protein, and water."""

from functools import cache
from types import SimpleNamespace

import gufe
from rdkit import Chem
from rdkit.Chem import AllChem

LIGANDS = {
    31: "CC(=O)Nc1ccccc1",
    42: "CCC(=O)Nc1ccccc1",
    43: "CC(C)C(=O)Nc1ccccc1",
    44: "C1CC1C(=O)Nc1ccccc1",
    45: "CC(=O)Nc1ccccc1Cl",
    46: "CC(=O)Nc1ccccc1F",
    50: "CC(=O)Nc1ccccc1OC",
    54: "CC(=O)Nc1ccccc1C(F)(F)F",
}
CONNECTIONS = [(31, 50), (31, 42), (42, 43), (43, 44), (44, 45), (45, 46), (46, 50), (50, 54), (54, 31)]


def with_positions(molecule, seed: int):
    hydrogenated = Chem.AddHs(molecule, addResidueInfo=True)
    AllChem.EmbedMolecule(hydrogenated, randomSeed=seed)
    return hydrogenated


@cache
def get_system():
    ligands = [
        gufe.SmallMoleculeComponent(with_positions(Chem.MolFromSmiles(smiles), number), name=f"lig_ejm_{number}")
        for number, smiles in LIGANDS.items()
    ]
    return SimpleNamespace(
        ligand_components=ligands,
        protein_component=gufe.ProteinComponent(with_positions(Chem.MolFromSequence("GASTA"), 1), name="peptide"),
        solvent_component=gufe.SolventComponent(),
        connections=[(f"lig_ejm_{a}", f"lig_ejm_{b}") for a, b in CONNECTIONS],
    )
