"""The sample valley, made once: homes and places, no network yet; and a small network in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cn_planner.model import edits
from cn_planner.model.plan import Link
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample


@pytest.fixture
def valley(valley_folder: Path) -> Iterator[Project]:
    """A plan of its own with the homes and places of the valley."""
    with open_sample(valley_folder) as project:
        yield project


@pytest.fixture
def network(valley: Project) -> Project:
    """The valley with a gateway and two towers, set up by hand."""
    plan = valley.plan
    heights = {"G01": 12.0, "C01": 12.0, "C02": 18.0}
    towers = [replace(plan.sites[key], mast_height_m=height) for key, height in heights.items()]
    links = [Link("L1", "G01", "C01"), Link("L2", "C01", "C02")]
    valley.apply(edits.put(plan, [*towers, *links]))
    return valley
