"""The pictures of measuring.md: a sheet of the sample valley as it is typed, and what measured levels teach.

Usage: measuring_pictures.py [--to docs/images] [--work FOLDER]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from cn_planner.gui import theme
from cn_planner.gui.app import application
from cn_planner.gui.dialogs.measured import MeasuredDialog
from cn_planner.gui.dialogs.survey import SurveyDialog
from cn_planner.gui.state import AppState
from cn_planner.jobs import close_pools
from cn_planner.model import edits
from cn_planner.model.plan import Measurement
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample

PATIENCE_MS = 300_000
STEP_MS = 100
LEVELS = (-61, -74, -66, -80, -71, -69, -77, -83)


def planned(folder: Path) -> Path:
    """Return the sample with its network."""
    open_sample(folder).close()
    path = next(folder.glob("*.cnplan.gpkg"))
    with Project.open(path) as project:
        if not project.plan.links:
            project.make_plan()
    return path


def typed(dialog: SurveyDialog, *lines: str) -> None:
    """Type lines, each with Enter."""
    for text in lines:
        QTest.keyClicks(dialog.focusWidget(), text)
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)


def sheet(window: QWidget, state: AppState, to: Path) -> None:
    """Type the sheet of the tower with most links, and keep its picture."""
    plan, project = state.plan, state.project
    if project is None:
        return
    links = {}
    for key, link in plan.standing_links.items():
        ends = [plan.sites[one] for one in (link.from_site, link.to_site)]
        a, b = (PathEnd(one.latitude, one.longitude, None, "site", one.id) for one in ends)
        links[key] = path_view(project.snapshot().study, a, b, link=link).budget
    dialog = SurveyDialog(window, state, "metric", lambda: links, lambda: None)
    dialog.show()
    counts = Counter(end for link in plan.standing_links.values() for end in (link.from_site, link.to_site))
    dialog.show_sheet(counts.most_common(1)[0][0])
    here = plan.sites[counts.most_common(1)[0][0]]
    QTest.qWait(STEP_MS)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_1)
    typed(dialog, "A. Vega", "", f"{here.latitude + 0.0002:.5f}, {here.longitude:.5f}", "")
    for number in range(len(dialog.seen)):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_2 if number == 1 else Qt.Key.Key_1)
        typed(dialog, "eucalyptus, 13 m, 1.1 km" if number == 1 else "")
    typed(dialog, "", "", "Parish council", "yes, in writing", "", "track, no car after rain", "", "-57")
    QTest.qWait(STEP_MS)
    dialog.scrolled.verticalScrollBar().setValue(0)
    QTest.qWait(STEP_MS)
    dialog.grab().save(str(to / "what-seen.png"))
    dialog.close()


def learned(window: QWidget, state: AppState, to: Path) -> None:
    """Let made-up levels teach, and keep the picture."""
    rows = [
        Measurement(f"m{n}", one.latitude, one.longitude, 5560.0, float(LEVELS[n % 8]), "G01", 5.0, "2026-11-03")
        for n, one in enumerate(list(state.plan.households.values())[:24])
    ]
    state.make(lambda plan: edits.put(plan, rows))
    dialog = MeasuredDialog(window, state, lambda *_: None, lambda _: None, lambda _: None)
    dialog.show()
    for _ in range(PATIENCE_MS // STEP_MS):
        QTest.qWait(STEP_MS)
        if dialog.found is not None or dialog.fault:
            break
    QTest.qWait(STEP_MS)
    dialog.grab().save(str(to / "what-measured.png"))
    dialog.close()


def main() -> None:
    """Make both."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--to", type=Path, default=Path(__file__).parent / "images")
    words.add_argument("--work", type=Path)
    given = words.parse_args()
    application()
    theme.apply_look("light", 100.0)
    with tempfile.TemporaryDirectory() as spare:
        state = AppState()
        state.follow = False
        state.take(Project.open(planned(given.work or Path(spare))))
        window = QWidget()
        window.resize(1440, 900)
        window.show()
        sheet(window, state, given.to)
        learned(window, state, given.to)
        state.shutdown()
    close_pools()


if __name__ == "__main__":
    main()
