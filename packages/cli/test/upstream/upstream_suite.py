"""A pytest plugin that runs upstream's own tests of the clients, compute services and APIs against our server.

    ALCHEMISCALE_TEST_NODE=…/node python -m pytest -p upstream_suite --pyargs alchemiscale.tests.integration.interface …

Nothing of upstream is changed on disk; these are replaced before its tests are loaded:

- Neo4j in a container: a process of ours with an empty state store (`store-program.ts`, `stand-ins/grolt`);
- `Neo4jStore`, through which fixtures and tests reach into the database: `StoreProxy`;
- the Python APIs under uvicorn: our APIs, on the ports and with the token settings that the tests ask for;
- FastAPI's test client, which calls an app in the process: an HTTP client with a token of the identity asked for;
- the benchmark systems of OpenFE, which no registry has: `stand-ins/openfe_benchmarks`.

This folder and `stand-ins` must be on PYTHONPATH: tests start processes that load the same modules.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import socket

import bcrypt
import pytest

from store_proxy import StoreProgram, StoreProxy

SECRET_OF_BOTH = "a secret of the tests that both APIs have"


# --- the APIs ---


def api_of(app) -> str:
    from alchemiscale.interface import api

    return "user" if app is api.app else "compute"


def serve(api: str, port: int, secret: str, expire_seconds: int, s3os=None) -> str:
    place, environment = None, {}
    if s3os is not None:
        settings = s3os.settings
        place = f"s3://{settings.AWS_S3_BUCKET}/{settings.AWS_S3_PREFIX}?endpoint={settings.AWS_ENDPOINT_URL}"
        environment = {name: value for name, value in settings.model_dump().items() if name.startswith("AWS_") and value}
    return StoreProgram.instance().ask(
        "serve",
        api=api,
        port=port,
        jwtSecret=secret,
        jwtExpireSeconds=expire_seconds,
        objectStore=place,
        environment=environment,
    )


@contextlib.contextmanager
def running_service(target, port, args):
    """In place of a process with uvicorn: our API, with the settings and the object store of the app."""
    from alchemiscale.base.api import get_s3os_depends

    app, settings = args
    s3os = app.dependency_overrides[get_s3os_depends]()
    address = serve(api_of(app), port, settings.JWT_SECRET_KEY, settings.JWT_EXPIRE_SECONDS, s3os)
    try:
        yield
    finally:
        StoreProgram.instance().ask("unserve", address=address)


def http_client_class():
    import httpx

    addresses: dict[str, str] = {}

    class HttpClient(httpx.Client):
        """In place of FastAPI's `TestClient`: real requests, as the identity with the scopes that the app is told to assume."""

        def __init__(self, app):
            from alchemiscale.base.api import get_token_data_depends

            api = api_of(app)
            if api not in addresses:
                addresses[api] = serve(api, 0, SECRET_OF_BOTH, 600)
            assumed = app.dependency_overrides[get_token_data_depends]()
            StoreProgram.instance().ask(
                "identity",
                type=api,
                identifier=assumed.entity,
                hashedKey=bcrypt.hashpw(b"assumed", bcrypt.gensalt(4)).decode(),
                scopes=assumed.scopes,
            )
            address = addresses[api]
            login = httpx.post(f"{address}/token", data={"username": assumed.entity, "password": "assumed"})
            login.raise_for_status()
            super().__init__(base_url=address, headers={"Authorization": f"Bearer {login.json()['access_token']}"})

    return HttpClient


# --- around the tests ---


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef, request):
    """Any free port where upstream has fixed ones."""
    if fixturedef.argname not in ("compute_api_port", "s3os_port"):
        return None
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    fixturedef.cached_result = (port, fixturedef.cache_key(request), None)
    return port


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Writes what became of each test where ALCHEMISCALE_TEST_REPORT says, as JSON."""
    if (place := os.environ.get("ALCHEMISCALE_TEST_REPORT")) is None:
        return
    outcomes = [
        {"test": report.nodeid, "outcome": outcome, "reason": reason_of(report)}
        for outcome in ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
        for report in terminalreporter.stats.get(outcome, [])
    ]
    pathlib.Path(place).write_text(json.dumps(outcomes))


def reason_of(report) -> str | None:
    if hasattr(report, "wasxfail"):
        # Where no reason is given, what the test raised: upstream marks tests that it has not written yet.
        crash = getattr(report.longrepr, "reprcrash", None)
        return report.wasxfail or (None if crash is None else crash.message)
    return report.longrepr[2] if report.outcome == "skipped" else None


def pytest_configure(config: pytest.Config) -> None:
    import alchemiscale.storage.statestore
    import alchemiscale.tests.integration.utils
    import fastapi.testclient

    alchemiscale.storage.statestore.Neo4jStore = StoreProxy
    alchemiscale.tests.integration.utils.running_service = running_service
    fastapi.testclient.TestClient = http_client_class()
