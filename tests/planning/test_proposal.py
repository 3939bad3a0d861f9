"""A plan as a proposal: what differs by tower, what needs what, and that a part of it is a whole plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.model.items import Items
from cn_planner.model.plan import Choice, Household, Link, Outcome, Plan, PlanStatus, Sector, Site, SiteRole
from cn_planner.planning.proposal import REST, TUNED, PartKind, alone, parts_of, taken, with_needed, without


def site(key: str, mast: float | None, lat: float = 0.0, **more: object) -> Site:
    role = SiteRole.GATEWAY if key == "G" else SiteRole.CANDIDATE
    return Site(key, f"Hill {key}", lat, 0.01 * ord(key), role=role, mast_height_m=mast, **more)


def home(key: str, server: str | None) -> Household:
    return Household(key, key, 0.0, 0.0, server=server)


def plan(sites: list[Site], links: str, homes: dict[str, str | None]) -> Plan:
    made = [Link(f"L{ends}", ends[0], ends[1]) for ends in links.split()]
    rows = [home(key, server) for key, server in homes.items()]
    return Plan(sites=Items(sites), links=Items(made), households=Items(rows))


BEFORE = plan(
    [site("G", 12.0), site("A", 6.0), site("B", 9.0), site("C", None), site("D", None)],
    "GA GB",
    {"h1": "A", "h2": "B", "h3": "B", "h4": None, "h5": None, "h6": "G"},
)
# B goes and A, which rises, takes its homes but for one; C comes on A, and D on C.
AFTER = plan(
    [site("G", 12.0), site("A", 12.0), site("B", None), site("C", 9.0), site("D", 6.0)],
    "GA AC CD",
    {"h1": "A", "h2": "A", "h3": None, "h4": "C", "h5": "D", "h6": "G"},
)


def by_id(before: Plan = BEFORE, after: Plan = AFTER) -> dict[str, object]:
    return {one.id: one for one in parts_of(before, after)}


def test_what_comes_rises_and_goes_is_told_with_its_homes_and_links() -> None:
    found = by_id()
    assert {key: one.kind for key, one in found.items()} == {
        "C": PartKind.COMES, "D": PartKind.COMES, "A": PartKind.RISES, "B": PartKind.GOES,
    }  # fmt: skip
    assert list(found) == ["C", "D", "A", "B"]  # a tower before those that hang on it, what goes last
    assert (found["C"].gains, found["A"].gains, found["B"].loses) == (("h4",), ("h2",), ("h3",))
    assert (found["C"].links, found["D"].links, found["B"].links) == (("LAC",), ("LCD",), ("LGB",))
    assert (found["A"].before_m, found["A"].after_m) == (6.0, 12.0)


@pytest.mark.parametrize("choice", [Choice.FREE, Choice.FORBIDDEN])
def test_a_link_that_stands_in_neither_plan_is_no_line(choice: Choice) -> None:
    """It came with a tower that has no mast, or is forbidden: the map looked for it in the plan that stands."""
    ends = "BD" if choice is Choice.FREE else "GC"
    more = Link("new", ends[0], ends[1], choice=choice)
    after = replace(AFTER, links=Items([*AFTER.links.values(), more]))
    found = by_id(after=after)
    for one in found.values():
        assert all((key in BEFORE.standing_links) != (key in after.standing_links) for key in one.links)
    assert any(change.id == "new" for one in found.values() for change in one.changes)
    back = by_id(after, BEFORE)  # as where it is taken back
    assert all("new" not in one.links for one in back.values())


def test_a_roof_that_is_raised_for_its_tower_comes_with_that_tower() -> None:
    """Homes that get a pole to be reached were all one part, "What else changes": all of them or none."""
    new = {"h4": "G", "h5": "A"}
    after = replace(BEFORE, households=Items(
        [replace(row, server=new[key], antenna_height_m=9.0, on_pole=True) if key in new else row
         for key, row in BEFORE.households.items()]
    ))  # fmt: skip
    found = by_id(BEFORE, after)
    assert {key: (one.kind, one.gains) for key, one in found.items()} == {
        "G": (PartKind.STAYS, ("h4",)), "A": (PartKind.STAYS, ("h5",)),
    }  # fmt: skip
    some = taken(BEFORE, after, list(found.values()), ["A"])
    assert (some.households["h5"], some.households["h4"]) == (after.households["h5"], BEFORE.households["h4"])
    moved = replace(BEFORE, households=Items(
        [replace(row, antenna_height_m=9.0) if key == "h1" else row for key, row in BEFORE.households.items()]
    ))  # fmt: skip
    assert list(by_id(BEFORE, moved)) == [REST]  # of a home that stays at its tower it is no part of one


def test_a_part_brings_what_it_needs_and_takes_away_what_needs_it() -> None:
    parts = parts_of(BEFORE, AFTER)
    assert with_needed(parts, ["D"]) == {"D", "C", "A"}  # its way to the gateway, as high as it must be
    assert with_needed(parts, ["B"]) == {"B", "A"}  # who takes over its homes
    everything = {one.id for one in parts}
    assert without(parts, everything, "C") == {"A", "B"}
    assert without(parts, everything, "A") == set()


def test_all_of_it_is_the_plan_that_was_proposed_and_nothing_the_plan_that_stands() -> None:
    parts = parts_of(BEFORE, AFTER)
    assert taken(BEFORE, AFTER, parts, [one.id for one in parts]) == AFTER
    assert taken(BEFORE, AFTER, parts, []) == BEFORE


def test_a_part_alone_is_a_plan_with_its_tower_links_and_homes() -> None:
    parts = parts_of(BEFORE, AFTER)
    half = taken(BEFORE, AFTER, parts, ["C"])
    assert set(half.used_sites) == {"G", "A", "B", "C"}
    assert half.sites["A"].mast_height_m == 12.0
    assert set(half.standing_links) == {"LGA", "LGB", "LAC"}
    servers = {key: one.server for key, one in half.households.items()}
    assert servers == {"h1": "A", "h2": "A", "h3": "B", "h4": "C", "h5": None, "h6": "G"}


def test_a_part_on_its_own_brings_nothing_that_it_needs() -> None:
    """For its bill: D comes with its link, which is on the bill of C, where the link first stands."""
    parts = {one.id: one for one in parts_of(BEFORE, AFTER)}
    only = alone(BEFORE, [parts["D"]])
    assert set(only.used_sites) == {"G", "A", "B", "D"}
    assert only.sites["A"].mast_height_m == 6.0
    assert set(only.standing_links) == {"LGA", "LGB"}
    assert alone(BEFORE, parts.values()) == AFTER


def test_what_was_proven_of_the_whole_is_not_said_of_a_part() -> None:
    proven = Outcome(PlanStatus.OPTIMAL, 5.0, 5.0, 5.0, 100.0, 100.0, 0.0, basis="x")
    after = replace(AFTER, outcome=proven)
    parts = parts_of(BEFORE, after)
    assert taken(BEFORE, after, parts, ["A"]).outcome is None
    assert taken(BEFORE, after, parts, [one.id for one in parts]).outcome == proven


def test_towers_that_are_only_tuned_are_one_part() -> None:
    turned = [
        replace(site, sectors=(Sector("1", "village-sector-5ghz", 90.0),))
        for key, site in BEFORE.sites.items()
        if key in "AB"
    ]
    (part,) = parts_of(BEFORE, replace(BEFORE, sites=BEFORE.sites.changed(put=turned)))
    assert (part.id, part.kind, {one.id for one in part.changes}) == (TUNED, PartKind.TUNED, {"A", "B"})


def test_a_moved_tower_and_a_setting_are_told_apart() -> None:
    moved = replace(BEFORE.sites["A"], latitude=0.01)
    after = replace(BEFORE, sites=BEFORE.sites.changed(put=[moved]), rules=replace(BEFORE.rules, max_hops=2))
    found = by_id(BEFORE, after)
    assert (found["A"].kind, found[REST].kind) == (PartKind.MOVES, PartKind.REST)
    assert found["A"].moved_m == pytest.approx(1105.7, abs=0.5)  # 0.01 degrees of latitude at the equator, WGS 84


def test_the_same_plan_has_no_parts() -> None:
    assert parts_of(BEFORE, BEFORE) == ()


_KEYS = "GABCDE"


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    masts = {key: draw(st.sampled_from([None, 6.0, 12.0])) for key in _KEYS} | {"G": 12.0}
    up = [key for key, mast in masts.items() if mast]
    pairs = draw(st.sets(st.sampled_from([a + b for a in _KEYS for b in _KEYS if a < b]), max_size=8))
    links = " ".join(sorted(pair for pair in pairs if set(pair) <= set(up)))
    homes = {f"h{n}": draw(st.sampled_from([None, *up])) for n in range(6)}
    return plan([site(key, mast) for key, mast in masts.items()], links, homes)


@given(plans(), plans(), st.sets(st.sampled_from(_KEYS)))
def test_any_part_of_any_proposal_is_a_valid_plan(before: Plan, after: Plan, wanted: set[str]) -> None:
    """Told by looking at every row: nothing hangs on what does not stand, and who is no part of it is as before."""
    parts = parts_of(before, after)
    there = {one.id for one in parts}
    chosen = wanted & there
    found = taken(before, after, parts, chosen)
    mine = with_needed(parts, chosen)
    up = {key for key, one in found.sites.items() if one.mast_height_m is not None}
    assert all({link.from_site, link.to_site} <= up for link in found.links.values())
    assert all(one.server is None or one.server in up for one in found.households.values())
    for key, one in found.sites.items():
        assert one == (after if key in mine else before).sites[key]
    assert taken(before, after, parts, there) == after


def test_a_link_from_a_tower_to_itself_that_goes_needs_no_heir() -> None:
    links = Items([*BEFORE.links.values(), Link("LBB", "B", "B")])
    assert by_id(replace(BEFORE, links=links))["B"].kind is PartKind.GOES
