"""In place of OpenFE's benchmark systems: networks of the same shape, quick to write and read, without the chemistry."""

from openfe_benchmarks import tyk2

__all__ = ["tyk2"]
