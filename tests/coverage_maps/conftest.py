"""The exact and slow reference of coverage (`tests/coverage_exact.py`).

The folder is not called coverage: tests/ is on the path, and numba would take it for the coverage package.
"""

from __future__ import annotations

import pytest
from coverage_exact import slow


@pytest.fixture(scope="session")
def reference():
    return slow
