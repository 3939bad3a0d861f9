"""Helpers: processes of the program's own beside it, started alike with a Python and from a bundle that has none.

In a bundle `sys.executable` is the program itself, which would take Python's options for its own words. So a helper is
named by a first word that nobody else says, and `__main__` looks for that word before it does anything else.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGN = "--cn-planner-helper"
_LIBRARIES = "LD_LIBRARY_PATH"


def bundled() -> bool:
    """Return whether this is the bundle that carries its own Python (PyInstaller sets both names)."""
    return bool(getattr(sys, "frozen", False)) and hasattr(sys, "_MEIPASS")


def bundle_folder() -> Path:
    """Return the folder of what a bundle carries; `bundled` must hold."""
    return Path(str(sys._MEIPASS))  # type: ignore[attr-defined]  # noqa: SLF001 - the documented name


def helper_words(module: str, function: str, *words: str) -> list[str]:
    """Return the words that start a process which calls a function of a module of ours.

    The function takes the words as they are, each a text, and returns the exit status or None.
    """
    if bundled():
        program = Path(sys.executable)
        if sys.platform == "win32":  # the program with a window has no standard streams there; its sister has
            program = program.with_name("cn-planner.exe")
        return [str(program), _SIGN, module, function, *words]
    code = f"import sys; from {module} import {function} as f; sys.exit(f(*sys.argv[1:]))"
    # -P: what lies in the folder that the program was started from is none of its modules.
    return [sys.executable, "-P", "-c", code, *words]


def as_helper(words: Sequence[str]) -> int | None:
    """Do what a helper was started for and return its exit status; None where the words are not those of a helper."""
    if len(words) < 3 or words[0] != _SIGN or not words[1].startswith("cn_planner."):
        return None
    _, module, function, *rest = words
    return getattr(importlib.import_module(module), function)(*rest) or 0


def give_back_libraries() -> None:
    """Let programs of the system, such as the one that opens a folder, find the system's own libraries.

    A bundle's starter puts its folder before theirs; this process has read that already, and helpers get it anew.
    """
    if bundled():
        before = os.environ.pop(f"{_LIBRARIES}_ORIG", None)
        if before is None:
            os.environ.pop(_LIBRARIES, None)
        else:
            os.environ[_LIBRARIES] = before
