"""Schools and health centres count once each, as homes or as public places."""

from __future__ import annotations

from dataclasses import replace

from deployment_example import example_deployment
from small_network import small_network

from cn_planner.model import edits
from cn_planner.model.plan import PlaceKind, PublicPlace
from cn_planner.report.paper_places import schools_and_clinics
from cn_planner.report.public_places import PlaceRecord, place_records


def _place(key: str, kind: PlaceKind, server: str | None) -> PlaceRecord:
    return PlaceRecord(key, key, kind, 42.0, 1.8, None, False, None, None, server, "")


def test_homes_and_places_count_together_and_by_tower():
    places = (
        _place("a", PlaceKind.SCHOOL, "coll"), _place("b", PlaceKind.CLINIC, None),
        _place("c", PlaceKind.CLINIC, "serra"),
        _place("d", PlaceKind.MARKET, "serra"),
    )  # fmt: skip
    plan = replace(example_deployment(), places=places)  # one of its homes, on serra, is a school
    assert schools_and_clinics(plan, connected=False) == (2, 2)
    assert schools_and_clinics(plan, connected=True) == (2, 1)
    assert schools_and_clinics(plan, connected=True, towers=("serra",)) == (1, 1)


def test_a_school_behind_what_is_down_is_not_connected() -> None:
    plan = small_network()
    plan = edits.put(plan, [PublicPlace("s", "School", -1.3, 36.6, PlaceKind.SCHOOL, server="B")]).plan
    assert [one.reached for one in place_records(plan, ())] == [True]
    assert [one.reached for one in place_records(plan, list(plan.links))] == [False]
    whole = example_deployment()
    counts = [
        schools_and_clinics(replace(whole, places=(replace(_place("s", PlaceKind.SCHOOL, "serra"), reached=on),)),
                            connected=True).schools
        for on in (True, False)
    ]  # fmt: skip
    assert counts == [2, 1]
