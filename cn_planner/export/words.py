"""What the system says where a file cannot be written, in words for people."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from os.path import realpath
from typing import TYPE_CHECKING

from cn_planner.errors import FileError, InputError
from cn_planner.message import Message, msg
from cn_planner.paths import part_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what the system says into words for people."""
    try:
        yield
    except FileError:
        raise
    except OSError as problem:
        what, fix = explained(problem)
        raise FileError(what, where=str(path), fix=fix) from problem


def check_out(out: Path, read: Iterable[Path | None]) -> None:
    """Raise, before any work is done, where a file could not be written, or would take the place of one that is read.

    Raises
    ------
    InputError
        Where it is made from a file of that name.
    FileError
        Where the folder is not there, or may not be written to, or another folder has the file's name.
    """
    check_apart(out, read)
    with in_words(out):
        if out.is_dir():
            raise IsADirectoryError(str(out))
        probe = part_of(out)
        try:
            probe.touch(exist_ok=False)
        finally:
            probe.unlink(missing_ok=True)


def check_apart(out: Path, read: Iterable[Path | None]) -> None:
    """Raise InputError where a file would be written over one that it is made from: who gave that would lose it."""
    place = realpath(out)  # as links that lead round in a circle have it too
    if any(path is not None and realpath(path) == place for path in read):
        raise InputError(
            msg("It would be written over a file that it is made from."),
            where=str(out),
            fix=msg("Choose another name, or move that file away."),
        )


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, replaced whole or not at all.

    Raises
    ------
    FileError
        Where it cannot be written.
    """
    partial = part_of(path)
    with in_words(path):
        try:
            partial.write_bytes(data)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def explained(problem: OSError) -> tuple[Message, Message]:
    """Return what happened, and what to do."""
    if problem.errno in _FULL:
        return msg("The disk is full."), msg("Make room, or choose another folder.")
    if problem.errno in _FORBIDDEN:
        return (
            msg("The file cannot be written."),
            msg("Close it where it is open in another program, or choose a folder that you may write to."),
        )
    if isinstance(problem, FileNotFoundError):
        return msg("There is no such folder."), msg("Make the folder, or choose another.")
    if isinstance(problem, FileExistsError | NotADirectoryError | IsADirectoryError):
        return msg("Something else of that name is in the way."), msg("Move it away, or choose another folder.")
    return (
        msg("The file cannot be written: {reason}.", reason=problem.strerror or str(problem)),
        msg("Choose another folder."),
    )
