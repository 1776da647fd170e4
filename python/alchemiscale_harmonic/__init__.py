"""A gufe Protocol whose answer is known exactly: switching between harmonic wells.

It is honest physics (work values, BAR, uncertainties, failures on demand) for showing and testing
everything from submission to estimate; it is no chemistry. ``docs/native-protocol.md`` has the
equations and the serialized form of every object.
"""

from __future__ import annotations

import math
import random
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from gufe import ChemicalSystem, Component, ComponentMapping
from gufe.protocols import (
    Context,
    Protocol,
    ProtocolDAGResult,
    ProtocolResult,
    ProtocolUnit,
    ProtocolUnitResult,
)
from gufe.protocols.errors import ProtocolValidationError
from gufe.settings import SettingsBaseModel, ThermoSettings
from gufe.settings.typing import GufeQuantity, specify_quantity_units
from openff.units import Quantity
from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt

from .bar import OverlapError, bar
from .switching import R_KCAL, RandomStreams, Schedule, Well, exact_free_energy, switching_work

__all__ = [
    "FailureSettings",
    "HarmonicAnalysisUnit",
    "HarmonicSetupUnit",
    "HarmonicSwitchingProtocol",
    "HarmonicSwitchingProtocolResult",
    "HarmonicSwitchingSettings",
    "HarmonicSwitchingUnit",
    "HarmonicWellComponent",
    "InjectedFailure",
    "OverlapError",
    "SwitchingSettings",
]
__version__ = "0.1.0"

ENERGY = "kilocalorie_per_mole"
LENGTH = "nanometer"
FORCE_CONSTANT = "kilocalorie_per_mole / nanometer ** 2"


def _float_in(value: Quantity | float | str, unit: str, field: str) -> float:
    """Magnitude of ``value`` in ``unit``, as a float; a plain number is taken to be in ``unit``."""
    if isinstance(value, str):
        value = Quantity(value)
    if isinstance(value, Quantity):
        magnitude = float(value.m_as(unit))
        if str(value.units) != str(Quantity(1, unit).units):
            # the noise of a conversion must not make another key
            magnitude = float(f"{magnitude:.12g}")
    else:
        magnitude = float(value)
    if not math.isfinite(magnitude):
        raise ValueError(f"{field} must be finite, got {value}")
    return magnitude


class HarmonicWellComponent(Component):
    """A particle in an isotropic harmonic well, ``offset + force_constant / 2 |x - center|²``."""

    def __init__(
        self,
        *,
        name: str,
        force_constant: Quantity | float,
        center: Sequence[Quantity | float] = (0.0,),
        offset: Quantity | float = 0.0,
    ):
        """
        Parameters
        ----------
        name
            Name of the well.
        force_constant
            Greater than 0; kcal/mol/nm² where it has no unit.
        center
            One to eight coordinates; nm where they have no unit. Their number is the number of
            dimensions.
        offset
            Energy at the centre; kcal/mol where it has no unit.
        """
        self._name = str(name)
        self._force_constant = _float_in(force_constant, FORCE_CONSTANT, "force_constant")
        self._center = tuple(_float_in(c, LENGTH, "center") for c in center)
        self._offset = _float_in(offset, ENERGY, "offset")
        if self._force_constant <= 0.0:
            raise ValueError(f"force_constant must be greater than 0, got {force_constant}")
        if not 1 <= len(self._center) <= 8:
            raise ValueError(f"center must have 1 to 8 coordinates, got {len(self._center)}")

    @property
    def name(self) -> str:
        """Name of the well."""
        return self._name

    @property
    def total_charge(self) -> int | None:
        """None: a well has no charge."""
        return None

    @property
    def force_constant(self) -> Quantity:
        """Force constant, in kcal/mol/nm²."""
        return Quantity(self._force_constant, FORCE_CONSTANT)

    @property
    def center(self) -> tuple[Quantity, ...]:
        """Coordinates of the centre, in nm."""
        return tuple(Quantity(c, LENGTH) for c in self._center)

    @property
    def offset(self) -> Quantity:
        """Energy at the centre, in kcal/mol."""
        return Quantity(self._offset, ENERGY)

    @property
    def well(self) -> Well:
        """The well as plain numbers."""
        return Well(self._force_constant, self._center, self._offset)

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        # every field is hashed: a key can then be verified without knowledge of this class
        return {}

    def _to_dict(self) -> dict[str, Any]:
        return {
            "name": self._name,
            "force_constant": self.force_constant,
            "center": list(self.center),
            "offset": self.offset,
        }

    @classmethod
    def _from_dict(cls, dct: dict[str, Any]) -> HarmonicWellComponent:
        return cls(**dct)


