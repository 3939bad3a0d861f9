"""Base maps in tiles, pictures or lines and areas, in one file: MBTiles (SQLite) and PMTiles.

MBTiles specification 1.3; PMTiles specification 3. A tile is bytes that a decoder with limits opens; what is packed in
the file itself is looked at only where it is as small as the specification has it.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
import sqlite3
import zlib
from typing import TYPE_CHECKING

from cn_planner.errors import FileError
from cn_planner.faults import walled
from cn_planner.gis.kinds import refuse, sniff
from cn_planner.gis.vector_tile import unpacked
from cn_planner.gis.worker import PYTHON, Limits, sandboxed
from cn_planner.message import msg

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

MOST_TILE_BYTES = 4 << 20
_MOST_ROOT_BYTES, _MOST_LEAF_BYTES, _MOST_METADATA_BYTES = 16_384, 1 << 18, 1 << 20
_MOST_DIRECTORY_BYTES = 4 << 20
"""Of a directory once it is unpacked: the specification has some 20,000 entries in one."""
_DEEPEST = 24
_MOST_STEPS, _STEPS = 2_000, 10_000
"""What a question to an MBTiles file may take: so many times so many steps of SQLite's machine, a second or two."""
_DAMAGE = (sqlite3.Error, zlib.error, ValueError, LookupError, EOFError, OSError, OverflowError, RecursionError)
_LIMITS = Limits(10.0, 256.0)
_MARKUP = re.compile(r"<[^<>]*>")


class TileFile:
    """A file of tiles that is open, in a process of its own; close it after use.

    Attributes
    ----------
    least_zoom, most_zoom : int
        Of its tiles.
    attribution : str
        Whose map it is, as the file says.
    vector : bool
        Whether its tiles hold lines and areas, packed as `vector_tile.unpacked` takes them; else pictures.
    """

    @walled
    def __init__(self, path: Path) -> None:
        kind = sniff(path)
        self.least_zoom, self.most_zoom, self.attribution, self.vector = 0, 0, "", False
        self._database: sqlite3.Connection | None = None
        self._reader: Any = None
        try:
            if kind == "sqlite":
                self._open_mbtiles(path)
            elif kind == "pmtiles":
                self._open_pmtiles(path)
            else:
                raise refuse(path, kind, msg("a base map of tiles (MBTiles, PMTiles)"))
        except (*_DAMAGE, TypeError, AttributeError) as problem:
            self.close()
            if isinstance(problem, FileError):
                raise
            raise FileError(
                msg("The base map is damaged or cut short."), where=str(path), fix=msg("Copy or make it again.")
            ) from problem
        if not 0 <= self.least_zoom <= self.most_zoom <= _DEEPEST:
            self.close()
            raise FileError(msg("The base map holds no tiles."), where=str(path))

    def _open_mbtiles(self, path: Path) -> None:
        self._database = _tables_only(path)
        said = dict(self._database.execute("SELECT name, value FROM metadata LIMIT 200"))
        low, high = self._database.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
        self.least_zoom, self.most_zoom = int(low), int(high)
        self.attribution = _plain(said.get("attribution", ""))
        self.vector = said.get("format", "png") == "pbf"

    def _open_pmtiles(self, path: Path) -> None:
        from pmtiles import reader
        from pmtiles.tile import Compression, SpecVersionUnsupported, TileType

        library: Any = reader
        with path.open("rb") as stream:
            source = library.MmapSource(stream)
        try:
            head = library.Reader(source).header()
        except SpecVersionUnsupported as problem:  # of Exception alone
            raise ValueError(path) from problem

        def limited(offset: int, length: int) -> bytes:
            is_tile = offset >= head["tile_data_offset"]
            if length > (MOST_TILE_BYTES if is_tile else _MOST_LEAF_BYTES):
                raise ValueError(path)
            data = bytes(source(offset, length))
            if not is_tile:  # a directory is unpacked by the library, as far as it goes: no further than this
                unpacked(data, _MOST_DIRECTORY_BYTES)
            return data

        self._reader = library.Reader(limited)
        if head["tile_data_offset"] + head["tile_data_length"] > path.stat().st_size:
            raise EOFError(path)
        if head["root_length"] > _MOST_ROOT_BYTES or head["metadata_length"] > _MOST_METADATA_BYTES:
            raise ValueError(path)
        said = json.loads(unpacked(source(head["metadata_offset"], head["metadata_length"])))
        self.vector = head["tile_type"] is TileType.MVT
        if head["tile_type"] is TileType.UNKNOWN or (
            self.vector and head["tile_compression"] not in {Compression.NONE, Compression.GZIP}
        ):
            raise FileError(
                msg("The tiles of this base map are packed in a way that this program does not read."),
                where=str(path),
                fix=msg("Choose one whose tiles are pictures, or lines and areas packed with gzip."),
            )
        self.least_zoom, self.most_zoom = int(head["min_zoom"]), int(head["max_zoom"])
        self.attribution = _plain(said.get("attribution", ""))

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """Return a tile as it is packed, None where there is none; rows count from the north."""
        with contextlib.suppress(*_DAMAGE):
            if self._database is not None:
                _bound(self._database)
                row = self._database.execute(
                    "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                    (zoom, x, (1 << zoom) - 1 - y),  # the specification counts rows from the south
                ).fetchone()
                data = None if row is None else row[0]
            else:
                data = self._reader.get(zoom, x, y)
            if isinstance(data, bytes) and len(data) <= MOST_TILE_BYTES:
                return data
        return None

    def close(self) -> None:
        """Let the file go."""
        if self._database is not None:
            self._database.close()
        self._database = None
        self._reader = None


