"""A server on this machine, with little patience asked of the client."""

from __future__ import annotations

import pytest
from terrain_server import serving

from cn_planner.area import web


@pytest.fixture
def catalogue(monkeypatch):
    monkeypatch.setattr(web, "FIRST_WAIT_S", 0.001)
    with serving() as made:
        yield made
