"""What a user would miss: a report that can be sent without telling who lives where."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cn_planner import faults
from cn_planner.errors import FileError
from cn_planner.jobs import failure_of
from cn_planner.message import msg

_SECRETS = ("Akello", "2.8190", "secret-key", "maria")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(faults, "log_path", lambda: tmp_path / "log" / "faults.log")
    return tmp_path / "log"


def broken() -> BaseException:
    try:
        try:
            raise FileError(msg("There is no {name} here.", name="Akello"), where="/home/maria/2.8190.csv")
        except FileError as problem:
            raise KeyError("home Akello at 2.8190, key secret-key") from problem
    except KeyError as problem:
        return problem


def test_a_report_says_where_it_broke_and_nothing_of_the_people(folder: Path) -> None:
    path = faults.note(broken(), "importing /home/maria/Akello.csv")
    assert path.parent == folder
    text = path.read_text("utf-8")
    assert "KeyError" in text
    assert "FileError: There is no {name} here." in text
    assert "test_faults.py, line " in text
    assert not [one for one in (*_SECRETS, str(Path.home()), str(Path(__file__).parent)) if one in text]
    assert "Akello" in (folder / "faults.log").read_text("utf-8")  # the person's own log has it all


@pytest.mark.usefixtures("folder")
def test_what_the_window_offers_to_copy_is_that_report() -> None:
    for problem in (broken(), broken().__cause__):
        assert problem is not None
        assert not [one for one in _SECRETS if one in failure_of(problem, doing="Reading Akello").report]


@pytest.mark.usefixtures("folder")
def test_the_last_ten_reports_stay() -> None:
    written = [faults.write_report(str(number)) for number in range(13)]
    assert [path is not None and path.exists() for path in written] == [False] * 3 + [True] * 10


def test_where_nothing_can_be_written_nothing_more_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log").write_text("a file, not a folder", encoding="utf-8")
    monkeypatch.setattr(faults, "log_path", lambda: tmp_path / "log" / "faults.log")
    assert faults.note(broken()) == tmp_path / "log" / "faults.log"


@pytest.mark.skipif(sys.platform != "linux", reason="where the log lies is said by XDG_STATE_HOME on Linux alone")
def test_a_crash_of_the_process_is_a_report_at_the_next_start(tmp_path: Path) -> None:
    code = "from cn_planner.faults import *; import ctypes, sys; watch_for_crashes(); print(log_path().parent)"
    own = os.environ | {"XDG_STATE_HOME": str(tmp_path / "maria")}
    words = [sys.executable, "-c", f"{code}; ctypes.string_at(0)"]
    assert subprocess.run(words, env=own, check=False, capture_output=True).returncode < 0
    said = subprocess.run([sys.executable, "-c", code], env=own, check=True, capture_output=True, text=True)
    [report] = Path(said.stdout.strip()).glob("report-*.txt")
    text = report.read_text("utf-8")
    assert "Fatal Python error" in text
    assert "maria" not in text
    assert str(Path.home()) not in text
