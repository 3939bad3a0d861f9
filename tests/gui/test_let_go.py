"""What a person has closed is let go: a dialog that is opened again and again leaves no widget behind."""

from __future__ import annotations

import gc
import platform
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from cn_planner.gui.panels.fields import TextField
from cn_planner.gui.window import MainWindow

DIALOGS = ("plan_settings", "power", "data", "catalogue", "compare", "addresses", "costs", "settings", "shortcuts",
           "share", "give_channels", "find", "about", "tradeoff", "manual", "measured", "new",
           "band", "look_round")  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_left_behind(nothing_left_by_module):
    """The window is that of the module, and so are its threads."""


@pytest.fixture(scope="module")
def window(window_of, sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> MainWindow:
    folder = shutil.copytree(sample_folder, tmp_path_factory.mktemp("let go") / "valley")
    made = window_of(next(folder.glob("*.cnplan.gpkg")))
    made.state.follow = True
    while made.regions.panel.make_next():  # lists that drop down are windows of their own: none comes while they count
        pass
    return made


def widgets(window: MainWindow | None = None) -> Counter[str]:
    """Return how many widgets of each kind there are outside of a window, once all that may go has gone."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    return Counter(type(one).__name__ for one in QApplication.allWidgets() if one.window() is not window)


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_that_was_closed_leaves_nothing_behind(window: MainWindow, qtbot, name: str) -> None:
    def look() -> None:
        window.do(name)
        assert any(one.isVisible() for one in QApplication.topLevelWidgets() if one is not window)
        QApplication.processEvents()
        window.do.close()
        qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)

    look()  # what is made once may stay
    seen = [widgets(window)]
    for _ in range(2):
        for _ in range(2):
            look()
        seen.append(widgets(window))
    # What hangs on a window comes and goes with what that shows; what grows both times is left behind by the dialog.
    assert (seen[1] - seen[0]) & (seen[2] - seen[1]) == Counter()


def test_a_field_that_nobody_put_anywhere_goes() -> None:
    before = widgets()[TextField.__name__]
    for _ in range(5):
        TextField("A field")
    assert widgets()[TextField.__name__] == before


_HEAPS = """
import ctypes, sys, tempfile, threading
from cn_planner.gui.app import application

application()
held = []
thread = threading.Thread(target=lambda: held.extend(bytes(100_000) for _ in range(20)))
thread.start()
thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
with tempfile.NamedTemporaryFile() as file:
    stream = libc.fopen(file.name.encode(), b"w")
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(file.read().count(b"<heap "))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other systems have other heaps")
def test_all_threads_of_the_window_share_one_heap() -> None:
    """Two heaps keep the holes of both: 64 MB more at the end of a day."""
    done = subprocess.run([sys.executable, "-c", _HEAPS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_languages_that_were_spoken_do_not_stay() -> None:
    from babel import Locale, localedata

    from cn_planner import i18n

    for language in ("ar", "hi", "sw"):
        assert Locale.parse(language).number_symbols
    assert {"ar", "hi", "sw"} <= localedata._cache.keys()
    i18n.let_languages_go()
    assert localedata._cache.keys() == {"root"}
    assert i18n.decimal_sign("es") == ","
    assert Locale.parse("ar").territories["ES"]
