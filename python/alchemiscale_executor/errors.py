"""The typed errors a request can be answered with."""

from __future__ import annotations

from typing import Literal

ErrorKind = Literal[
    "bad_request",
    "no_gufe",
    "class_unavailable",
    "unreadable_input",
    "wrong_type",
    "create_failed",
    "gather_failed",
    "propose_failed",
    "interrupted",
    "io_error",
    "internal",
]


class ExecutorError(Exception):
    """A request that cannot be answered with a result.

    Raise it ``from`` the exception that is its cause, if there is one: the reply tells of both.
    """

    def __init__(self, kind: ErrorKind, message: str):
        super().__init__(message)
        self.kind = kind
        self.message = message
