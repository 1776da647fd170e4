"""Archives between this project and the Python package: python archives.py URL IDENTIFIER KEY NETWORK FILE OUT

Reads FILE, which `network archive` has written, and compares it with what the Python client makes of NETWORK; writes that to OUT, as gufe does, and
says in JSON what was found.
"""

import json
import sys
import warnings

from alchemiscale import AlchemiscaleClient
from gufe.archival import AlchemicalArchive


def results(archive):
    return {str(t.key): [str(r.key) for r in rs] for t, rs in archive.transformation_results}


def outputs(archive):
    return {
        str(unit.key): unit.outputs
        for _, rs in archive.transformation_results
        for result in rs
        for unit in result.protocol_unit_results
    }


def main(url, identifier, key, network, file, out):
    client = AlchemiscaleClient(api_url=url, identifier=identifier, key=key)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = AlchemicalArchive.from_json(file)
    made = client.get_network_archive(network, metadata=read.metadata, visualize=False)
    made.to_json(out)
    print(
        json.dumps(
            {
                "equal": read == made,
                "keys": [str(read.key), str(made.key)],
                "network": read.network == made.network,
                "results": results(read) == results(made),
                "outputs": repr(outputs(read)) == repr(outputs(made)),
                "count": sum(map(len, results(read).values())),
                "metadata": read.metadata,
                "version": read.version_gufe,
            }
        )
    )


# The client retrieves in processes of its own, which load this file, too.
if __name__ == "__main__":
    main(*sys.argv[1:])
