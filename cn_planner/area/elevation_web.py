"""Terrain from the net: Copernicus GLO-30 by windows, SRTM by whole tiles.

GLO-30 lies in a public bucket as cloud-optimised GeoTIFFs of one degree, of which only the blocks round the place are
fetched. SRTM lies in the layout of the terrain tiles of AWS ("skadi"): packed .hgt files of 1 arc-second.
Sources: Copernicus DEM product handbook, v5.0 (grid, names, datum EGM2008); AWS Open Data registry, "Terrain Tiles".
"""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.area.elevation_sources import ADDRESSES, ElevationSource, GeoBox, tiles
from cn_planner.area.web import check_address
from cn_planner.errors import FileError, PlannerError
from cn_planner.gis.cut import cut_elevation
from cn_planner.gis.raster import read_elevation
from cn_planner.message import msg
from cn_planner.progress import CancelToken, part, silent
from cn_planner.terrain.tile import tile_name

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.area.web import Web, WebPart
    from cn_planner.progress import Progress

_LARGEST_HGT_BYTES = 64_000_000
_BLOCK = 1 << 16
_TRIAL_BYTES = 1 << 18
"""By which the time of a download is estimated."""
_GLO30_RIGHTS = (
    "(c) DLR e.V. 2010-2014 and (c) Airbus Defence and Space GmbH 2014-2018 provided under COPERNICUS by the European "
    "Union and ESA; all rights reserved"
)
"""What the licence of the Copernicus DEM asks every user to say."""
_EGM2008 = "EPSG:4326+3855"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from a server.

    Attributes
    ----------
    files : tuple of Path
        Elevation files, from the south-west on.
    none_at : tuple of str
        Tiles that the server does not have: sea, or beyond its data.
    """

    files: tuple[Path, ...]
    none_at: tuple[str, ...]


def fetch_elevation(
    web: Web,
    box: GeoBox,
    source: ElevationSource,
    folder: Path,
    *,
    server: str = "",
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Fetched:
    """Fetch the terrain of a box into a folder; what is there already stays.

    Parameters
    ----------
    web : Web
        The client.
    box : Box
        Where.
    source : ElevationSource
        Which data, and so which layout the server has.
    folder : Path
        Made where it is not there.
    server : str
        In place of the public one of `ADDRESSES`.
    progress, cancel
        As everywhere; what has come whole stays after a cancel.

    Raises
    ------
    InputError
        Where the address is none, or the box is too large.
    FileError
        Where a server cannot be reached, or what it gives is no terrain, or it cannot be written.
    """
    root = (server or ADDRESSES[source]).rstrip("/")
    check_address(root)
    corners = tiles(box)
    folder.mkdir(parents=True, exist_ok=True)
    files, none_at = [], []
    for number, (south, west) in enumerate(corners):
        if cancel is not None:
            cancel.check()
        name = tile_name(south, west)
        watch = part(progress, number / len(corners), (number + 1) / len(corners))
        watch(0.0, msg("Fetching terrain {tile}", tile=name))
        fetch = _glo30 if source is ElevationSource.GLO30 else _srtm
        found = fetch(web, root, box, south, west, folder, watch)
        if found is None:
            none_at.append(name)
        else:
            files.append(found)
    progress(1.0)
    return Fetched(tuple(files), tuple(none_at))


@dataclass(frozen=True, slots=True)
class DownloadCost:
    """What `fetch_elevation` would bring.

    Attributes
    ----------
    sizes : tuple of (str, int or None)
        By tile, from the south-west on: about how many bytes; None where the server has none.
    bytes_per_s : float
        How fast the server hands them out now; 0 where it did not show that.
    """

    sizes: tuple[tuple[str, int | None], ...]
    bytes_per_s: float

    @property
    def size_bytes(self) -> int:
        """Of all that comes."""
        return sum(size or 0 for _, size in self.sizes)

    @property
    def none_at(self) -> tuple[str, ...]:
        """Tiles that the server does not have."""
        return tuple(name for name, size in self.sizes if size is None)

    @property
    def seconds(self) -> float | None:
        """About how long that takes; None where it is not known."""
        return self.size_bytes / self.bytes_per_s if self.bytes_per_s else None


def cost_to_fetch(
    web: Web, box: GeoBox, source: ElevationSource, server: str = "", *, progress: Progress = silent
) -> DownloadCost:
    """Ask the server how much `fetch_elevation` would bring, and take the time of a first piece.

    Raises
    ------
    InputError, FileError, CancelledError
        As `fetch_elevation`.
    """
    root = (server or ADDRESSES[source]).rstrip("/")
    check_address(root)
    sizes: list[tuple[str, int | None]] = []
    first = ""
    corners = tiles(box)
    for number, (south, west) in enumerate(corners):
        name = tile_name(south, west)
        progress(number / len(corners), msg("Asking for {tile}", tile=name))
        path = _glo30_path(south, west) if source is ElevationSource.GLO30 else f"{name[:3]}/{name}.hgt.gz"
        size = web.size(f"{root}/{path}")
        have = box.meets(south, west)
        if size is not None and source is ElevationSource.GLO30:  # of which only the windows come
            size = 0 if have is None else round(size * (have[2] - have[0]) * (have[3] - have[1]))
        sizes.append((name, size))
        first = first or (f"{root}/{path}" if size is not None else "")
    return DownloadCost(tuple(sizes), _bytes_per_s(web, first) if first else 0.0)


def _bytes_per_s(web: Web, address: str) -> float:
    begun = time.monotonic()
    try:
        piece = web.piece(address, 0, _TRIAL_BYTES - 1)
    except FileError:  # a server may hand out whole files only
        return 0.0
    return 0.0 if piece is None else len(piece.data) / max(time.monotonic() - begun, 1e-3)


def _glo30_path(south: int, west: int) -> str:
    name = tile_name(south, west)
    stem = f"Copernicus_DSM_COG_10_{name[:3]}_00_{name[3:]}_00_DEM"
    return f"{stem}/{stem}.tif"


def _srtm(web: Web, root: str, _box: GeoBox, south: int, west: int, folder: Path, progress: Progress) -> Path | None:
    name = tile_name(south, west)
    target = folder / f"{name}.hgt.gz"
    if target.exists():
        return target
    if not web.fetch(f"{root}/{name[:3]}/{name}.hgt.gz", target, largest=_LARGEST_HGT_BYTES, progress=progress):
        return None
    try:
        read_elevation(target)
    except FileError:
        target.unlink()
        raise
    return target


def _glo30(web: Web, root: str, box: GeoBox, south: int, west: int, folder: Path, _progress: Progress) -> Path | None:
    name = tile_name(south, west)
    want = box.meets(south, west)
    if want is None:
        raise AssertionError(name)
    # The window stands in the name: another box of the same tile is another file.
    target = folder / (f"GLO-30_{name}_" + "_".join(f"{abs(round(x * 1e4)) % 10000:04d}" for x in want) + ".tif")
    if target.exists():
        return target
    source = WebFile.at(web, f"{root}/{_glo30_path(south, west)}")
    if source is None:
        return None
    try:
        cut_elevation(
            source.open, source.address, want, target, title="Copernicus DEM GLO-30", rights=_GLO30_RIGHTS, crs=_EGM2008
        )
    except FileError as error:
        raise (source.failure or error) from error
    return target


class WebFile:
    """A file on a server, of which only what is read is fetched, block by block, and once."""

    def __init__(self, web: Web, address: str, first: WebPart) -> None:
        self.address, self.size = address, first.whole
        self.failure: PlannerError | None = None
        """Why a read gave less than it was asked for: the raster library passes no error on."""
        self._web, self._tag = web, first.tag
        self._blocks = {0: first.data}

    @classmethod
    def at(cls, web: Web, address: str) -> WebFile | None:
        """Return the file, or None where the server has none at this address."""
        piece = web.piece(address, 0, _BLOCK - 1)
        return None if piece is None else cls(web, address, piece)

    def open(self) -> io.RawIOBase:
        """Return something to read it with, from its beginning."""
        return _Reader(self)

    def bytes(self, start: int, end: int) -> bytes:
        """Return the bytes of a range; fetch those that are not there yet in one go. Nothing, where that fails."""
        first, last = start // _BLOCK, (end - 1) // _BLOCK
        missing = [number for number in range(first, last + 1) if number not in self._blocks]
        if missing:
            try:
                self._fetch(missing[0], missing[-1])
            except PlannerError as error:
                self.failure = self.failure or error
                return b""
        data = b"".join(self._blocks[number] for number in range(first, last + 1))
        return data[start - first * _BLOCK : end - first * _BLOCK]

    def _fetch(self, first: int, last: int) -> None:
        start, end = first * _BLOCK, min((last + 1) * _BLOCK, self.size) - 1
        piece = self._web.piece(self.address, start, end)
        if piece is None or (piece.whole, piece.tag) != (self.size, self._tag) or len(piece.data) != end - start + 1:
            raise FileError(
                msg("The file changed on the server while it was read."), where=self.address, fix=msg("Try again.")
            )
        for number in range(first, last + 1):
            self._blocks[number] = piece.data[(number - first) * _BLOCK : (number - first + 1) * _BLOCK]


class _Reader(io.RawIOBase):
    """One place in a file on a server."""

    def __init__(self, file: WebFile) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._file.size if size < 0 else min(self._at + size, self._file.size)
        data = self._file.bytes(self._at, end) if self._at < end else b""
        self._at += len(data)
        return data
