"""A list that is read again says how much of it is new, and one that is dropped what is odd about it."""

from __future__ import annotations

from pathlib import Path

from cn_planner.gui.intake import Intake
from cn_planner.gui.values import Level
from cn_planner.gui.words import tr

HEAD = "id,name,latitude,longitude\n"


def rows(first: int, last: int, north: float = 0.0) -> str:
    return "".join(f"N{n:02d},Home {n},{-8.19 + 0.001 * n + north:.5f},-20.98\n" for n in range(first, last))


def _written(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_list_that_is_read_again_says_what_is_new_what_changed_and_what_is_the_same(state, tmp_path, qtbot, settled):
    said = []
    state.message.connect(lambda notice, *_: said.append(tr(notice.what)))
    intake, path = Intake(state), tmp_path / "homes.csv"

    def read(text: str) -> str:
        said.clear()
        path.write_text(HEAD + text, "utf-8")
        intake.table(path, "households")
        qtbot.waitUntil(lambda: bool(said), timeout=60_000)
        settled(state)
        return said[-1]

    assert read(rows(0, 30)) == "30 homes were read from homes.csv."
    before = len(state.plan.households)
    again = read(rows(0, 30))
    assert again == "30 homes were read from homes.csv. 0 new, 0 changed, 30 the same as in the plan."
    assert len(state.plan.households) == before
    some = read(rows(0, 20) + rows(20, 30, 0.0005) + rows(30, 32))
    assert some == "32 homes were read from homes.csv. 2 new, 10 changed, 20 the same as in the plan."


def test_what_is_odd_about_measurements_that_are_dropped_is_said_as_in_the_dialog(state, tmp_path, qtbot, settled):
    """Nobody is shown a preview of a file that is dropped: it was read without a word on towers that are not there."""
    said = []
    state.message.connect(lambda notice, *_: said.append((notice.level, tr(notice.what))))
    path = tmp_path / "levels.csv"
    lines = ["id,latitude,longitude,freq_mhz,rssi,site,date", "m0,-8.19,-20.98,5500,-70,C01,2026-01-02"]
    Intake(state).take([_written(path, lines)])
    qtbot.waitUntil(lambda: bool(said), timeout=60_000)
    settled(state)
    assert said == [(Level.INFO, "1 measurement was read from levels.csv.")]
    said.clear()
    lines += ["m1,-8.191,-20.98,5500,-71,nowhere,2026-01-02", "m2,-8.192,-20.98,5500,-72,C01,2999-01-02"]
    Intake(state).take([_written(path, lines)])
    qtbot.waitUntil(lambda: bool(said), timeout=60_000)
    settled(state)
    ((level, words),) = said
    assert level is Level.WARNING
    assert "1 row was kept (row 3): the plan has no place called nowhere" in words
    assert "1 row was kept (row 4): the day is yet to come; today is 20" in words