def _tables_only(path: Path) -> sqlite3.Connection:
    """Return a connection to an MBTiles file that reads its two tables and nothing else, and never without end.

    Raises FileError where its tiles are a view: what a view does is for its maker to say, and it may never end.
    """
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
    )
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        _bound(database)
        kinds = dict(database.execute("SELECT name, type FROM sqlite_master WHERE name IN ('tiles', 'metadata')"))
        if set(kinds.values()) - {"table"}:
            raise FileError(
                msg("The tiles of this base map are a view of other tables, which is not run, for safety."),
                where=str(path),
                fix=msg("Copy them into a plain MBTiles file, or convert it to PMTiles."),
            )
        database.set_authorizer(_reads_tables)
    except BaseException:
        database.close()
        raise
    return database


def _bound(database: sqlite3.Connection) -> None:
    steps = iter(range(_MOST_STEPS))
    database.set_progress_handler(lambda: next(steps, None) is None, _STEPS)


def _reads_tables(action: int, first: str | None, second: str | None, _base: str | None, inner: str | None) -> int:
    if inner is not None:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and first in ("tiles", "metadata"):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or first) in ("min", "max"):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def is_tile_file(path: Path) -> bool:
    """Return whether a file is one of tiles, whatever its name says."""
    kind = sniff(path)
    return kind == "pmtiles" or (kind == "sqlite" and _names_tiles(path))


@sandboxed(PYTHON, _LIMITS)
def rights_of_tiles(path: Path) -> str:
    """Return whose a map in tiles is; "" where it does not say.

    Raises FileError where it is none that can be shown.
    """
    file = TileFile(path)
    file.close()
    return file.attribution


@sandboxed(PYTHON, _LIMITS)
def _names_tiles(path: Path) -> bool:
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    except (sqlite3.Error, UnicodeDecodeError):
        return False
    return {"tiles", "metadata"} <= names


def _plain(words: object) -> str:
    """Return the words of an attribution, which are markup in many files."""
    return " ".join(html.unescape(_MARKUP.sub(" ", str(words)[:2000])).split())[:200]
