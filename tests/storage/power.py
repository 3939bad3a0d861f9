"""A disk that forgets: SQLite's own file system layer, wrapped so that all it writes is noted, and any moment replayed.

The default VFS of the very library that Python's sqlite3 uses is registered anew with four of its methods wrapped. What
a power cut leaves is then worked out from the notes, after the promises of POSIX: what a file held when it was last
synced is there; what was written since may be there whole, in part or not at all; a file that was made or removed is so
for certain once its folder was synced, which SQLite does with the first sync of a new journal, and with a removal only
where it is told to (synchronous = EXTRA).
"""

from __future__ import annotations

import _sqlite3
import ctypes
import math
import os
import random
import sqlite3
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

_JOURNALS = 0x00000800 | 0x00004000 | 0x00080000  # SQLITE_OPEN_MAIN_JOURNAL, SUPER_JOURNAL, WAL
_CREATE = 0x00000004
_CLOSE, _WRITE, _TRUNCATE, _SYNC = 0, 2, 3, 4
_METHODS = 12

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_Close = CFUNCTYPE(c_int, c_void_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _IoMethods(Structure):
    _fields_ = [("version", c_int), ("method", c_void_p * _METHODS)]


class _Vfs(Structure):
    pass


_Vfs._fields_ = [
    ("version", c_int), ("file_bytes", c_int), ("longest_path", c_int), ("next", POINTER(_Vfs)), ("name", c_char_p),
    ("data", c_void_p), ("open", c_void_p), ("delete", c_void_p), ("rest", c_void_p * 10),
]  # fmt: skip


class Note(NamedTuple):
    """Something that was done to a file: make, write, truncate, sync, remove; `synced` where the folder was."""

    act: str
    path: str
    at: int = 0
    data: bytes = b""
    synced: bool = False


def library() -> ctypes.CDLL | None:
    """Return SQLite as Python's sqlite3 has it loaded; None where its functions cannot be reached."""
    for name in (_sqlite3.__file__, "libsqlite3.so.0", None):
        try:
            found = ctypes.CDLL(name)
            found.sqlite3_vfs_find.restype = POINTER(_Vfs)
            found.sqlite3_libversion.restype = c_char_p
        except (OSError, AttributeError):
            continue
        if found.sqlite3_libversion().decode() == sqlite3.sqlite_version:
            return found
    return None


class Recorder:
    """The wrapped file system: `notes` in the order in which things were done."""

    def __init__(self, sqlite: ctypes.CDLL) -> None:
        self.notes: list[Note] = []
        self.fails: set[str] = set()
        """Acts that end with an I/O error while they stand here."""
        self.room = math.inf
        """How many more bytes fit onto the disk."""
        self._paths: dict[int, tuple[str, bool]] = {}
        self._tables: dict[int, _IoMethods] = {}
        self._keep: list[object] = []
        self._sqlite, self._real = sqlite, sqlite.sqlite3_vfs_find(None)
        self._vfs = _Vfs.from_buffer_copy(self._real.contents)
        self._vfs.version, self._vfs.name = 1, b"noted"
        self._vfs.open = self._pointer(_Open(self._open))
        self._vfs.delete = self._pointer(_Delete(self._delete))

    def _pointer(self, function: object) -> int:
        self._keep.append(function)
        return ctypes.cast(function, c_void_p).value or 0

    def __enter__(self) -> Self:
        self._sqlite.sqlite3_vfs_register(byref(self._vfs), 1)
        return self

    def __exit__(self, *_: object) -> None:
        self._sqlite.sqlite3_vfs_unregister(byref(self._vfs))
        self._sqlite.sqlite3_vfs_register(self._real, 1)

    def _open(self, _vfs: int, name: int, file: int, flags: int, out: int) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        there = bool(path) and os.path.exists(path)  # noqa: PTH110 - a name as SQLite has it
        result = _Open(self._real.contents.open)(ctypes.addressof(self._real.contents), name, file, flags, out)
        methods = ctypes.cast(file, POINTER(c_void_p))
        if result == 0 and path and methods[0]:
            if flags & _CREATE and not there:
                self.notes.append(Note("make", path))
            self._paths[file] = path, bool(flags & _JOURNALS) and not there
            methods[0] = ctypes.addressof(self._table(methods[0]))
        return result

    def _table(self, real: int) -> _IoMethods:
        if real not in self._tables:
            table = _IoMethods.from_buffer_copy(ctypes.cast(real, POINTER(_IoMethods)).contents)
            plain = list(table.method)
            table.version = 1

            def close(file: int) -> int:
                self._paths.pop(file, None)
                return _Close(plain[_CLOSE])(file)

            def write(file: int, data: int, count: int, at: int) -> int:
                if "write" in self.fails:
                    return 10 | (3 << 8)  # SQLITE_IOERR_WRITE
                self.room -= count
                if self.room < 0:
                    return 13  # SQLITE_FULL
                self.notes.append(Note("write", self._paths[file][0], at, ctypes.string_at(data, count)))
                return _Write(plain[_WRITE])(file, data, count, at)

            def truncate(file: int, size: int) -> int:
                self.notes.append(Note("truncate", self._paths[file][0], size))
                return _Truncate(plain[_TRUNCATE])(file, size)

            def sync(file: int, flags: int) -> int:
                if "sync" in self.fails:
                    return 10 | (4 << 8)  # SQLITE_IOERR_FSYNC
                path, new_journal = self._paths[file]
                self.notes.append(Note("sync", path, synced=new_journal))
                self._paths[file] = path, False
                return _Sync(plain[_SYNC])(file, flags)

            table.method[_CLOSE] = self._pointer(_Close(close))
            table.method[_WRITE] = self._pointer(_Write(write))
            table.method[_TRUNCATE] = self._pointer(_Truncate(truncate))
            table.method[_SYNC] = self._pointer(_Sync(sync))
            self._tables[real] = table
        return self._tables[real]

    def _delete(self, _vfs: int, name: bytes, sync_folder: int) -> int:
        if "remove" in self.fails:
            return 10 | (10 << 8)  # SQLITE_IOERR_DELETE
        result = _Delete(self._real.contents.delete)(ctypes.addressof(self._real.contents), name, sync_folder)
        if result == 0:
            self.notes.append(Note("remove", name.decode(), synced=bool(sync_folder)))
        return result


@contextmanager
def noted() -> Iterator[Recorder]:
    """Let all that SQLite writes be noted.

    Raises
    ------
    LookupError
        Where the library cannot be reached.
    """
    sqlite = library()
    if sqlite is None or os.name == "nt":
        raise LookupError
    with Recorder(sqlite) as recorder:
        yield recorder


@dataclass
class _File:
    live: bytearray
    sure: bytes
    pending: list[Note] = field(default_factory=list)
    lives: bool = True
    sure_there: bool = True


def _done(data: bytearray, note: Note) -> None:
    if note.act == "truncate":
        del data[note.at :]
        data.extend(bytes(note.at - len(data)))
    else:
        data.extend(bytes(max(0, note.at - len(data))))
        data[note.at : note.at + len(note.data)] = note.data


class Disk:
    """What is on a disk after some notes, and what a power cut leaves of it."""

    def __init__(self, folder: Path) -> None:
        """Begin with a folder all of which was synced."""
        self._files = {str(path): _File(bytearray(path.read_bytes()), path.read_bytes()) for path in folder.iterdir()}

    def take(self, note: Note) -> None:
        """Do what a note says."""
        if note.act == "make":
            old = self._files.get(note.path)
            # A name that was removed and not synced: the old file may still be what a power cut brings back.
            self._files[note.path] = _File(
                bytearray(), old.sure if old else b"", [], True, bool(old and old.sure_there)
            )
            return
        one = self._files[note.path]
        if note.act == "remove":
            one.lives = False
            one.sure_there = one.sure_there and not note.synced
        elif note.act == "sync":
            one.sure, one.pending, one.sure_there = bytes(one.live), [], one.sure_there or note.synced
        else:
            _done(one.live, note)
            one.pending.append(note)
        if note.synced:
            for other in self._files.values():
                other.sure_there = other.lives

    def cut(self, folder: Path, chance: random.Random) -> None:
        """Write into a folder what may be left: at chance none, some or all of what was not synced."""
        kind = chance.choice(("none", "some", "all"))
        for name, one in self._files.items():
            keep = {"none": False, "all": True, "some": chance.random() < 0.5}[kind]
            if not (one.lives if keep else one.sure_there):
                continue
            data = bytearray(one.sure)
            for note in one.pending:
                if kind == "all" or (kind == "some" and chance.random() < 0.5):
                    _done(data, note)
            (folder / Path(name).name).write_bytes(data)