def _float_magnitude(value: Quantity) -> Quantity:
    # a magnitude that is an int in one file and a float in another would give two keys
    return Quantity(float(value.m), value.units)


def _positive(value: Quantity) -> Quantity:
    if not (value.m > 0.0 and math.isfinite(value.m)):
        raise ValueError(f"must be greater than 0 and finite, got {value}")
    return value


def _not_negative(value: Quantity) -> Quantity:
    if not (value.m >= 0.0 and math.isfinite(value.m)):
        raise ValueError(f"must not be negative and must be finite, got {value}")
    return value


PicosecondQuantity = Annotated[
    GufeQuantity,
    specify_quantity_units("picosecond"),
    AfterValidator(_float_magnitude),
    AfterValidator(_positive),
]
DiffusionQuantity = Annotated[
    GufeQuantity,
    specify_quantity_units("nanometer ** 2 / picosecond"),
    AfterValidator(_float_magnitude),
    AfterValidator(_positive),
]
SecondQuantity = Annotated[
    GufeQuantity,
    specify_quantity_units("second"),
    AfterValidator(_float_magnitude),
    AfterValidator(_not_negative),
]


class SwitchingSettings(SettingsBaseModel):
    """How the switches are driven. A switch takes ``n_steps`` times ``timestep``."""

    n_switches: PositiveInt = Field(100, description="Switches in each direction, in one DAG.")
    n_steps: PositiveInt = Field(100, description="Steps of lambda in one switch.")
    timestep: PicosecondQuantity = Field(
        default=Quantity(0.5, "picosecond"), description="Time spent at each lambda."
    )
    diffusion_coefficient: DiffusionQuantity = Field(
        default=Quantity(0.01, "nanometer ** 2 / picosecond"),
        description="Diffusion coefficient of the particle: kT divided by its friction.",
    )


class FailureSettings(SettingsBaseModel):
    """Failures and delays on demand, so that they can be shown and tested."""

    fail_unit: Literal["setup", "forward", "reverse", "analysis"] | None = Field(
        None, description="Name of the unit that is made to fail; null for none."
    )
    failure_probability: Annotated[float, Field(ge=0.0, le=1.0)] = Field(
        1.0, description="Probability that an attempt of that unit fails; drawn at each attempt."
    )
    pause: SecondQuantity = Field(
        default=Quantity(0.0, "second"),
        description="Time that each switching unit waits before it starts, to look like hard work.",
    )


class HarmonicSwitchingSettings(SettingsBaseModel):
    """Settings of :class:`HarmonicSwitchingProtocol`."""

    thermo_settings: ThermoSettings
    switching_settings: SwitchingSettings
    failure_settings: FailureSettings
    seed: NonNegativeInt | None = Field(
        None,
        description=(
            "Seed of all random numbers. Repeats with one seed are equal and count once; "
            "null draws a new one for each DAG."
        ),
    )


class InjectedFailure(RuntimeError):
    """The failure asked for by ``failure_settings``."""


def _fail_on_demand(unit: str, settings: HarmonicSwitchingSettings) -> None:
    failure = settings.failure_settings
    # not from the seed: a retry must be able to succeed
    if failure.fail_unit == unit and random.random() < failure.failure_probability:
        raise InjectedFailure(
            f"unit '{unit}' failed on demand (failure_settings.fail_unit, "
            f"failure_probability {failure.failure_probability})"
        )


def _kt(settings: HarmonicSwitchingSettings) -> float:
    """kT in kcal/mol."""
    return R_KCAL * settings.thermo_settings.temperature.m_as("kelvin")


def _well_of(state: ChemicalSystem, label: str) -> Well:
    components = list(state.components.values())
    if len(components) != 1 or not isinstance(components[0], HarmonicWellComponent):
        found = ", ".join(sorted(type(c).__name__ for c in components)) or "nothing"
        raise ProtocolValidationError(
            f"{label} must hold exactly one component, a HarmonicWellComponent; it holds {found}"
        )
    return components[0].well


