"""The planner's network for the sample valley, made once."""

from __future__ import annotations

import pytest

from cn_planner.planning.design import design
from cn_planner.planning.found import Design
from cn_planner.storage.catalogue import load_catalogue


@pytest.fixture(scope="session")
def designed(sample_ground) -> Design:
    """What the planner makes of the sample valley where nothing else is asked."""
    return design(*sample_ground, load_catalogue())
