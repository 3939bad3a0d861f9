"""Who tries another solver is told what its answer is worth, and what is wrong with it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("score", Path(__file__).parents[2] / "benchmarks" / "score.py")
assert _spec is not None
assert _spec.loader is not None
score = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(score)

INSTANCE = {
    "heights_m": [6, 12],
    "sites": [{"id": "g", "role": "gateway", "cost": [100, 200]}],
    "homes": [{"id": "h", "weight": 1}],
    "serve": [[0, 0, 1]],
    "links": [],
    "sector": {"cost": 10, "homes": 5, "max_per_site": 2},
    "max_hops": 2,
    "cover": 1,
}
RIGHT = {
    "status": "optimal", "cost": 210, "served_weight": 1, "lower_bound": 210,
    "sites": [{"id": "g", "height_m": 12, "sectors": 1}], "links": [], "homes": {"h": "g"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "best", "said", "stands"),
    [
        ({}, (210.0, 210.0), "0.00%", True),
        ({"lower_bound": 0}, (210.0, 189.0), "10.00%", True),
        ({}, (220.0, 105.0), "0.00%, better than the best known", True),
        ({"lower_bound": 211}, None, "its bound 211 is above what a plan costs", False),
        ({}, (200.0, 190.0), "its bound 210 is above what a plan costs", False),
        ({"cost": 110}, None, "what it says of itself is not what it is", False),
        ({"sites": [{"id": "g", "height_m": 6, "sectors": 1}]}, None, "h is not seen from g", False),
        (
            {"sites": [{"id": "x", "height_m": 6, "sectors": 1}]},
            None,
            "not in the form of an answer: KeyError 'x'",
            False,
        ),
        ({"homes": []}, None, "not in the form of an answer", False),
    ],
)
def test_an_answer_is_checked_before_it_is_scored(change, best, said, stands):
    _, gap, fine = score.score(INSTANCE, {**RIGHT, **change}, best, score._checker().faults)
    assert gap.startswith(said)
    assert fine == stands
