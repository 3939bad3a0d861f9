"""Homes are put into the hamlets that people see on the ground, named after the map, and counted by them."""

from __future__ import annotations

import numpy as np
import pytest

from cn_planner.errors import InputError
from cn_planner.geo import destination, geodesics
from cn_planner.importers.choices import Choices
from cn_planner.importers.hamlet_names import group_homes, reached_of_hamlets, said_of_hamlet
from cn_planner.importers.hamlets import LEAST_HOMES, hamlets
from cn_planner.model.edits import change_section
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Plan
from cn_planner.session.base_map import named_places
from cn_planner.session.project import Project


def slow(latitude, longitude, within_m):
    """Walk from home to home, with geodesics: the definition, in a time that grows as the square of their number."""
    left, found = set(range(len(latitude))), []
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            left -= edge
            here = sorted(edge)
            others = np.array(sorted(left), int)
            apart = geodesics(
                latitude[here][:, None], longitude[here][:, None], latitude[others][None], longitude[others][None]
            )[2]
            edge = set(others[(apart <= within_m).any(axis=0)].tolist())
        if len(group) >= LEAST_HOMES:
            found.append(sorted(group))
    return sorted(found, key=lambda one: (-len(one), one[0]))


@pytest.mark.parametrize("middle", [(2.8, 32.3), (-67.0, 179.999), (69.6, -179.999)])
@pytest.mark.parametrize("within_m", [60.0, 150.0])
def test_hamlets_are_those_of_walking_from_home_to_home(middle, within_m):
    draw = np.random.default_rng(3)
    turns, ways = draw.uniform(0.0, 360.0, (2, 400)).tolist()
    places = [destination(*middle, turns[n], 4.0 * ways[n]) for n in range(12)]
    off = draw.exponential(60.0, 400).tolist()
    homes = [destination(*places[n % 12], ways[n], off[n]) for n in range(400)]
    latitude, longitude = np.array(homes).T
    expected = slow(latitude, longitude, within_m)
    assert 2 <= len(expected) <= 60
    assert [one.tolist() for one in hamlets(latitude, longitude, within_m)] == expected


def test_crowds_and_one_place_for_all_take_no_long_time():
    draw = np.random.default_rng(4)
    east = np.where(np.arange(4000) < 2000, 0.0, 0.0011)  # two crowds, 122 m apart at the equator
    latitude, longitude = draw.uniform(0.0, 1e-4, 4000), 32.0 + east + draw.uniform(0.0, 1e-5, 4000)
    assert [len(one) for one in hamlets(latitude, longitude, 130.0)] == [4000]
    assert [len(one) for one in hamlets(latitude, longitude, 100.0)] == [2000, 2000]
    assert [len(one) for one in hamlets(np.zeros(50_000), np.zeros(50_000), 100.0)] == [50_000]


def village(*names: str) -> Plan:
    homes = [
        Household(f"{letter}{n}", "", 42.0 + 0.0005 * n, 1.8 + 0.02 * place, hamlet=names[place] if names else "")
        for place, (letter, count) in enumerate((("a", 5), ("b", 4), ("c", 2)))
        for n in range(count)
    ]
    return Plan(households=Items(homes))


def test_hamlets_are_called_after_the_map_else_they_have_numbers():
    places = [("Vilada", 42.003, 1.801), ("Far away", 42.5, 1.8), ("Vilada", 42.001, 1.82)]
    edit = group_homes(village(), 150.0, places)
    homes = edit.plan.households
    assert {key: home.hamlet for key, home in homes.items() if key.endswith("0")} == {
        "a0": "Vilada", "b0": "Hamlet 1", "c0": "",
    }  # fmt: skip
    assert str(edit.label) == "group homes into 2 hamlets"
    rows = reached_of_hamlets(edit.plan, ["a0", "a1", "b0"])
    assert rows == (("Hamlet 1", 1, 4), ("Vilada", 2, 5), ("", 0, 2))
    assert str(said_of_hamlet(*rows[1])) == "Vilada: 2 of 5 homes reached."
    assert reached_of_hamlets(village(), ["a0"]) == ()
    with pytest.raises(InputError, match="above 0 m"):
        group_homes(village(), 0.0, [])


def test_names_that_people_gave_stay_where_only_the_rest_is_grouped():
    plan = village("Dalt", "", "")
    edit = group_homes(plan, 150.0, [("Dalt", 42.0, 1.82)], anew=False)
    assert [edit.plan.households[key].hamlet for key in ("a0", "b0", "c0")] == ["Dalt", "Hamlet 1", ""]


def test_names_come_from_the_base_map_of_the_plan(tmp_path):
    extract = tmp_path / "map.osm"
    extract.write_text(
        '<osm version="0.6"><node id="1" lat="42.001" lon="1.801"><tag k="place" v="hamlet"/><tag k="name" v="Dalt"/>'
        "</node>"
        '<node id="2" lat="42.0" lon="1.8"><tag k="natural" v="peak"/><tag k="name" v="Pic"/></node></osm>'
    )
    with Project.new(tmp_path / "p", name="P", country="AD") as project:
        assert named_places(project.plan, project.path) == ()
        project.apply(change_section(project.plan, "area", base_map="map.osm"))
        homes = "".join(f"{42.0 + n / 2000},1.8\n" for n in range(4))
        (tmp_path / "homes.csv").write_text("lat,lon\n" + homes)
        found = project.import_file(tmp_path / "homes.csv", "households", {}, Choices(hamlets_m=100.0))
        assert {home.hamlet for home in project.plan.households.values()} == {"Dalt"}
        assert str(found.edit.label) == "import 4 homes from homes.csv"
        assert [str(step.label) for step in project.history.steps][-1] == str(found.edit.label)
