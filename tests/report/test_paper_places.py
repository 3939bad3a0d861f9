"""Schools and health centres count once each, as homes or as public places."""

from __future__ import annotations

from dataclasses import replace

from deployment_example import example_deployment

from cn_planner.model.plan import PlaceKind
from cn_planner.report.paper_places import schools_and_clinics
from cn_planner.report.public_places import PlaceRecord


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
