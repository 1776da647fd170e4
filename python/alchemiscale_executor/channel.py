"""Requests in, replies and events out: JSON lines over two pipes."""

from __future__ import annotations

import json
import os
import queue
import signal
import threading
import traceback
from collections.abc import Iterator
from typing import Any

from .errors import ExecutorError

MAX_TEXT = 100_000
"""Longest text in a line; a longer one is cut in the middle."""


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """``text``, with its middle left out where it is longer than ``limit``."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


class Channel:
    """The two pipes to the service.

    A thread reads the requests, so that the end of the service is seen while a unit runs: the
    process (and its group, where it leads one) then ends at once.
    """

    def __init__(self, requests_fd: int, events_fd: int):
        # nothing a Protocol starts shall hold the pipes open
        os.set_inheritable(requests_fd, False)
        os.set_inheritable(events_fd, False)
        self._requests = os.fdopen(requests_fd, "rb")
        self._events = os.fdopen(events_fd, "wb", buffering=0)
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._busy = False
        self._closed = False
        self._state = threading.Lock()
        self._writing = threading.Lock()
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def _read(self) -> None:
        for line in self._requests:
            self._queue.put(line)
        with self._state:
            self._closed = True
            if self._busy:
                _end_at_once()
        self._queue.put(None)

    def requests(self) -> Iterator[dict[str, Any]]:
        """Requests as they come; lines that are none are answered here."""
        while (line := self._queue.get()) is not None:
            if not line.strip():
                continue
            try:
                request = json.loads(line)
            except ValueError as error:
                self.error(None, ExecutorError("bad_request", f"not a line of JSON: {error}"))
                continue
            if not isinstance(request, dict):
                self.error(None, ExecutorError("bad_request", "a request is a JSON object"))
                continue
            with self._state:
                if self._closed:
                    return
                self._busy = True
            yield request

    def send(self, line: dict[str, Any]) -> None:
        """Write one line; a service that is gone ends this process."""
        data = json.dumps(line, ensure_ascii=True).encode("ascii") + b"\n"
        if "reply" in line:
            # before it is sent: a service that has all it wants may close the pipe at once
            with self._state:
                self._busy = False
        with self._writing:
            view = memoryview(data)
            try:
                while view:
                    view = view[self._events.write(view) :]
            except BrokenPipeError:
                _end_at_once()

    def error(self, request_id: Any, error: BaseException) -> None:
        """Reply with an error; anything but an :class:`ExecutorError` is of kind ``internal``."""
        cause: BaseException = error
        if isinstance(error, ExecutorError) and error.__cause__ is not None:
            cause = error.__cause__
        self.send(
            {
                "id": request_id,
                "reply": "error",
                "kind": error.kind if isinstance(error, ExecutorError) else "internal",
                "exception": type(cause).__qualname__,
                "message": cut(
                    error.message if isinstance(error, ExecutorError) else str(error), 10_000
                ),
                "traceback": cut("".join(traceback.format_exception(cause))),
            }
        )


def _end_at_once() -> None:
    """End this process, and its children where it leads their group."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
