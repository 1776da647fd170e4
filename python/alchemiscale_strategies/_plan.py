"""What the Transformations of a network measure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gufe import (
    AlchemicalNetwork,
    ChemicalSystem,
    LigandAtomMapping,
    ProteinComponent,
    SmallMoleculeComponent,
    SolventComponent,
    Transformation,
)
from gufe.tokenization import GufeKey

#: Protocols whose estimate is an absolute value of one ligand.
ABSOLUTE = {"AbsoluteBindingProtocol", "AbsoluteSolvationProtocol"}


@dataclass(frozen=True)
class Edge:
    """One Transformation; ``start`` is empty for an absolute value of ``end``."""

    key: GufeKey
    state_a: str
    state_b: str
    ligands: tuple[str, str] | None
    leg: str | None
    score: float | None


@dataclass(frozen=True)
class Leg:
    """A part of a measurement, that any of its edges gives, each with its sign."""

    kind: str
    sign: int
    edges: tuple[tuple[Edge, int], ...]


@dataclass(frozen=True, eq=False)
class Measurement:
    """A difference f(end) - f(start), or an absolute value where ``start`` is empty."""

    start: str
    end: str
    legs: tuple[Leg, ...]

    @property
    def edges(self) -> list[Edge]:
        """All edges of all legs."""
        return [edge for leg in self.legs for edge, _ in leg.edges]


def network_edges(network: AlchemicalNetwork) -> list[Edge]:
    """The edges of a network, by their keys."""
    return sorted((_edge(edge) for edge in network.edges), key=lambda edge: edge.key)


def _edge(edge) -> Edge:
    ligands, leg, score = None, None, None
    if isinstance(edge, Transformation):
        given = edge.mapping
        mappings = given if isinstance(given, list) else [given]
        mappings = [mapping for mapping in mappings if isinstance(mapping, LigandAtomMapping)]
        protocol = type(edge.protocol).__qualname__
        whole = protocol in ABSOLUTE or protocol == "SepTopProtocol"
        leg = "whole" if whole else _environment(edge.stateA)
        score = _score(mappings)
        if protocol in ABSOLUTE:
            vanishing = _small_molecules(edge.stateA) - _small_molecules(edge.stateB)
            ligands = ("", min(vanishing)) if len(vanishing) == 1 else None
        elif protocol != "PlainMDProtocol":
            ligands = _ends(mappings) or _changed(edge.stateA, edge.stateB)
    states = str(edge.stateA.key), str(edge.stateB.key)
    return Edge(edge.key, *states, ligands, leg if ligands else None, score)


def _ends(mappings: Sequence[LigandAtomMapping]) -> tuple[str, str] | None:
    if len(mappings) != 1:
        return None
    return str(mappings[0].componentA.key), str(mappings[0].componentB.key)


def _changed(state_a: ChemicalSystem, state_b: ChemicalSystem) -> tuple[str, str] | None:
    a, b = _small_molecules(state_a), _small_molecules(state_b)
    before, after = a - b, b - a
    if len(before) == 1 and len(after) == 1:
        return before.pop(), after.pop()
    if not before | after and len(a) == 1:
        return min(a), min(a)
    return None


def _small_molecules(system: ChemicalSystem) -> set[str]:
    components = system.components.values()
    return {str(each.key) for each in components if isinstance(each, SmallMoleculeComponent)}


def _environment(system: ChemicalSystem) -> str:
    components = system.components.values()
    if any(isinstance(component, ProteinComponent) for component in components):
        return "complex"
    return "solvent" if any(isinstance(each, SolventComponent) for each in components) else "vacuum"


def _score(mappings: Sequence[LigandAtomMapping]) -> float | None:
    scores = [mapping.annotations.get("score") for mapping in mappings]
    if not scores or not all(_is_number(score) for score in scores):
        return None
    return min(min(1.0, max(0.0, score)) for score in scores)


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and not math.isnan(value)


def measurement_plan(edges: Sequence[Edge]) -> list[Measurement]:
    """Binding is complex less solvent, else hydration solvent less vacuum, else single legs.

    Edges that fit in no complete pair measure the difference of their systems.
    """
    present = {edge.leg for edge in edges}
    if {"complex", "solvent"} <= present:
        wanted = ["complex", "solvent"]
    elif {"solvent", "vacuum"} <= present:
        wanted = ["solvent", "vacuum"]
    else:
        wanted = [leg for leg in ("complex", "solvent", "vacuum") if leg in present]
    pairs: dict[tuple[str, str, str], list[Edge]] = {}
    others: list[Edge] = []
    for edge in edges:
        if edge.state_a == edge.state_b:
            continue
        if edge.ligands is None or edge.ligands[0] == edge.ligands[1]:
            others.append(edge)
        else:
            group = "pair" if edge.leg in wanted else str(edge.leg)
            pairs.setdefault((group, *sorted(edge.ligands)), []).append(edge)
    plan: list[Measurement] = []
    for (group, start, end), members in pairs.items():
        legs = ["whole"] if group == "whole" else wanted
        if group in ("pair", "whole") and all(any(e.leg == leg for e in members) for leg in legs):
            plan.append(_of_ligands(start, end, members, legs))
        else:
            others.extend(members)
    by_systems: dict[tuple[str, str], list[Edge]] = {}
    for edge in others:
        pair = min(edge.state_a, edge.state_b), max(edge.state_a, edge.state_b)
        by_systems.setdefault(pair, []).append(edge)
    for (start, end), members in by_systems.items():
        signed = tuple((edge, 1 if edge.state_a == start else -1) for edge in members)
        plan.append(Measurement(start, end, (Leg(members[0].leg or "systems", 1, signed),)))
    return plan


def _of_ligands(start: str, end: str, members: list[Edge], legs: list[str]) -> Measurement:
    made = []
    for place, leg in enumerate(legs):
        signed = (
            (edge, 1 if edge.ligands[0] == start else -1) for edge in members if edge.leg == leg
        )
        made.append(Leg(leg, 1 if place == 0 else -1, tuple(signed)))
    return Measurement(start, end, tuple(made))
