"""What a person types after `set`: read, checked, refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from cn_planner.errors import InputError
from cn_planner.model.edits import put
from cn_planner.model.plan import PowerSource, Site, SiteRole
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
