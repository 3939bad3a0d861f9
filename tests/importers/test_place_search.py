"""A place is found by its name, misspelt or without accents, by its id, or by coordinates in any common way."""

from __future__ import annotations

import pytest

from cn_planner.errors import InputError
from cn_planner.importers.place_search import search
from cn_planner.model.edits import put
from cn_planner.model.plan import Household, Plan, Site

PLAN = put(
    Plan(),
    [
        Site("S1", "Església de Gósol", 42.236, 1.661),
        Site("S2", "Serra d'Ensija", 42.199, 1.767),
        Household("H1", "Cal Pau", 42.24, 1.66),
        Household("H2", "", 42.25, 1.67),
    ],
).plan


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("Cal Pau", "household", "H1"),
        ("CAL  PAU ", "household", "H1"),
        ("esglesia de gosol", "site", "S1"),
        ("Esglesia de Gossol", "site", "S1"),
        ("ensija", "site", "S2"),
        ("Serra Ensia", "site", "S2"),
        ("h2", "household", "H2"),
    ],
)
def test_by_name_and_id(text: str, kind: str, key: str) -> None:
    first = search(PLAN, text)[0]
    assert (first.kind, first.id) == (kind, key)


def test_by_the_names_of_the_base_map_after_those_of_the_plan() -> None:
    on_map = [("Encamp", 42.536, 1.583), ("Cal Pau", 42.5, 1.5), ("Ordino", 42.556, 1.533)]
    hit = search(PLAN, "Ordno", on_map)[0]
    assert (hit.kind, hit.name, hit.latitude, hit.longitude) == ("on_map", "Ordino", 42.556, 1.533)
    assert [one.kind for one in search(PLAN, "cal pau", on_map)[:2]] == ["household", "on_map"]


@pytest.mark.parametrize(
    ("name", "typed"), [("L\u2019Église", "l'egl"), ("Sacré-Cœur", "sacre-coeur"), ("ऊँचा टोला", "ऊंचा"), ("Ærø", "aero")]
)
def test_what_a_keyboard_lacks_is_found_as_people_type_it(name: str, typed: str) -> None:
    first = search(PLAN, typed, [(name, 42.5, 1.5), ("Ordino", 42.5, 1.5)])[0]
    assert first.name == name
    assert first.likeness > 98.0


def test_what_is_half_typed_is_found_before_what_is_only_alike() -> None:
    on_map = [(name, 42.5, 1.5) for name in ("Andorra la Vella", "la Cortinada", "La Margineda", "La Massana")]
    assert search(PLAN, "la mass", on_map)[0].name == "La Massana"
    assert search(PLAN, "vella", on_map)[0].name == "Andorra la Vella"
    assert search(PLAN, "La Massana", on_map)[0].likeness == 100.0


def test_by_coordinates_where_the_plan_is() -> None:
    hits = search(PLAN, "1.66, 42.24")
    assert (hits[0].kind, hits[0].latitude, hits[0].longitude) == ("place", 42.24, 1.66)
    assert len(hits) == 2


@pytest.mark.parametrize("text", ["", "zzzzzz", "!!", "95, 200"])
def test_what_is_nowhere_is_said(text: str) -> None:
    with pytest.raises(InputError, match="Nothing is called"):
        search(PLAN, text)
