"""What nobody foresaw: a log for the person, a report that may be sent, and one wall behind which readers stand.

The log has all that is known, names of files among it. A report beside it says what broke and where in the program, and
nothing that a person typed or a file held: no message of an exception, only kinds, our own sentences before they are
filled in, and lines of code.

A reader of a stranger's file may raise whatever its libraries raise. Past the wall it is one FileError that names the
file and says what to do; the traceback is in the log.
"""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import functools
import platform
import re
import sys
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
_REPORTS_KEPT = 10
_FRAME = re.compile(r'File "([^"]*)"')


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


def report_to_send(problem: BaseException) -> str:
    """Return what may be told to anybody: versions, kinds of exceptions, our sentences unfilled, and lines of code."""
    lines = [f"CN Planner {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    one: BaseException | None = problem
    seen = set[int]()
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        said = f": {one.what.key}" if isinstance(one, PlannerError) else ""
        lines += ["", f"{type(one).__name__}{said}"]
        for frame in traceback.extract_tb(one.__traceback__):
            lines.append(f"  {_short(frame.filename)}, line {frame.lineno}, {frame.name}")
        one = one.__cause__ or one.__context__
    return "\n".join(lines) + "\n"


def _short(file: str) -> str:
    """Return a source file from its package on: what stands before may name a person."""
    parts = file.replace("\\", "/").split("/")
    for mark in ("site-packages", "_internal", f"python{sys.version_info[0]}.{sys.version_info[1]}"):
        if mark in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(mark) :])
    return "/".join(parts[parts.index("cn_planner") :]) if "cn_planner" in parts else parts[-1]


def write_report(text: str) -> Path | None:
    """Keep a report beside the log and return where; None where it cannot be written. The last few stay."""
    folder = log_path().parent
    path = folder / f"report-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for older in sorted(folder.glob("report-*.txt"))[:-_REPORTS_KEPT]:
            older.unlink(missing_ok=True)
        return path
    return None


def watch_for_crashes() -> None:
    """Have a crash of the whole process written down; where the last one crashed, make a report of that."""
    path = log_path().with_name("crash.log")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text("utf-8", "replace") if path.exists() else ""
        if before.strip():
            told = _FRAME.sub(lambda found: f'File "{_short(found[1])}"', before)
            write_report(f"CN Planner {__version__}, {platform.system()} {platform.machine()}\n\n{told}")
        faulthandler.enable(path.open("w", encoding="utf-8"))


def note(problem: BaseException, doing: str = "") -> Path:
    """Keep a fault in the log, and a report of it beside that; return what is to be sent.

    Where they cannot be written they are not kept. Two logs of a megabyte stay.
    """
    _log(problem, doing)
    return write_report(report_to_send(problem)) or log_path()


def _log(problem: BaseException, doing: str) -> None:
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


_OF_THE_SYSTEM = frozenset({
    errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO,
    errno.ENOTDIR, errno.EISDIR,
})  # fmt: skip


def of_system(problem: BaseException) -> FileError | None:
    """Return in words what the system itself says of a file, and is no mistake of the program's; None where it is."""
    if not isinstance(problem, OSError) or problem.filename is None or problem.errno not in _OF_THE_SYSTEM:
        return None
    return FileError(
        msg("The system cannot use this file: {problem}.", problem=problem.strerror or str(problem)),
        where=str(problem.filename),
    )


@contextlib.contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn what the system says while a file is read into a FileError in words, with what to do."""
    where = str(path)
    try:
        yield
    except FileError:
        raise
    except FileNotFoundError:
        raise FileError(msg("There is no such file."), where=where, fix=msg("Check the name and the folder.")) from None
    except PermissionError:
        raise FileError(
            msg("The file may not be read."), where=where, fix=msg("Ask for permission, or copy the file.")
        ) from None
    except OSError as problem:
        raise FileError(
            msg("The file cannot be read: {problem}.", problem=problem.strerror or str(problem)), where=where
        ) from problem


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
        report = note(problem, f"reading {path}")
        raise FileError(
            msg("The file cannot be read: it is damaged, or not what its name says."),
            where=str(path),
            fix=msg("Make or copy it again. What happened stands in {log}.", log=str(report)),
        ) from problem


def walled(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Put a function or method that reads the file which is its first text or path behind the wall."""

    @functools.wraps(read)
    def behind(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with wall(next((str(one) for one in (*args, *kwargs.values()) if isinstance(one, str | Path)), "")):
            return read(*args, **kwargs)

    return behind
