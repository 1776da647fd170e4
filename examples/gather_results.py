"""Estimates from results saved by ``alchemiscale results KEY --output DIR``, of any gufe Protocol.

Run it with a Python that has gufe and the protocols of the network:

    python examples/gather_results.py DIR [--json]

Each folder of DIR holds a Transformation and its ProtocolDAGResults; what is made of them is the business of the
Protocol's own ``gather``, as with results from anywhere.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import zstandard  # noqa: E402  (gufe depends on it)
from gufe import ProtocolDAGResult  # noqa: E402
from gufe.tokenization import GufeTokenizable  # noqa: E402


def read_result(file: Path) -> ProtocolDAGResult:
    """A stored result: one zstd frame of a keyed chain."""
    text = zstandard.ZstdDecompressor().decompress(file.read_bytes()).decode()
    return GufeTokenizable.from_json(content=text)


def estimate(folder: Path) -> dict:
    """What the Protocol makes of the results of one Transformation, in kcal/mol."""
    transformation = GufeTokenizable.from_json(folder / "transformation.json")
    results = [read_result(file) for file in sorted((folder / "results").glob("*.json.zst"))]
    answer = {"transformation": str(transformation.key), "name": transformation.name, "results": len(results)}
    if not results:
        return answer | {"estimate": None, "uncertainty": None}
    gathered = transformation.gather(results)
    value, error = gathered.get_estimate(), gathered.get_uncertainty()
    # Many protocols take the spread of their repeats, which is 0 of one; the repeat's own error says more then.
    if len(results) == 1 and hasattr(gathered, "get_individual_estimates"):
        individual = gathered.get_individual_estimates()
        if isinstance(individual, list) and len(individual) == 1:
            error = individual[0][1]
    in_kcal = lambda q: None if q is None else float(q.m_as("kilocalorie_per_mole"))  # noqa: E731
    return answer | {"estimate": in_kcal(value), "uncertainty": in_kcal(error)}


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--json"]
    if len(arguments) != 1:
        sys.exit("usage: python gather_results.py DIR [--json]")
    folders = sorted(file.parent for file in Path(arguments[0]).glob("*/transformation.json"))
    for answer in map(estimate, folders):
        if "--json" in sys.argv:
            print(json.dumps(answer))
        elif answer["estimate"] is None:
            print(f"{answer['name'] or answer['transformation']}: no estimate from {answer['results']} results")
        else:
            print(
                f"{answer['name'] or answer['transformation']}: {answer['estimate']:.3f} ± {answer['uncertainty']:.3f} "
                f"kcal/mol from {answer['results']} results"
            )
