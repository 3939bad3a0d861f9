"""What a person types after `set`: read, checked, refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from cn_planner.errors import InputError
from cn_planner.model.edits import put
from cn_planner.model.plan import PowerSource, Site, SiteRole
from cn_planner.model.purpose import Purpose
from cn_planner.session.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.new(tmp_path / "p.cnplan.gpkg", name="P", country="UG")
    made.apply(put(made.plan, [Site("G.1", "Post office", 2.8, 32.3, role=SiteRole.GATEWAY)]))
    yield made
    made.close()


def test_fractions_and_percentages_are_numbers(project: Project) -> None:
    project.change_settings({"k_factor": "4/3", "rules.cover": "95%"})
    assert project.plan.area.k_factor == pytest.approx(4 / 3)
    assert project.plan.rules.cover == pytest.approx(0.95)


def test_fields_of_a_row_are_set_by_its_id_even_with_a_point_in_it(project: Project) -> None:
    project.change_settings(
        {"sites.G.1.power": "grid", "sites.G.1.uplink.mbps": "50", "sites.G.1.uplink.monthly_cost": "120"}
    )
    site = project.plan.sites["G.1"]
    assert site.power is PowerSource.GRID
    assert site.uplink is not None
    assert (site.uplink.mbps, site.uplink.monthly_cost) == (50.0, 120.0)
    project.undo()
    assert project.plan.sites["G.1"].uplink is None


def test_the_model_of_links_is_chosen_by_its_name_and_kept_in_the_file(project: Project) -> None:
    project.change_settings({"link_model": "itm"})
    with pytest.raises(InputError, match=r"one of p526, p1812, itm, free-space"):
        project.change_settings({"link_model": "okumura"})
    path = project.path
    project.close()
    with Project.open(path) as again:
        assert again.plan.rules.link_model == "itm"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("country", "Spain"),
        ("country", "ZZ"),
        ("currency", "eur"),
        ("currency", "ZZZ"),
        ("language", "qq"),
        ("info.name", ""),
        ("kits.access", "nokit"),
        ("exchange_rate", "16.250"),
        ("sites.G.1.build_cost", "12.000"),
        ("area.box", "5,5,1,1"),
        ("mast_heights_m", "0"),
        ("mast_heights_m", "6,-3"),
        ("mast_heights_m", "500"),
        ("cover", "95"),
        ("k_factor", "4/0"),
        ("sites.G.1.power", "wind"),
        ("sites.G.1.colour", "red"),
        ("sites.X9.power", "grid"),
        ("households.H1.weight", "2"),
    ],
)
def test_what_is_not_allowed_is_refused_and_nothing_changes(project: Project, key: str, text: str) -> None:
    before = project.plan
    with pytest.raises(InputError):
        project.change_settings({key: text})
    assert project.plan is before


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("purpose.start", "January", "not a day"),
        ("purpose.licence_date", "2027-13-01", "not a day"),
        ("purpose.women", "-3", "between 0"),
        ("purpose.keepers", "two", "a whole number"),
        ("purpose.no_climb_months", "7,13", "between 1 and 12"),
        ("purpose.repair_days", "9999", "between 0 and 365"),
        ("purpose.bodies", "x", "no setting"),
    ],
)
def test_what_cannot_be_an_answer_for_the_papers_is_refused_in_words(
    project: Project, key: str, text: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        project.change_settings({key: text})
    assert project.plan.purpose == Purpose()


def test_answers_for_the_papers_are_kept_in_the_file_and_undone(project: Project) -> None:
    project.change_settings({"purpose.body": "The valley’s women", "purpose.women": "310", "no_climb_months": "8,7"})
    path = project.path
    project.close()
    with Project.open(path) as again:
        assert again.plan.purpose == Purpose(body="The valley’s women", women=310, no_climb_months=(7.0, 8.0))
        again.undo()
        assert again.plan.purpose == Purpose()
        again.redo()
        again.change_settings({"purpose.women": ""})
        assert again.plan.purpose.women is None
