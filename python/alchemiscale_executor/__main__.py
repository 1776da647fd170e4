"""``python -m alchemiscale_executor --requests-fd 3 --events-fd 4``."""

from __future__ import annotations

import argparse
import faulthandler
import warnings
from typing import Any

from . import __version__
from .channel import Channel
from .discovery import can_run, hello, list_protocols
from .errors import ExecutorError
from .request_fields import class_names, module_names, parse


def answer(request: dict[str, Any], channel: Channel) -> dict[str, Any]:
    """The reply to one request."""
    kind = request.get("request")
    if kind == "hello":
        return hello()
    if kind not in ("can_run", "list_protocols", "execute", "assemble_failure"):
        raise ExecutorError("bad_request", f"unknown request {kind!r:.100}")
    hello()  # says it well where there is no gufe
    if kind == "can_run":
        return can_run(class_names(request))
    if kind == "list_protocols":
        return list_protocols(module_names(request))
    if kind == "execute":
        from .execution import ExecuteRequest, execute

        return execute(
            parse(ExecuteRequest, request),
            lambda event: channel.send({"id": request.get("id"), **event}),
        )
    from .crash import AssembleFailureRequest, assemble_failure

    return assemble_failure(parse(AssembleFailureRequest, request))


def main() -> None:
    """Answer requests until there are no more."""
    parser = argparse.ArgumentParser(prog="alchemiscale_executor", description=__doc__)
    parser.add_argument("--requests-fd", type=int, required=True, help="where requests come from")
    parser.add_argument("--events-fd", type=int, required=True, help="where lines are written to")
    parser.add_argument("--version", action="version", version=__version__)
    arguments = parser.parse_args()
    faulthandler.enable()
    warnings.simplefilter("once")
    channel = Channel(arguments.requests_fd, arguments.events_fd)
    for request in channel.requests():
        request_id = request.get("id")
        try:
            channel.send({"id": request_id, **answer(request, channel)})
        except KeyboardInterrupt as error:
            wrapped = ExecutorError("interrupted", "interrupted from the keyboard or by SIGINT")
            wrapped.__cause__ = error
            channel.error(request_id, wrapped)
        except BaseException as error:  # noqa: BLE001 - one bad Task must not end the interpreter
            channel.error(request_id, error)


if __name__ == "__main__":
    main()
