"""Plans to test with, and random edits of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.evidence import Seen
from cn_planner.model.history import Edit
from cn_planner.model.plan import (
    TABLES,
    Evidence,
    HomeKind,
    Household,
    Link,
    Measurement,
    Note,
    Obstacle,
    Outcome,
    PlaceKind,
    Plan,
    PlanStatus,
    PublicPlace,
    Sector,
    Site,
    SiteRole,
    Status,
    TerrainFile,
    Uplink,
    Zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

VILLAGE = (
    Site("gw", "Town", -1.5, 36.5, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0), mast_height_m=12.0),
    Site(
        "hill", "Hill", -1.45, 36.55, sectors=(Sector("s1", "sector", 90.0), Sector("s2", "sector", 270.0, -2.0, 11.5))
    ),
    Site("ridge", "Ridge ዕ 山", -1.4, 36.6),
    Household("h1", "House 1", -1.44, 36.56, server="hill", antenna_height_m=6.0),
    Household("h2", "House 2", -1.43, 36.57),
    Link("gw-hill", "gw", "hill"),
    Link("hill-ridge", "hill", "ridge", from_height_m=10.0),
    Zone("grove", "Sacred grove", ((-1.4, 36.4), (-1.4, 36.5), (-1.5, 36.5))),
    Obstacle("tree", -1.42, 36.52, 18.0),
    TerrainFile("S02E036.hgt", "S02E036.hgt", "00" * 32, 92.6),
    Measurement("m1", -1.41, 36.51, 5500.0, -71.5, site="hill"),
    Note("n1", "Ask the elders.", about_id="hill"),
    PublicPlace("p1", "School", -1.43, 36.55, PlaceKind.SCHOOL, people=40.0, must=True, server="hill"),
)
"""One of everything."""


def village() -> Plan:
    """Return a small plan with one of everything."""
    return edits.put(Plan(), VILLAGE).plan


def many_homes(count: int) -> list[Household]:
    """Return so many homes, scattered in the same way every time."""
    return [
        Household(f"home-{n:05}", f"House {n}", -1.0 - (n * 7919 % 10007) * 1e-5, 36.0 + (n * 104729 % 10009) * 1e-5)
        for n in range(count)
    ]


def _pick(plan: Plan, table: str, number: int) -> Any:
    ids = list(getattr(plan, table))
    return ids[number % len(ids)] if ids else None


def _link(plan: Plan, key: str, first: int, second: int, values: dict[str, Any]) -> Edit:
    ends = (_pick(plan, "sites", first), _pick(plan, "sites", second))
    if None in ends or ends[0] == ends[1]:
        return edits.put(plan, [Note(key, "no two sites yet")])
    return edits.put(plan, [Link(key, *ends, **values)])


def _home(plan: Plan, home: Household, server: int | None) -> Edit:
    return edits.put(plan, [home if server is None else replace(home, server=_pick(plan, "sites", server))])


def _remove(plan: Plan, table: str, number: int) -> Edit:
    key = _pick(plan, table, number)
    return Edit(msg("nothing to remove"), plan) if key is None else edits.remove(plan, table, [key])


_id = st.sampled_from(["a", "b", "c", "d", "ዕ", "x'y\"; --"])
_text = st.text(max_size=6)
_number = st.integers(0, 99)
_latitude = st.floats(-90, 90)
_longitude = st.floats(-180, 180)
_height = st.none() | st.floats(0, 50)
_sector = st.builds(Sector, _text, _text, st.floats(0, 360), st.floats(-90, 90), _height)
_site = st.builds(
    Site,
    _id,
    _text,
    _latitude,
    _longitude,
    role=st.sampled_from(SiteRole),
    status=st.sampled_from(Status),
    mast_height_m=_height,
    sectors=st.lists(_sector, max_size=2).map(tuple),
    uplink=st.none() | st.builds(Uplink, _text, st.floats(0, 1e9)),
    note=_text,
)
_home_ = st.builds(
    Household, _id, _text, _latitude, _longitude, st.floats(0, 1e6), _height, st.sampled_from(HomeKind), note=_text
)
_zone = st.builds(Zone, _id, _text, st.lists(st.tuples(_latitude, _longitude), max_size=5).map(tuple), st.booleans())
_others = st.one_of(
    _zone,
    st.builds(Obstacle, _id, _latitude, _longitude, st.floats(0, 500)),
    st.builds(TerrainFile, _id, _text, _text, st.floats(0, 1e5), priority=st.integers(-5, 5)),
    st.builds(Measurement, _id, _latitude, _longitude, st.floats(30, 1e5), st.floats(-200, 50)),
    st.builds(Note, _id, _text, _text),
    st.builds(Evidence, _id, _text, _text, st.sampled_from(Seen), who=_text, from_height_m=_height),
    st.builds(
        PublicPlace,
        _id,
        _text,
        _latitude,
        _longitude,
        st.sampled_from(PlaceKind),
        people=st.none() | _number,
        must=st.booleans(),
    ),
)
_outcome = st.none() | st.builds(
    Outcome, st.sampled_from(PlanStatus), _number, _number, _number, st.floats(0, 1e9), st.none(), st.none()
)

random_edits: st.SearchStrategy[Callable[[Plan], Edit]] = st.one_of(
    st.builds(lambda site: lambda plan: edits.put(plan, [site]), _site),
    st.builds(lambda home, server: lambda plan: _home(plan, home, server), _home_, st.none() | _number),
    st.builds(
        lambda key, a, b, values: lambda plan: _link(plan, key, a, b, values),
        _id,
        _number,
        _number,
        st.fixed_dictionaries({"from_height_m": _height, "note": _text}),
    ),
    st.builds(lambda things: lambda plan: edits.put(plan, things), st.lists(_others, min_size=1, max_size=4)),
    st.builds(lambda table, number: lambda plan: _remove(plan, table, number), st.sampled_from(list(TABLES)), _number),
    st.builds(lambda hops: lambda plan: edits.change_section(plan, "rules", max_hops=hops), st.integers(1, 20)),
    st.builds(lambda canopy: lambda plan: edits.change_section(plan, "area", canopy_m=canopy), _height),
    st.builds(lambda name: lambda plan: edits.change_section(plan, "info", name=name), _text),
    st.builds(lambda outcome: lambda plan: Edit(msg("plan"), replace(plan, outcome=outcome)), _outcome),
)
"""Edits: functions from a plan to a labelled plan."""
