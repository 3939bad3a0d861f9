"""What a newcomer would miss: a real place to learn on, that says whose data it is, and that cannot be spoilt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cn_planner import paths
from cn_planner.model.edits import remove
from cn_planner.model.plan import SiteRole
from cn_planner.session.examples import EXAMPLES, open_example

_LARGEST_BYTES = 400_000


def test_all_that_are_shipped_are_offered() -> None:
    assert {one.name for one in (paths.resources() / "examples").iterdir()} == EXAMPLES.keys()


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_is_small_whole_and_says_whose_it_is(key: str, tmp_path: Path) -> None:
    shipped = paths.resources() / "examples" / key
    assert sum(one.stat().st_size for one in shipped.iterdir()) < _LARGEST_BYTES
    with open_example(key, tmp_path / key) as project:
        plan = project.plan
        assert plan.info.name == EXAMPLES[key]
        assert "licence" in plan.info.data_sources
        assert [site.role for site in plan.sites.values()].count(SiteRole.GATEWAY) == 1
        assert len(plan.sites) >= 4
        assert len(plan.households) >= 20
        assert not plan.links
        surface = project.snapshot().study.surface
        for table in (plan.sites, plan.households):
            heights = surface.heights(
                np.array([one.latitude for one in table.values()]), np.array([one.longitude for one in table.values()])
            )
            assert np.isfinite(heights).all()
            assert (heights > 0.0).all()


@pytest.mark.parametrize("key", EXAMPLES)
def test_to_open_an_example_writes_nothing(key: str, tmp_path: Path) -> None:
    """It is of this program's tables already: tools/examples.py makes it anew where one is added."""
    name = f"{key}.cnplan.gpkg"
    shipped = (paths.resources() / "examples" / key / name).read_bytes()
    with open_example(key, tmp_path / key) as project:
        assert len(project.plan.households) >= 20
    assert (tmp_path / key / name).read_bytes() == shipped
    assert sorted(one.name for one in (tmp_path / key).iterdir()) == [f"{key}-terrain.tif", name]


def test_what_was_changed_in_it_is_there_again_and_what_is_shipped_stays(tmp_path: Path) -> None:
    shipped = paths.resources() / "examples" / "andoain" / "andoain.cnplan.gpkg"
    before = shipped.read_bytes()
    with open_example("andoain", tmp_path / "a") as project:
        gone = next(iter(project.plan.households))
        project.apply(remove(project.plan, "households", [gone]))
    with open_example("andoain", tmp_path / "a") as project:
        assert gone not in project.plan.households
    assert shipped.read_bytes() == before