def _wells_of(stateA: ChemicalSystem, stateB: ChemicalSystem) -> tuple[Well, Well]:
    wells = _well_of(stateA, "stateA"), _well_of(stateB, "stateB")
    dimensions = [len(well.center) for well in wells]
    if dimensions[0] != dimensions[1]:
        raise ProtocolValidationError(
            "the wells of stateA and stateB must have the same number of dimensions; "
            f"they have {dimensions[0]} and {dimensions[1]}"
        )
    return wells


class HarmonicSetupUnit(ProtocolUnit):
    """Checks the input and settles the seed."""

    @staticmethod
    def _execute(
        ctx: Context,
        *,
        stateA: ChemicalSystem,
        stateB: ChemicalSystem,
        settings: HarmonicSwitchingSettings,
        generation: int,
        **inputs: Any,
    ) -> dict[str, Any]:
        _fail_on_demand("setup", settings)
        _wells_of(stateA, stateB)
        if settings.seed is None:
            seed = secrets.token_hex(16)
        else:
            # a DAG that extends another goes on with other numbers
            seed = f"{settings.seed}.{generation}" if generation else str(settings.seed)
        return {"seed": seed, "generation": generation}


class HarmonicSwitchingUnit(ProtocolUnit):
    """All switches of one direction."""

    @staticmethod
    def _execute(
        ctx: Context,
        *,
        setup: ProtocolUnitResult,
        stateA: ChemicalSystem,
        stateB: ChemicalSystem,
        settings: HarmonicSwitchingSettings,
        direction: Literal["forward", "reverse"],
        **inputs: Any,
    ) -> dict[str, Any]:
        _fail_on_demand(direction, settings)
        time.sleep(settings.failure_settings.pause.m_as("second"))
        start, end = _wells_of(stateA, stateB)
        if direction == "reverse":
            start, end = end, start
        switching = settings.switching_settings
        schedule = Schedule(
            n_steps=switching.n_steps,
            timestep=switching.timestep.m_as("picosecond"),
            diffusion_coefficient=switching.diffusion_coefficient.m_as(
                "nanometer ** 2 / picosecond"
            ),
            temperature=settings.thermo_settings.temperature.m_as("kelvin"),
        )
        seed = setup.outputs["seed"]
        streams = RandomStreams(seed, direction, switching.n_switches)
        work = switching_work(start, end, schedule, streams)
        return {
            "direction": direction,
            "seed": seed,
            "temperature": Quantity(float(schedule.temperature), "kelvin"),
            "reduced_work": [float(w) for w in work],
        }


class HarmonicAnalysisUnit(ProtocolUnit):
    """BAR on the work values of one DAG."""

    @staticmethod
    def _execute(
        ctx: Context,
        *,
        forward: ProtocolUnitResult,
        reverse: ProtocolUnitResult,
        settings: HarmonicSwitchingSettings,
        **inputs: Any,
    ) -> dict[str, Any]:
        _fail_on_demand("analysis", settings)
        estimate, error = bar(forward.outputs["reduced_work"], reverse.outputs["reduced_work"])
        kt = _kt(settings)
        return {
            "unit_estimate": Quantity(kt * estimate, ENERGY),
            "unit_estimate_error": Quantity(kt * error, ENERGY),
            "seed": forward.outputs["seed"],
            "generation": inputs["generation"],
        }


class HarmonicSwitchingProtocolResult(ProtocolResult):
    """Pooled work values of all DAGs of one Transformation, and BAR on them."""

    @property
    def temperature(self) -> Quantity | None:
        """Temperature of the switches; None without results."""
        return self.data["temperature"]

    @property
    def forward_work(self) -> list[float]:
        """Work of all switches from A to B, in kT."""
        return [w for repeat in self.data["repeats"] for w in repeat["forward_work"]]

    @property
    def reverse_work(self) -> list[float]:
        """Work of all switches from B to A, in kT."""
        return [w for repeat in self.data["repeats"] for w in repeat["reverse_work"]]

    def _bar(self, forward: list[float], reverse: list[float]) -> tuple[Quantity, Quantity]:
        kt = R_KCAL * self.data["temperature"].m_as("kelvin")
        estimate, error = bar(forward, reverse)
        return Quantity(kt * estimate, ENERGY), Quantity(kt * error, ENERGY)

    def get_estimate(self) -> Quantity | None:
        """Free energy of B less that of A, kcal/mol, from all work values; None without results."""
        return self._bar(self.forward_work, self.reverse_work)[0] if self.data["repeats"] else None

    def get_uncertainty(self) -> Quantity | None:
        """Asymptotic standard error of the estimate, kcal/mol; None without results."""
        return self._bar(self.forward_work, self.reverse_work)[1] if self.data["repeats"] else None

    def get_individual_estimates(self) -> list[tuple[Quantity, Quantity]]:
        """Estimate and standard error of each repeat on its own."""
        return [self._bar(r["forward_work"], r["reverse_work"]) for r in self.data["repeats"]]


