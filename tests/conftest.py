"""Fixtures for every test: where the shared data is, and user folders that are the test's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, so that a red run tells of the change in it and not of luck. New ones are looked for
# with --hypothesis-profile=search, and what they find becomes an @example.
settings.register_profile("same", derandomize=True)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("same")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; the test is skipped where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("shared/data is not beside the project")
    return SHARED


@pytest.fixture(autouse=True, scope="session")
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing is written into the settings of the person who runs the tests."""
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))
