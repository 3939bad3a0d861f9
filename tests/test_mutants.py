"""What `run.py mutants` draws: faults of every kind, the same for a seed, and no excuse that has outlived its line."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
SOURCE = b'''
"""Words are left as they are."""
from typing import TYPE_CHECKING
LIMIT = 3
if TYPE_CHECKING:
    NEVER = 1
@kernel
def price(amount: float = 2.5, *, whole: bool = False) -> float:
    if not amount:
        return 0.0
    if whole:
        told.append(amount)
    found = [one for one in rows[:amount] if one > 1000.0]
    return max(found) * -LIMIT if whole and found else 0.0
@lru_cache
def full(n: int) -> bool:
    total = 0
    for k in range(n):
        total += k
    run.progress(total + 1)
    return all(total) or f"{n + 1}"
'''


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    sys.path.insert(0, str(TOOLS))
    try:
        return importlib.import_module("mutants")
    finally:
        sys.path.remove(str(TOOLS))


def test_each_fault_changes_one_place(mutants: ModuleType) -> None:
    found = mutants.faults_of("room.module", SOURCE)
    assert sorted((one.kind, one.was, one.became) for one in found) == sorted([
        ("constant", "3", "4"),
        ("default changed", "2.5", "3.5"),
        ("default changed", "False", "True"),
        ("guard removed", "not amount", "False"),
        ("not/minus dropped", "not amount", "(amount)"),
        ("return replaced", "0.0", "(0.0) + 1"),
        ("constant", "0.0", "1.0"),
        ("if made always", "whole", "True"),
        ("statement dropped", "told.append(amount)", "pass"),
        ("off by one", "amount", "(amount) + 1"),
        ("comparison", "one > 1000.0", "(one <= 1000.0)"),
        ("comparison", "one > 1000.0", "(one >= 1000.0)"),
        ("filter removed", "one > 1000.0", "True"),
        ("constant", "1000.0", "1100.0"),
        ("min/max any/all", "max", "min"),
        ("arithmetic", "max(found) * -LIMIT", "((max(found)) / (-LIMIT))"),
        (
            "return replaced",
            "max(found) * -LIMIT if whole and found else 0.0",
            "(max(found) * -LIMIT if whole and found else 0.0) + 1",
        ),
        (
            "conditional swapped",
            "max(found) * -LIMIT if whole and found else 0.0",
            "(0.0 if whole and found else max(found) * -LIMIT)",
        ),
        ("not/minus dropped", "-LIMIT", "(LIMIT)"),
        ("and/or", "whole and found", "((whole) or (found))"),
        ("constant", "0.0", "1.0"),
        ("constant", "0", "1"),
        ("off by one", "n", "(n) - 1"),
        ("statement dropped", "total += k", "pass"),
        ("min/max any/all", "all", "any"),
        ("and/or", 'all(total) or f"{n + 1}"', "((all(total)) and (f'{n + 1}'))"),
        ("return replaced", 'all(total) or f"{n + 1}"', "not (all(total) or f'{n + 1}')"),
    ])  # fmt: skip
    for one in found:
        changed = one.applied(SOURCE)
        assert len(changed) == len(SOURCE) + len(one.became) - len(one.was)
        assert changed != SOURCE
        compile(changed, "module", "exec")


def test_a_fault_knows_whom_it_touches(mutants: ModuleType) -> None:
    by_change = {(one.was, one.became): one for one in mutants.faults_of("room.module", SOURCE)}
    limit, default, sum_up, inner = (
        by_change[change]
        for change in (("3", "4"), ("False", "True"), ("total += k", "pass"), ("one > 1000.0", "True"))
    )
    assert limit.everywhere
    assert default.everywhere
    assert sum_up.everywhere, "the answer is kept: whoever asks later does not run the line"
    assert not inner.everywhere
    assert limit.kernel, "compiled into the kernels of the module"
    assert inner.kernel
    assert not sum_up.kernel
    assert list(inner.lines) == [13]


def test_a_seed_draws_the_same_faults_again(mutants: ModuleType) -> None:
    first = mutants.drawn("report.bill", 7)
    assert first == mutants.drawn("report.bill", 7)
    other = mutants.drawn("report.bill", 8)
    assert first != other
    assert sorted(map(str, first)) == sorted(map(str, other))


def test_modules_stand_and_what_is_left_out_is_still_there(mutants: ModuleType) -> None:
    settings = mutants.SETTINGS
    every = {
        module: mutants.faults_of(module, (mutants.ROOT / mutants.file_of(module)).read_bytes())
        for module in settings["modules"]
    }
    assert set(settings["strict"]) <= set(every)
    for entry in settings["equivalent"]:
        assert entry["why"]
        assert set(entry) - {"why"} <= {"module", "text", "change", "like"}
        assert any(fault.is_like(entry) for faults in every.values() for fault in faults), entry