class HarmonicSwitchingProtocol(Protocol):
    """Free energy difference of two harmonic wells by non-equilibrium switching and BAR."""

    result_cls = HarmonicSwitchingProtocolResult
    _settings_cls = HarmonicSwitchingSettings
    _settings: HarmonicSwitchingSettings

    @classmethod
    def _default_settings(cls) -> HarmonicSwitchingSettings:
        return HarmonicSwitchingSettings(
            thermo_settings=ThermoSettings(temperature=Quantity(298.15, "kelvin")),
            switching_settings=SwitchingSettings(),
            failure_settings=FailureSettings(),
            seed=None,
        )

    def _validate(
        self,
        *,
        stateA: ChemicalSystem,
        stateB: ChemicalSystem,
        mapping: ComponentMapping | list[ComponentMapping] | None,
        extends: ProtocolDAGResult | None = None,
    ) -> None:
        if mapping:
            raise ProtocolValidationError("HarmonicSwitchingProtocol takes no mapping")
        temperature = self.settings.thermo_settings.temperature
        if temperature is None or not temperature.m > 0.0:
            raise ProtocolValidationError(
                f"thermo_settings.temperature must be greater than 0 kelvin, got {temperature}"
            )
        _wells_of(stateA, stateB)

    def _create(
        self,
        stateA: ChemicalSystem,
        stateB: ChemicalSystem,
        mapping: ComponentMapping | list[ComponentMapping] | None,
        extends: ProtocolDAGResult | None = None,
    ) -> list[ProtocolUnit]:
        self._validate(stateA=stateA, stateB=stateB, mapping=mapping, extends=extends)
        generation = 0
        if extends is not None:
            generation = 1 + max(
                (r.outputs["generation"] for r in _successes_named(extends, "setup")), default=0
            )
        inputs = {"settings": self.settings, "stateA": stateA, "stateB": stateB}
        setup = HarmonicSetupUnit(name="setup", generation=generation, **inputs)
        forward = HarmonicSwitchingUnit(name="forward", setup=setup, direction="forward", **inputs)
        reverse = HarmonicSwitchingUnit(name="reverse", setup=setup, direction="reverse", **inputs)
        analysis = HarmonicAnalysisUnit(
            name="analysis",
            forward=forward,
            reverse=reverse,
            settings=self.settings,
            generation=generation,
        )
        return [setup, forward, reverse, analysis]

    def _gather(self, protocol_dag_results: Iterable[ProtocolDAGResult]) -> dict[str, Any]:
        repeats: dict[str, dict[str, Any]] = {}
        temperature: Quantity | None = None
        for result in protocol_dag_results:
            if not result.ok():
                continue
            forward = _successes_named(result, "forward")[0].outputs
            reverse = _successes_named(result, "reverse")[0].outputs
            if temperature is not None and forward["temperature"] != temperature:
                raise ValueError(
                    f"results at {temperature} and at {forward['temperature']} cannot be pooled"
                )
            temperature = forward["temperature"]
            # equal seeds mean equal numbers, which are no new information
            repeats.setdefault(
                forward["seed"],
                {
                    "seed": forward["seed"],
                    "forward_work": list(forward["reduced_work"]),
                    "reverse_work": list(reverse["reduced_work"]),
                },
            )
        # in the order of their seeds: the result must not depend on the order of its sources
        return {
            "temperature": temperature,
            "repeats": [repeats[seed] for seed in sorted(repeats)],
        }

    def exact_free_energy(self, stateA: ChemicalSystem, stateB: ChemicalSystem) -> Quantity:
        """The analytic answer, kcal/mol."""
        a, b = _wells_of(stateA, stateB)
        temperature = self.settings.thermo_settings.temperature.m_as("kelvin")
        return Quantity(exact_free_energy(a, b, temperature), ENERGY)


def _successes_named(result: ProtocolDAGResult, name: str) -> list[ProtocolUnitResult]:
    return [r for r in result.protocol_unit_successes if r.name == name]
