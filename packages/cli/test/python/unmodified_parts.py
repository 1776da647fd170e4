"""Drives a server with the unmodified Python client and SynchronousComputeService of the installed alchemiscale.

usage: unmodified_parts.py USER_URL COMPUTE_URL USER_ID USER_KEY COMPUTE_ID COMPUTE_KEY SCOPE WORKDIR

Both identities must have access to SCOPE (org-campaign-project), and the scope must be empty. Prints one line
of JSON with what was seen; any mismatch is an AssertionError. Works with alchemiscale 0.7.2 and 0.8.0.
"""

import inspect
import json
import math
import pathlib
import sys

import gufe
import gufe.tests.test_protocol as toys
from openff.units import unit

import alchemiscale
from alchemiscale import AlchemiscaleClient, Scope
from alchemiscale.compute.service import SynchronousComputeService
from alchemiscale.compute.settings import ComputeServiceSettings

BIG = 2**70


def network(name: str) -> gufe.AlchemicalNetwork:
    """Five systems in a ring with a chord: seven edges of a protocol that works, one that fails, one NonTransformation."""
    systems = [
        gufe.ChemicalSystem(
            {"solvent": gufe.SolventComponent(ion_concentration=(0.1 + 0.05 * i) * unit.molar)},
            name=f"{name} \u00e9\U0001f600 {i}",
        )
        for i in range(5)
    ]
    works = toys.DummyProtocol(settings=toys.DummyProtocol.default_settings())
    broken = toys.BrokenProtocol(settings=toys.BrokenProtocol.default_settings())
    # Whole and broken numbers, beyond what doubles hold, none at all, and texts that are awkward in JSON.
    metadata = {
        "one": 1,
        "one point": 1.0,
        "big": BIG,
        "small": 1e-5,
        "huge": 1e16,
        "nan": float("nan"),
        "none": None,
        "empty": [{}, [], ""],
        "text": "\x00\x7f\u2028\u00e9\U0001f600\\\"/",
        "__proto__": {"10": 1, "2": 2},
    }
    edges = [
        gufe.Transformation(systems[i], systems[(i + 1) % 5], works, name=f"ring {i}", metadata=metadata if i == 0 else None)
        for i in range(5)
    ]
    edges.append(gufe.Transformation(systems[0], systems[2], broken, name="chord that fails"))
    edges.append(gufe.NonTransformation(systems[3], works, name="plain"))
    return gufe.AlchemicalNetwork(edges=edges, name=name)


def same_numbers(a, b) -> bool:
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same_numbers(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same_numbers, a, b))
    return type(a) is type(b) and a == b


def main() -> None:
    user_url, compute_url, user_id, user_key, compute_id, compute_key, scope_text, workdir = sys.argv[1:]
    scope, work = Scope.from_str(scope_text), pathlib.Path(workdir)
    work.mkdir(parents=True, exist_ok=True)
    client = AlchemiscaleClient(user_url, user_id, user_key, cache_directory=work / "cache", max_retries=0)

    an = network("drive")
    sk = client.create_network(an, scope, visualize=False)
    assert str(sk.gufe_key) == str(an.key), (sk, an.key)
    assert client.create_network(an, scope, compress=False, visualize=False) == sk, "submitting again gives the same key"
    assert client.check_exists(sk)
    assert client.query_networks(scope=scope) == [sk]
    back = client.get_network(sk, visualize=False)
    assert back == an and back.key == an.key
    assert sorted(map(str, client.get_network_transformations(sk))) == sorted(f"{t.key}-{scope}" for t in an.edges)

    ring = next(t for t in an.edges if t.name == "ring 0")
    ring_sk = next(k for k in client.get_network_transformations(sk) if str(k.gufe_key) == str(ring.key))
    ring_back = client.get_transformation(ring_sk, visualize=False)
    assert same_numbers(dict(ring.metadata), dict(ring_back.metadata)), ring_back.metadata

    tasks = client.create_transformations_tasks(client.get_network_transformations(sk))
    assert len(tasks) == len(an.edges)
    actioned = client.action_tasks(tasks, sk)
    assert actioned == tasks
    assert client.action_tasks(tasks, sk) == [None] * len(tasks), "actioned already"
    ring_task = client.get_transformation_tasks(ring_sk)[0]
    child = client.create_tasks(ring_sk, extends=ring_task)[0]
    client.action_tasks([child], sk)
    client.set_tasks_priority([child], 1)
    assert client.get_tasks_priority([child, tasks[0]]) == [1, 10]

    service = SynchronousComputeService(
        ComputeServiceSettings(
            api_url=compute_url,
            identifier=compute_id,
            key=compute_key,
            name="drive",
            shared_basedir=work / "shared",
            scratch_basedir=work / "scratch",
            n_retries=1,
            sleep_interval=1,
            heartbeat_interval=1,
            max_tasks=len(tasks) + 1,
            client_max_retries=0,
        )
    )
    # Until 0.7 the limit is an argument of start, and the setting of that name is ignored.
    if "max_tasks" in inspect.signature(service.start).parameters:
        service.start(max_tasks=len(tasks) + 1)
    else:
        service.start()

    counts = client.get_network_status(sk, visualize=False)
    assert counts == {"complete": len(tasks), "error": 1}, counts
    failed = {k: v for k, v in client.get_network_failures(sk, visualize=False).items() if v}
    assert len(failed) == 1 and not next(iter(failed.values()))[0].ok()
    tracebacks = [u.traceback for u in next(iter(failed.values()))[0].protocol_unit_failures]
    assert len(tracebacks) == 2 and all("ValueError" in t for t in tracebacks), tracebacks
    results = client.get_transformation_results(ring_sk, return_protocoldagresults=True, visualize=False)
    assert len(results) == 2 and all(r.ok() and r.transformation_key == ring.key for r in results)
    extended = [r for r in results if r.extends_key is not None]
    assert len(extended) == 1 and extended[0].extends_key in {r.key for r in results}
    gathered = client.get_network_results(sk, visualize=False)
    assert sum(r is not None for r in gathered.values()) == len(an.edges) - 1
    again = client.get_task_results(ring_task, visualize=False)
    assert len(again) == 1 and again[0].key in {r.key for r in results}

    print(
        json.dumps(
            {
                "alchemiscale": getattr(alchemiscale, "__version__", "?"),
                "gufe": gufe.__version__,
                "network": str(sk),
                "tasks": len(tasks) + 1,
                "status": counts,
                "results": len(results),
            }
        )
    )


if __name__ == "__main__":
    main()
