"""What nobody foresaw: kept in a log that a person may send, and one wall behind which readers of files stand.

A reader of a stranger's file may raise whatever its libraries raise. Past the wall it is one FileError that names the
file and says what to do; the traceback is in the log.
"""

from __future__ import annotations

import contextlib
import functools
import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import platformdirs

from cn_planner.errors import FileError, PlannerError
from cn_planner.message import msg
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_P = ParamSpec("_P")
_T = TypeVar("_T")
_MOST_BYTES, _MOST_SHOWN = 1 << 20, 1 << 16


def log_path() -> Path:
    """Return where the log is; it need not be there."""
    return Path(platformdirs.user_log_dir("cn-planner", appauthor=False)) / "faults.log"


def report_of(problem: BaseException, doing: str = "") -> str:
    """Return what is kept of a fault: versions, what was being done, and where it happened."""
    head = [
        f"CN Planner {__version__}, Python {platform.python_version()}, {platform.platform()}",
        *([f"While: {doing}"] if doing else []),
        "",
    ]
    return "\n".join(head) + "".join(traceback.format_exception(problem))


def note(problem: BaseException, doing: str = "") -> None:
    """Keep a fault in the log; where that cannot be written it is not kept. Two files of a megabyte stay."""
    path = log_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MOST_BYTES:
            path.replace(path.with_suffix(".old.log"))
        with path.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{report_of(problem, doing)}\n")


def log_end() -> str:
    """Return the end of the log, empty where there is none."""
    try:
        with log_path().open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(stream.tell() - _MOST_SHOWN, 0))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


@contextlib.contextmanager
def wall(path: str | Path) -> Iterator[None]:
    """Turn what nobody foresaw while a file is read into one FileError; what was foreseen passes as it is."""
    try:
        yield
    except PlannerError:
        raise
    except MemoryError as problem:
        raise FileError(
            msg("The file is too large for the memory of this computer."),
            where=str(path),
            fix=msg("Give a part of it."),
        ) from problem
    except Exception as problem:
        note(problem, f"reading {path}")
        raise FileError(
            msg("The file cannot be read: it is damaged, or not what its name says."),
            where=str(path),
            fix=msg("Make or copy it again. What happened stands in {log}.", log=str(log_path())),
        ) from problem


def walled(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Put a function or method that reads the file which is its first text or path behind the wall."""

    @functools.wraps(read)
    def behind(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with wall(next((str(one) for one in (*args, *kwargs.values()) if isinstance(one, str | Path)), "")):
            return read(*args, **kwargs)

    return behind
