"""A list that is read again says how much of it is new."""

from __future__ import annotations

from cn_planner.gui.intake import Intake
from cn_planner.gui.words import tr

HEAD = "id,name,latitude,longitude\n"


def rows(first: int, last: int, north: float = 0.0) -> str:
    return "".join(f"N{n:02d},Home {n},{-8.19 + 0.001 * n + north:.5f},-20.98\n" for n in range(first, last))


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
