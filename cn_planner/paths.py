"""Where the program's own files are: resources that ship with it, and the user's folders."""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

from cn_planner.errors import FileError
from cn_planner.message import msg

_APP = "cn-planner"
_DEVICE = re.compile("con|prn|aux|nul|(com|lpt)[0-9¹²³]", re.IGNORECASE)


def is_device(name: str) -> bool:
    """Return whether Windows opens a device and no file under a name, whatever follows its first point.

    Source: Microsoft, "Naming Files, Paths, and Namespaces".
    """
    return _DEVICE.fullmatch(name.partition(".")[0].rstrip(" ")) is not None


def part_of(path: Path, suffix: str = "part") -> Path:
    """Return where this process writes a file before it takes its place, in the same folder.

    Raises
    ------
    FileError
        Where the path has no name: the folder where one is, or the root.
    """
    if not path.name:
        raise FileError(
            msg("This is a folder, not a file."), where=str(path), fix=msg("Give the name of a file within it.")
        )
    return path.with_name(f".{path.name}.{os.getpid()}.{suffix}")


def resources() -> Path:
    """Return the folder of the shipped resources, in an installed wheel and in a checkout alike."""
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"


def manual() -> Path:
    """Return the folder of the manual's pages, in an installed program and in a checkout alike."""
    installed = resources() / "manual"
    return installed if installed.is_dir() else resources().parent / "docs" / "manual"


def cache() -> Path:
    """Return the user's cache folder for this program; it may be emptied at any time."""
    return Path(platformdirs.user_cache_dir(_APP, appauthor=False))


def config() -> Path:
    """Return the user's folder for settings."""
    return Path(platformdirs.user_config_dir(_APP, appauthor=False))
