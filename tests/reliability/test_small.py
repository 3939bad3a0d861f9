"""The scripts of this folder in the small: kills at every act, and a disk that is full at some sizes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

if not hasattr(os, "fork"):
    pytest.skip("a process cannot be forked here", allow_module_level=True)

from . import kills
from .full_disk import ACTS as ACTS_AT_A_FULL_DISK
from .full_disk import at_sizes, small_disk
from .kills import Kills

ROUNDS: dict[Callable[[Path, int, random.Random], Kills], int] = {
    kills.of_edit: 60, kills.of_undo: 40, kills.of_open: 20, kills.of_import: 15, kills.of_export: 12,
    kills.of_migration: 15,
}  # fmt: skip


@pytest.mark.parametrize("act", ROUNDS, ids=lambda act: act.__name__)
def test_nothing_that_was_said_to_be_done_is_lost_or_mixed_when_the_program_is_killed(
    act: Callable[[Path, int, random.Random], Kills], tmp_path: Path
) -> None:
    found = act(tmp_path, ROUNDS[act], random.Random(act.__name__))
    assert (found.kills, found.lost, found.mixed) == (ROUNDS[act], 0, 0)
    assert found.within or act is not kills.of_import  # these begin with what is announced
    # How many kills fall into the midst of an act is a matter of the machine: the script prints it.
    assert not [name for name in found.left if not name.endswith("-journal")]


def test_every_act_is_in_the_script() -> None:
    assert {act for act, _ in kills.ACTS.values()} == set(ROUNDS)
    assert sum(share for _, share in kills.ACTS.values()) == pytest.approx(1.0)


def test_the_kills_see_what_is_lost_and_what_is_mixed(tmp_path: Path) -> None:
    """A plan that is put back to how it was, and one that nobody wrote."""
    path, count = tmp_path / "a.cnplan.gpkg", Kills()
    with kills.PlanFile.create(path, kills.village()) as file:
        before = kills.digest(file.plan)
        found = kills.edits.put(file.plan, [kills.Household("h8", "x", -1.0, 36.0)])
    assert (
        kills._judge([f"will {kills.digest(found.plan)}", f"done {kills.digest(found.plan)}"], before, path, count)
        == before
    )
    assert (count.lost, count.mixed) == (1, 0)
    with kills.PlanFile.open(path) as file:
        file.commit(found)
    kills._judge([], before, path, count)
    assert (count.lost, count.mixed) == (1, 1)


@pytest.mark.parametrize("mounted", [False, True])
def test_where_the_disk_is_full_every_act_is_done_or_refused_in_words_and_then_works(mounted: bool) -> None:
    if mounted:
        with small_disk() as disk:
            if disk is None:
                pytest.skip("a small disk cannot be made here without the rights of root")
    found = at_sizes([0, 8192, 60_000], mounted=mounted)
    assert found.stuck == []
    assert sum(found.refused.values()) > 6
    assert sum((found.done + found.refused).values()) == 3 * len(ACTS_AT_A_FULL_DISK)
