"""Public places: where people come together, and where a hotspot reaches those who own nothing but a phone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cn_planner.message import msg
from cn_planner.model.fields import about


class PlaceKind(StrEnum):
    """What a public place is."""

    SCHOOL = "school"
    CLINIC = "clinic"
    MARKET = "market"
    CHURCH = "church"
    WATER = "water"
    JUNCTION = "junction"
    SHOP = "shop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """A place where people come together: a hotspot there reaches those who own nothing but a phone.

    ``server`` is the id of the site that connects it in this plan, None where none does; ``client_kit`` the kit that
    the plan gives it, empty for the first of the plan's.
    """

    id: str
    name: str
    latitude: float = about(msg("Latitude, WGS 84, north positive."), unit="°", low=-90, high=90)
    longitude: float = about(msg("Longitude, WGS 84, east positive."), unit="°", low=-180, high=180)
    kind: PlaceKind = PlaceKind.OTHER
    people: float | None = about(
        msg("How many people are there whom no home of the plan counts; empty: none."), default=None, low=0, high=1e6
    )
    must: bool = about(msg("Whether it has to be connected."), default=False)
    busy_mbps: float | None = about(
        msg("What it takes at the busy hour today; empty: as its kind does, else as one home."),
        default=None,
        unit="Mbit/s",
        low=0.001,
        high=10_000,
    )
    antenna_height_m: float | None = about(
        msg("Height of the antenna on its roof."), default=None, unit="m", low=0, high=50
    )
    server: str | None = None
    note: str = ""
    client_kit: str = ""
    left_out: bool = about(msg("Whether plans leave it out: nothing is bought to connect it."), default=False)
