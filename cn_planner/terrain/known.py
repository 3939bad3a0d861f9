"""Files outside a plan's folder that were added on this machine: they alone are opened from there.

A plan that comes from somebody else may name any path: a device, a file of another person, a server that would learn
of being asked (on Windows a path as ``\\\\server\\share`` is enough). So what lies outside the plan's folder is not
even looked for unless its path stands in a list of this user's own, which adding a file writes.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from pathlib import Path

from cn_planner import paths

_NAME = "terrain-files.json"
_MOST = 2000
_here: set[str] = set()
"""What this process has added: enough where the list cannot be written."""


def _folders() -> tuple[Path, ...]:
    """Return where the list is: in the settings; where those cannot be written, in another folder of the user's too."""
    here = paths.config()
    nearest = next((one for one in (here, *here.parents) if one.exists()), here)
    if os.access(nearest, os.W_OK):
        return (here,)
    mine = f"cn-planner-{os.getuid()}" if hasattr(os, "getuid") else "cn-planner"
    return here, Path(tempfile.gettempdir()) / mine


def _is_mine(folder: Path) -> bool:
    """Return whether nobody else may write into a folder for everybody's use."""
    found = folder.lstat()
    return not hasattr(os, "getuid") or (
        stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    )


def _list() -> list[str]:
    known: list[str] = []
    for folder in _folders():
        with contextlib.suppress(OSError, ValueError, RecursionError):
            files = json.loads((folder / _NAME).read_text(encoding="utf-8")) if _is_mine(folder) else []
            known += [one for one in files if isinstance(one, str)] if isinstance(files, list) else []
    return known


def remember(path: Path) -> None:
    """Note that a file was added on this machine; `path` is resolved."""
    text = str(path)
    _here.add(text)
    known = _list()
    if text in known:
        return
    for folder in _folders():
        part = folder / f".{_NAME}.{os.getpid()}.part"
        with contextlib.suppress(OSError):  # where no folder can be written it is known until the program ends
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _is_mine(folder):
                continue
            part.write_text(json.dumps([*known, text][-_MOST:], indent=1), encoding="utf-8")
            part.replace(folder / _NAME)
            return


def stored_path(path: Path, plan_path: Path) -> str:
    """Return how a plan notes a file: by its path from the plan's folder where it lies below that, else by its own."""
    folder = plan_path.resolve().parent
    path = path.resolve()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def file_place(stored: str, folder: Path) -> Path | None:
    """Return where a plan's file may be opened; None where it lies outside the plan's folder and was not added here.

    Parameters
    ----------
    stored : str
        As the plan says it.
    folder : Path
        The plan's, resolved.
    """
    if "\0" in stored:  # no file has such a name; Python says that here or there, by its version
        return None
    # By its text first: to resolve a path is to ask the machine that it names.
    path = Path(os.path.normpath(folder / stored))
    if str(path) in _here or str(path) in _list():
        return path
    if not path.is_relative_to(folder):
        return None
    below = [path, *path.parents[: len(path.relative_to(folder).parts)]]
    try:
        return None if any(one.is_symlink() for one in below if one != folder) else path
    except OSError:  # too long a name
        return None
