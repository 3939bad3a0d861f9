"""What an area pack says of itself, read without any of its terrain."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError
from cn_planner.faults import walled
from cn_planner.gis.kinds import sniff
from cn_planner.gis.worker import RASTERIO, Limits, sandboxed
from cn_planner.message import msg

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
PACK_SUFFIX = ".cnpack.gpkg"
_LIMITS = Limits(5.0, 128.0)


def no_pack(path: Path) -> FileError:
    """Return the error for a file that is no pack."""
    return FileError(
        msg("This is not an area pack, or it is damaged."), where=str(path), fix=msg("Copy or make it again.")
    )


def _opened(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True))


@walled
def is_pack(path: Path) -> bool:
    """Return whether a file is a pack that this program reads, whatever its name says."""
    try:
        return sniff(path) == "sqlite" and "format" in read_facts(path)
    except FileError:
        return False


@walled
def holds_pack(path: Path) -> bool:
    """Return whether a database says that it is a pack, also one that is damaged or of a newer version."""
    return sniff(path) == "sqlite" and _names_pack(path)


@sandboxed(RASTERIO, _LIMITS, keeps=True)
def _names_pack(path: Path) -> bool:
    try:
        with _opened(path) as database:
            return database.execute("SELECT 1 FROM sqlite_master WHERE name = 'cn_pack'").fetchone() is not None
    except (sqlite3.Error, UnicodeDecodeError):
        return False


@sandboxed(RASTERIO, _LIMITS, keeps=True)
def read_facts(path: Path) -> dict[str, Any]:
    """Return what a pack says of itself.

    Raises
    ------
    FileError
        Where it is no pack, damaged, or of a newer version.
    """
    try:
        with _opened(path) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            kind = database.execute("SELECT type FROM sqlite_master WHERE name = 'cn_pack'").fetchone()
            # A pack is of tables alone: a view in the place of one may never end.
            views = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'view'").fetchone()
            if kind != ("table",) or views is not None:
                raise no_pack(path)
            rows = database.execute("SELECT key, value FROM cn_pack LIMIT 100").fetchall()
        facts = {str(key): json.loads(value) for key, value in rows}
        version = int(facts["format"])
    except (sqlite3.Error, ValueError, TypeError, KeyError, RecursionError) as problem:
        raise no_pack(path) from problem
    if version > FORMAT:
        raise FileError(
            msg("This pack is of a newer version of CN Planner."), where=str(path), fix=msg("Update the program.")
        )
    return facts


def tiles_of_heights(path: Path) -> int:
    """Return how many tiles of elevation a pack has; for the process that reads them.

    Raises
    ------
    FileError
        Where it is no pack, or damaged.
    """
    try:
        with _opened(path) as database:
            return int(database.execute("SELECT count(*) FROM elevation").fetchone()[0])
    except sqlite3.Error as problem:
        raise no_pack(path) from problem
