"""Base maps as pictures, tile by tile, in one file: MBTiles (SQLite) and PMTiles.

MBTiles specification 1.3; PMTiles specification 3. A tile is bytes that a decoder with limits opens; what is packed in
the file itself is looked at only where it is as small as the specification has it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from cn_planner.errors import FileError
from cn_planner.gis.kinds import refuse, sniff
from cn_planner.message import msg

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

MOST_TILE_BYTES = 4 << 20
_MOST_ROOT_BYTES, _MOST_METADATA_BYTES = 16_384, 1 << 20
_DEEPEST = 24


class TileFile:
    """A file of tiles that is open; close it after use.

    Attributes
    ----------
    least_zoom, most_zoom : int
        Of its tiles.
    attribution : str
        Whose map it is, as the file says.
    """

    def __init__(self, path: Path) -> None:
        kind = sniff(path)
        self.least_zoom, self.most_zoom, self.attribution = 0, 0, ""
        self._database: sqlite3.Connection | None = None
        self._reader: Any = None
        try:
            if kind == "sqlite":
                self._open_mbtiles(path)
            elif kind == "pmtiles":
                self._open_pmtiles(path)
            else:
                raise refuse(path, kind, msg("a base map of tiles (MBTiles, PMTiles)"))
        except (sqlite3.Error, ValueError, KeyError, TypeError, IndexError, EOFError, OSError) as problem:
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
        self._database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
        )
        self._database.execute("PRAGMA trusted_schema = OFF")
        said = dict(self._database.execute("SELECT name, value FROM metadata LIMIT 200"))
        low, high = self._database.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
        self.least_zoom, self.most_zoom = int(low), int(high)
        self.attribution = str(said.get("attribution", ""))[:200]
        if said.get("format", "png") == "pbf":
            raise _vector(path)

    def _open_pmtiles(self, path: Path) -> None:
        from pmtiles import reader
        from pmtiles.tile import TileType

        library: Any = reader
        with path.open("rb") as stream:
            self._reader = library.Reader(library.MmapSource(stream))
        head = self._reader.header()
        if head["root_length"] > _MOST_ROOT_BYTES or head["metadata_length"] > _MOST_METADATA_BYTES:
            raise ValueError(path)
        said = self._reader.metadata()
        if head["tile_type"] in {TileType.MVT, TileType.UNKNOWN}:
            raise _vector(path)
        self.least_zoom, self.most_zoom = int(head["min_zoom"]), int(head["max_zoom"])
        self.attribution = str(said.get("attribution", ""))[:200]

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """Return a tile's picture as it is packed, None where there is none; rows count from the north."""
        with contextlib.suppress(sqlite3.Error, ValueError, KeyError, IndexError, EOFError):
            if self._database is not None:
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


def is_tile_file(path: Path) -> bool:
    """Return whether a file is one of tiles, whatever its name says."""
    kind = sniff(path)
    if kind != "sqlite":
        return kind == "pmtiles"
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error:
        return False
    return {"tiles", "metadata"} <= names


def _vector(path: Path) -> FileError:
    return FileError(
        msg("This base map holds lines and areas, not pictures."),
        where=str(path),
        fix=msg("Choose one of pictures (raster), or an OpenStreetMap extract, from which the map is drawn."),
    )
