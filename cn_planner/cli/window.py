"""``cn-planner [PLAN]``: the window. Qt is looked for here and loaded nowhere else in the command line."""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import sys
from pathlib import Path

import typer

from cn_planner.cli.console import failing_in_words
from cn_planner.errors import FileError, PlannerError
from cn_planner.helpers import bundle_folder, bundled
from cn_planner.message import msg

_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Shared library to the Debian package that holds it: what PySide6's wheels leave to the system."""
_FOR_X11 = tuple(name for name in _PACKAGES if "xcb" in name or "x11" in name)


class NoWindowError(PlannerError, ImportError):
    """The window cannot be opened on this machine as it is."""

    __str__ = PlannerError.__str__


def why_no_window(problem: ImportError) -> NoWindowError:
    """Return in words why Qt could not be loaded, and what to install."""
    missing = re.search(r"(lib[\w.+-]+\.so[\w.]*)", str(problem))
    if missing is not None:
        return _library(missing[1])
    if isinstance(problem, ModuleNotFoundError) and (problem.name or "").split(".")[0] in {"PySide6", "shiboken6"}:
        return NoWindowError(
            msg("The window needs Qt, which is not installed."),
            fix=msg("Install it: python3 -m pip install 'cn-planner[gui]'. Every command works without it."),
        )
    return NoWindowError(msg("Qt could not be loaded: {why}", why=str(problem)), fix=msg("Install PySide6 again."))


def _library(name: str) -> NoWindowError:
    package = _PACKAGES.get(name)
    fix = msg("Install the system's package that holds it.")
    if package is not None:
        fix = msg("Install it, on Debian or Ubuntu: sudo apt install {package}", package=package)
    return NoWindowError(msg("The window needs the system library {name}, which is missing.", name=name), fix=fix)


def check_screen() -> None:
    """Raise NoWindowError where Qt would end the process because it finds no screen, or not its way to it."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("WAYLAND_DISPLAY"):
        return
    if not os.environ.get("DISPLAY"):
        raise NoWindowError(
            msg("There is no screen to open the window on."),
            fix=msg("Start it from a desktop. `cn-planner --help` lists what works without one."),
        )
    for name in _FOR_X11:
        try:
            ctypes.CDLL(str(carried) if (carried := _carried(name)) is not None else name)
        except OSError:
            raise _library(name) from None


def _carried(name: str) -> Path | None:
    """Return where a bundle carries a library, None where the system has to have it."""
    places = [bundle_folder() / name] if bundled() else []
    return next((place for place in places if place.is_file()), None)


def open_window(plan: Path | None) -> None:
    """Open the window, with a plan where one is given; end the program when it is closed."""
    with failing_in_words():
        if plan is not None and not plan.is_file():
            raise FileError(
                msg("There is no such plan."),
                where=str(plan),
                fix=msg("Check the name, or make one: `cn-planner new PLAN --name NAME --country XX`."),
            )
        check_screen()
        try:
            # By name: the command line does not depend on the window, and commands never load Qt.
            app = importlib.import_module("cn_planner.gui.app")
        except ImportError as problem:
            raise why_no_window(problem) from problem
        raise typer.Exit(app.run_window(plan))
