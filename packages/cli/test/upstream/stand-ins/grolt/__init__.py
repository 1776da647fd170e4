"""In place of Neo4j in a container: the process that holds our state store."""

from types import SimpleNamespace

from store_proxy import StoreProgram

Neo4jDirectorySpec = None
docker = SimpleNamespace(volumes=SimpleNamespace(prune=lambda: None))


class Neo4jService:
    default_http_port, default_https_port, default_bolt_port = 7474, 7473, 7687

    def __init__(self, **_):
        pass

    def __enter__(self):
        StoreProgram.instance()
        return self

    def __exit__(self, *_):
        StoreProgram.end()

    def routers(self):
        return [SimpleNamespace(uri=lambda scheme: f"{scheme}://store-program")]
