"""Fixtures for every test: where the shared data is, and user folders that are the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; the test is skipped where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("shared/data is not beside the project")
    return SHARED
