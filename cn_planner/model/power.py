"""What the sun brings here, month by month, and what a tower that lives on it must keep."""

from __future__ import annotations

from dataclasses import dataclass

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.equipment import Chemistry
from cn_planner.model.fields import about


@dataclass(frozen=True, slots=True)
class Sun:
    """The sun of the place: twelve figures, else a clear sky and how much of it an average day has."""

    monthly_kwh_m2_day: tuple[float, ...] = about(
        msg("Sun on a square metre, a day of each month, January first."),
        default=(),
        unit="kWh/m²",
        low=0,
        high=12,
        count=12,
    )
    tilt_deg: float = about(
        msg("Tilt of the surface that these figures are for, towards the equator; 0: level ground."),
        default=0.0,
        unit="°",
        low=0,
        high=90,
    )
    clearness: float | None = about(
        msg("Share of a clear sky's sun that an average day has, where no figures are given: 0.5 dull, 0.8 dry."),
        default=None,
        unit="1",
        low=0.1,
        high=1,
    )
    source: str = about(msg("Where the figures of the sun come from."), default="")
    date: str = about(msg("Of when the figures of the sun are."), default="")

    @property
    def known(self) -> bool:
        """Whether anything is said of the sun here."""
        return bool(self.monthly_kwh_m2_day) or self.clearness is not None


def check_sun(sun: Sun) -> None:
    """Raise InputError where no month has any sun: from full batteries alone a tower would seem to work all year."""
    if sun.monthly_kwh_m2_day and not any(sun.monthly_kwh_m2_day):
        raise InputError(
            msg("No month has any sun: nothing can be fed by it."),
            where="sun",
            fix=msg("Give the figures of the place, or leave them empty."),
        )


@dataclass(frozen=True, slots=True)
class SolarSet:
    """What feeds one site from the sun, by items of the shelf: so many panels, batteries and charge controllers."""

    site: str
    panel: str
    panels: int
    battery: str
    batteries: int
    controller: str
    controllers: int


@dataclass(frozen=True, slots=True)
class Power:
    """What a tower on the sun must keep, and what its panels and batteries are counted with."""

    uptime_pct: float = about(
        msg("Share of an average year's hours that a tower on the sun works."), default=99.5, unit="%", low=50, high=100
    )
    autonomy_days: float = about(
        msg("Days that the battery alone feeds the tower."), default=3.0, unit="d", low=0, high=30
    )
    cloudy_days: int = about(
        msg("How many of the dullest days of each month follow one another."), default=5, unit="d", low=1, high=15
    )
    chemistry: Chemistry = about(  # noqa: RUF009  # it is dataclasses.field
        msg("What batteries are made of: lifepo4 or lead."), default=Chemistry.LIFEPO4
    )
    usable_pct: float | None = about(
        msg("Share of a battery that is used; empty: 80 % of LiFePO4, 50 % of lead."),
        default=None,
        unit="%",
        low=10,
        high=100,
    )
    aged_pct: float = about(
        msg("What is left of a battery at the end of its life; it must do then too."),
        default=80.0,
        unit="%",
        low=30,
        high=100,
        source="IEEE 1013: replaced at 80 % of what it held",
    )
    system_v: float = about(msg("Voltage of the batteries of a tower."), default=24.0, unit="V", low=12, high=60)
    losses_pct: float = about(
        msg("Lost between sun and battery: heat, dirt, wires, controller."),
        default=25.0,
        unit="%",
        low=0,
        high=80,
        source="PVWatts 5 (NREL/TP-6A20-62641): 14 %, with heat and the controller",
    )
    tilt_deg: float | None = about(
        msg("Tilt of the panels, towards the equator; empty: what brings most in the dullest month."),
        default=None,
        unit="°",
        low=0,
        high=90,
    )
    cable_mm2: float = about(
        msg("Section of the cable from the panels, copper."), default=6.0, unit="mm²", low=0.5, high=120
    )
    run_m: float = about(
        msg("Cable of a radio from the foot of the mast to the box."), default=5.0, unit="m", low=0, high=100
    )
    satellite_w: float = about(
        msg("What the satellite terminal of a gateway draws, with its router."),
        default=100.0,
        unit="W",
        low=0,
        high=1000,
        source="Starlink Standard 4: 75 to 100 W on average; Mini: 20 to 40 W (nexustelemetry.com, read 2026-11-28)",
    )
    sets: tuple[SolarSet, ...] = ()
    """What was chosen for a site in place of the shelf's usual set. Bill, capital and planner count it alike."""
