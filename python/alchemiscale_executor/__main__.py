"""``python -m alchemiscale_executor --requests-fd 3 --events-fd 4 --life-fd 5``."""

from __future__ import annotations

import argparse
import faulthandler
import warnings
from typing import Any

from . import __version__
from .channel import Channel
from .discovery import can_run, hello, list_protocols
from .errors import ExecutorError
from .guard import Meter, bounded, fork_below_guard
from .measure import leftovers
from .request_fields import class_names, module_names, parse

REQUESTS = (
    "can_run",
    "list_protocols",
    "prepare",
    "execute_unit",
    "fail_unit",
    "assemble",
    "gather",
    "propose",
)


def answer(request: dict[str, Any], channel: Channel, meter: Meter | None) -> dict[str, Any]:
    """The reply to one request."""
    kind = request.get("request")
    if kind == "hello":
        return hello()
    if kind not in REQUESTS:
        raise ExecutorError("bad_request", f"unknown request {kind!r:.100}")
    hello()  # says it well where there is no gufe
    if kind == "can_run":
        return can_run(class_names(request))
    if kind == "list_protocols":
        return list_protocols(module_names(request))
    if kind == "prepare":
        from .preparation import PrepareRequest, prepare

        return prepare(parse(PrepareRequest, request))
    if kind == "execute_unit":
        from .execution import ExecuteUnitRequest, execute_unit

        return execute_unit(
            parse(ExecuteUnitRequest, request),
            meter,
            lambda event: channel.send({"id": request.get("id"), **event}),
        )
    if kind == "fail_unit":
        from .crash import FailUnitRequest, fail_unit

        return fail_unit(parse(FailUnitRequest, request))
    if kind == "gather":
        from .gathering import GatherRequest, gather

        asked = parse(GatherRequest, request)
        with bounded(meter, asked.memory_limit):
            return {**gather(asked), "leftovers": leftovers(meter)}
    if kind == "propose":
        from .proposing import ProposeRequest, propose

        wanted = parse(ProposeRequest, request)
        with bounded(meter, wanted.memory_limit):
            return {**propose(wanted), "leftovers": leftovers(meter)}
    from .assembly import AssembleRequest, assemble

    return assemble(parse(AssembleRequest, request))


def main() -> None:
    """Answer requests until there are no more."""
    parser = argparse.ArgumentParser(prog="alchemiscale_executor", description=__doc__)
    parser.add_argument("--requests-fd", type=int, required=True, help="where requests come from")
    parser.add_argument("--events-fd", type=int, required=True, help="where lines are written to")
    parser.add_argument("--life-fd", type=int, help="its end is the end of all that is started")
    parser.add_argument("--version", action="version", version=__version__)
    arguments = parser.parse_args()
    meter = None
    if arguments.life_fd is not None:
        meter = fork_below_guard(arguments.life_fd, arguments.requests_fd, arguments.events_fd)
    faulthandler.enable()
    warnings.simplefilter("once")
    channel = Channel(arguments.requests_fd, arguments.events_fd)
    for request in channel.requests():
        request_id = request.get("id")
        try:
            channel.send({"id": request_id, **answer(request, channel, meter)})
        except KeyboardInterrupt as error:
            wrapped = ExecutorError("interrupted", "interrupted from the keyboard or by SIGINT")
            wrapped.__cause__ = error
            channel.error(request_id, wrapped)
        except BaseException as error:  # noqa: BLE001 - one bad Task must not end the interpreter
            channel.error(request_id, error)


if __name__ == "__main__":
    main()
