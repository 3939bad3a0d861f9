"""The public places of a plan as its tables show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report import words
from cn_planner.report.columns import NUMBER, WORD, heading, record
from cn_planner.service.joined import as_it_works, hops

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.model.plan import PlaceKind, Plan


@record
class PlaceRecord:
    """One public place."""

    id: str = heading(msg("Id"))
    name: str = heading(msg("Name"), wide=True)
    kind: PlaceKind = heading(msg("Kind"), WORD, cell=words.PLACE_KINDS.__getitem__)
    latitude: float = heading(msg("Latitude"), NUMBER, "°", 6, paper=False, exact=True)
    longitude: float = heading(msg("Longitude"), NUMBER, "°", 6, paper=False, exact=True)
    people: float | None = heading(msg("People"), NUMBER, exact=True)
    must: bool = heading(msg("Must be connected"), WORD, cell=words.yes_no)
    busy_mbps: float | None = heading(msg("Busy hour"), NUMBER, "Mbit/s", 3, paper=False, exact=True)
    antenna_height_m: float | None = heading(msg("Roof antenna"), NUMBER, "m", 1, paper=False, exact=True)
    server: str | None = heading(msg("Served by"))
    note: str = heading(msg("Note"), wide=True)
    reached: bool = True
    """Whether its tower is on the network, over links through which something gets."""


def place_records(plan: Plan, down: Collection[str]) -> tuple[PlaceRecord, ...]:
    """Return the public places of a plan, in the order of ids; ``down``: links over which nothing comes."""
    online = hops(as_it_works(plan, down))
    return tuple(
        PlaceRecord(
            id=one.id,
            name=one.name,
            kind=one.kind,
            latitude=one.latitude,
            longitude=one.longitude,
            people=one.people,
            must=one.must,
            busy_mbps=one.busy_mbps,
            antenna_height_m=one.antenna_height_m,
            server=one.server,
            note=one.note,
            reached=one.server in online,
        )
        for one in plan.places.values()
    )
