"""The work of building: days of one person for each task, who gives days for nothing, and trips to the towers."""

from __future__ import annotations

from dataclasses import dataclass

from cn_planner.message import msg
from cn_planner.model.fields import about

_OTI = "Open Technology Institute, How much does it cost to build a Commotion network? (2014, read 2026-11-28)"
_ASSUMED = "an assumption of this program: write down your own"


@dataclass(frozen=True, slots=True)
class Labour:
    """Days of one person for each task beside raising masts and poles, whose days stand with them on the shelf."""

    survey_days: float = about(
        msg("Days to look at the place of a tower and its ways."), default=1.0, unit="d", low=0, high=100,
        source=f"two people, half a day: {_ASSUMED}",
    )  # fmt: skip
    box_days: float = about(
        msg("Days for earthing, power and the box of a tower, and to put it into service."), default=1.5, unit="d",
        low=0, high=100, source=f"three people, four hours a tower: {_OTI}",
    )  # fmt: skip
    radio_days: float = about(
        msg("Days to hang and point a radio at a tower."), default=0.5, unit="d", low=0, high=100,
        source=f"two people, two hours: {_ASSUMED}",
    )  # fmt: skip
    home_days: float = about(
        msg("Days for the antenna, cable and router of a home."), default=0.5, unit="d", low=0, high=100,
        source=f"two people, two hours a building: {_OTI}",
    )  # fmt: skip
    training_days: float = about(
        msg("Days of whoever teaches those who keep it running."), default=4.0, unit="d", low=0, high=1000,
        source="a workshop of four days, Mesh Sayada: Open Technology Institute, Case Study (2014, read 2026-11-28)",
    )  # fmt: skip
    volunteer_pct: float = about(
        msg("Share of all these days that volunteers give for nothing."), default=0.0, unit="%", low=0, high=100
    )
    tower_trips: float = about(
        msg("Trips to a tower until it is in service."), default=3.0, low=0, high=100,
        source=f"to look at it, for the mast, for the radios: {_ASSUMED}",
    )  # fmt: skip
    trip_cost: float = about(
        msg("What a trip to a tower costs, with car and fuel; 0: not said."), default=0.0, unit="currency", low=0
    )
