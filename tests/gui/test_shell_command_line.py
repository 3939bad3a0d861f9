"""`cn-planner [PLAN]` opens the window, says in words why it cannot, and no command loads Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cn_planner.cli.main import split_plan
from cn_planner.cli.window import NoWindowError, check_screen, why_no_window


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    kept.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "cn_planner.cli.main", *words],
        capture_output=True, text=True, env=kept | environment, check=False, timeout=60,
    )  # fmt: skip


def test_a_plan_opens_the_window_and_a_command_stays_a_command(tmp_path: Path) -> None:
    plan = tmp_path / "valley.cnplan.gpkg"
    assert split_plan([str(plan)]) == (plan, [])
    assert split_plan([]) == (None, [])
    assert split_plan(["demo"]) == (None, ["demo"])
    assert split_plan(["--help"]) == (None, ["--help"])
    assert split_plan(["bogus"]) == (None, ["bogus"])
    assert split_plan(["check", str(plan)]) == (None, ["check", str(plan)])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_screen_there_is_a_line_that_says_so() -> None:
    done = run()
    assert done.returncode == 1
    assert "no screen" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_plan_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = run(str(tmp_path / "gone.cnplan.gpkg"), QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 1
    assert "There is no such plan." in done.stderr


def test_a_word_that_is_no_command_is_status_2() -> None:
    assert run("bogus").returncode == 2


def test_what_is_missing_is_named_with_how_to_install_it() -> None:
    no_qt = why_no_window(ModuleNotFoundError("No module named 'PySide6'", name="PySide6"))
    assert "cn-planner[gui]" in str(no_qt)
    no_gl = why_no_window(ImportError("libEGL.so.1: cannot open shared object file: No such file or directory"))
    assert "libegl1" in str(no_gl)
    unknown = why_no_window(ImportError("libnew.so.7: cannot open shared object file"))
    assert "libnew.so.7" in str(unknown)


@pytest.mark.skipif(sys.platform != "linux", reason="libraries of X11")
def test_a_missing_library_of_x11_is_named_before_qt_would_end_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError(name)

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setattr("cn_planner.cli.window.ctypes.CDLL", refuse)
    with pytest.raises(NoWindowError, match="sudo apt install libxcb"):
        check_screen()


def test_no_command_loads_qt() -> None:
    code = (
        "import sys, cn_planner.cli.main as m, typer.testing as t;"
        "r = t.CliRunner().invoke(m.app, ['--help']);"
        "assert r.exit_code == 0;"
        "print([n for n in sys.modules if n.split('.')[0] in {'PySide6', 'shiboken6'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_window_is_loaded_without_reading_the_source_of_its_modules() -> None:
    """PySide reads them all, unless it is told not to: a tenth of a second of each start."""
    code = (
        "import inspect; read = []; plain = inspect.getsource;"
        "inspect.getsource = lambda module: read.append(module) or plain(module);"
        "from cn_planner.gui.app import make_window;"
        "from PySide6.QtWidgets import QTableView;"  # what is loaded when it is asked for still is
        "print(len(read), QTableView.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    read, name = done.stdout.split()
    assert int(read) < 10  # of several hundred: those of PySide's own that come before it can be told
    assert name == "QTableView"
