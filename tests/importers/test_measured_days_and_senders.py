"""What a user would miss: readings of a tower that is not there, or of a day that cannot be, taken without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cn_planner.errors import InputError
from cn_planner.importers.choices import Choices
from cn_planner.importers.files import import_file
from cn_planner.model import edits
from cn_planner.model.plan import Plan, Site

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.importers.result import ImportResult

TOWERS = [Site("T1", "Hill", -1.4, 36.5), Site("T2", "Top", -1.3, 36.5)]


def taken(folder: Path, *rows: str, today: str = "2026-12-03", plan: Plan | None = None) -> ImportResult:
    """Import rows of site and date."""
    path = folder / "levels.csv"
    lines = [f"m{n},-1.4{n},36.5,415,-80,{row}" for n, row in enumerate(rows)]
    path.write_text("\n".join(["id,lat,lon,freq,rssi,site,date", *lines]), encoding="utf-8")
    given = edits.put(Plan(), TOWERS).plan if plan is None else plan
    return import_file(given, path, "measurements", choices=Choices(today=today))


@pytest.mark.parametrize(
    "day",
    ["31.02.2026", "2026-02-31", "2026-13-01", "30/2/2026 12:00", "2025-02-29T10:00:00", "0.5.2026", "31-11-2026",
     "2026/9/31", "45.45.2026", "20260231"],
)  # fmt: skip
def test_a_day_that_no_calendar_has_is_refused(tmp_path: Path, day: str) -> None:
    with pytest.raises(InputError) as told:
        taken(tmp_path, "T1,2026-01-02", f"T1,{day}")
    assert "row 3, column date" in str(told.value)
    assert f"{day} is a day that no calendar has" in str(told.value)


@pytest.mark.parametrize(
    "day", ["28.02.2026", "2024-02-29", "2026-02-28 12:00", "5/13/2026", "13/5/2026", "soon", "May 2026", "2026"]
)
def test_a_day_that_may_be_stays_as_it_is_written(tmp_path: Path, day: str) -> None:
    found = taken(tmp_path, f"T1,{day}")
    assert [one.date for one in found.things] == [day]
    assert found.doubts == ()


def test_days_that_are_yet_to_come_are_told_with_their_rows(tmp_path: Path) -> None:
    # By the third of December it may be the fourth where it was measured; 5/12 may be the twelfth of May.
    days = ["2099-01-02", "2026-12-03", "2026-12-04", "2026-12-05", "31.12.2026", "5/12/2026"]
    found = taken(tmp_path, *(f"T1,{one}" for one in days))
    assert len(found.things) == len(days)
    (told,) = (str(one.kept) for one in found.doubts)
    assert told == "3 rows were kept (rows 2, 5, 6): the day is yet to come; today is 2026-12-03."
    assert taken(tmp_path, "T1,2099-01-02", today="").doubts == ()


def test_senders_that_the_plan_does_not_have_are_told_with_their_rows(tmp_path: Path) -> None:
    found = taken(tmp_path, "T1,", "ZZ,", "hill,", ",", "YY,", "ZZ,")
    assert len(found.things) == 6
    told = [str(one.kept) for one in found.doubts]
    assert told[0].startswith("3 rows were kept (rows 3, 6, 7): the plan has no place called ZZ, YY,")
    assert told[1].startswith("1 row was kept (row 5): it is not said which tower was heard")
    assert taken(tmp_path, ",", plan=edits.put(Plan(), TOWERS[:1]).plan).doubts == ()
