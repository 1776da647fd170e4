"""Write ``harmonic-network.json``: ten wells, fifteen edges with cycles, as a keyed chain.

The wells differ in stiffness, place and depth; the exact free energy difference of an edge is
``D/2 kT ln(k_B/k_A) + offset_B - offset_A`` (``docs/native-protocol.md``). Run it with a Python that
has gufe and ``python/`` installed:

    python examples/make_harmonic_network.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

from alchemiscale_harmonic import HarmonicSwitchingProtocol, HarmonicWellComponent
from gufe import AlchemicalNetwork, ChemicalSystem, Transformation

# name: (force constant in kcal/mol/nm², centre in nm, offset in kcal/mol)
WELLS = {
    "reference": (10.0, (0.0, 0.0, 0.0), 0.0),
    "soft": (5.0, (0.0, 0.0, 0.0), 0.0),
    "stiff": (20.0, (0.0, 0.0, 0.0), 0.0),
    "deep": (14.0, (0.05, 0.05, 0.0), -2.5),
    "shallow": (8.0, (0.1, 0.1, 0.0), 1.5),
    "shifted-x": (12.0, (0.25, 0.0, 0.0), -0.5),
    "shifted-y": (15.0, (0.0, 0.25, 0.0), 0.75),
    "corner": (18.0, (0.2, 0.2, 0.1), -1.25),
    "soft-corner": (6.0, (0.2, 0.1, 0.2), 0.5),
    "stiff-deep": (25.0, (0.1, 0.0, 0.2), -3.0),
}

EDGES = [
    ("reference", "soft"),
    ("reference", "stiff"),
    ("reference", "deep"),
    ("reference", "shallow"),
    ("reference", "shifted-x"),
    ("reference", "shifted-y"),
    ("soft", "shallow"),
    ("soft", "soft-corner"),
    ("stiff", "stiff-deep"),
    ("stiff", "corner"),
    ("deep", "stiff-deep"),
    ("shallow", "soft-corner"),
    ("shifted-x", "corner"),
    ("shifted-y", "corner"),
    ("shifted-x", "stiff-deep"),
]


def harmonic_network() -> AlchemicalNetwork:
    """The network of the quickstart."""
    systems = {
        name: ChemicalSystem(
            {
                "well": HarmonicWellComponent(
                    name=name, force_constant=k, center=center, offset=offset
                )
            },
            name=name,
        )
        for name, (k, center, offset) in WELLS.items()
    }
    protocol = HarmonicSwitchingProtocol(HarmonicSwitchingProtocol.default_settings())
    return AlchemicalNetwork(
        edges=[
            Transformation(systems[a], systems[b], protocol=protocol, name=f"{a} to {b}")
            for a, b in EDGES
        ],
        name="harmonic wells",
    )


if __name__ == "__main__":
    default = Path(__file__).with_name("harmonic-network.json")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    network = harmonic_network()
    target.write_text(network.to_json() + "\n")
    print(f"{target}: {network.key}, {len(network.nodes)} systems, {len(network.edges)} edges")
