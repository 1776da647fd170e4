"""Runs gufe Protocols for a compute service; ``docs/python-executor.md`` is its interface."""

__version__ = "0.3.0"
WIRE_VERSION = 2
