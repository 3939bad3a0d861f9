"""The program with its window: made, shown, and ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from cn_planner.faults import watch_for_crashes
from cn_planner.gui import icons, theme, words
from cn_planner.gui.collector import Collector
from cn_planner.gui.settings import Settings, chosen_language
from cn_planner.gui.state import AppState
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.window import MainWindow
from cn_planner.i18n import use_catalogues
from cn_planner.jobs import close_pools, failure_of, one_heap
from cn_planner.paths import resources
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType


_SWITCH_S = 0.0002
"""So long a thread keeps the others waiting while it runs Python. The usual 5 ms, once for each thread that computes
and each call into Qt that let the others in, kept the window from painting for 100 ms."""


_FRAME_PX = 48
"""So high a title above a window may be."""


def application() -> QApplication:
    """Return the application, made where there is none."""
    one_heap()
    sys.setswitchinterval(_SWITCH_S)
    use_catalogues(resources() / "translations")
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication([sys.argv[0]])
    app.setApplicationName("CN Planner")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("cn-planner")
    app.setWindowIcon(icons.app_icon())
    return app


def make_window(settings: Settings) -> MainWindow:
    """Return the window in the user's look and language; not shown yet."""
    theme.apply_look(settings.get("look"), float(settings.get("text_percent")))
    words.set_language(chosen_language(settings))
    return MainWindow(AppState(), settings)


def show_whole(window: QWidget) -> None:
    """Show a window, over the whole screen where it is larger than that: its foot would lie below the edge."""
    room = window.screen().availableSize()
    if window.width() > room.width() or window.height() + _FRAME_PX > room.height():
        window.showMaximized()
    else:
        window.show()


def _said_by(window: MainWindow) -> Callable[..., None]:
    """Return a hook that says in the window what nobody foresaw, with a report to copy; the window goes on."""

    def hook(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(problem, Exception):
            sys.__excepthook__(kind, problem, trace)
            return
        failure = failure_of(problem)
        error = failure.error
        window.say(Notice(Level.ERROR, error.what, error.where, error.fix, failure.report))
        sys.__excepthook__(kind, problem, trace)

    return hook


def run_window(path: Path | None = None) -> int:
    """Open the window, with a plan where one is given, and return when it is closed.

    Returns
    -------
    int
        Exit status.
    """
    watch_for_crashes()
    app = application()
    window = make_window(Settings())
    show_whole(window)
    collector = Collector(window.state)
    window.state.follow = True
    sys.excepthook = _said_by(window)
    if path is not None:
        window.state.open(path)
    # After the plan: what computes may have to be compiled first, once a version of the program.
    window.state.request_engine()
    status = app.exec()
    sys.excepthook = sys.__excepthook__
    collector.end()
    window.shutdown()
    close_pools()
    return status
