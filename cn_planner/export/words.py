"""What the system says where a file cannot be written, in words for people."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cn_planner.errors import FileError
from cn_planner.message import Message, msg
from cn_planner.paths import part_of

if TYPE_CHECKING:
    from collections.abc import Iterator
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
