"""A photograph as the plan keeps it: small, upright, and without what the camera wrote into it.

It is decoded and encoded again, in a process with limits: nothing but its colours is left. Where it was taken, by whose
telephone and when stays behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import FileError
from cn_planner.faults import reading, walled
from cn_planner.gis.kinds import sniff
from cn_planner.gis.warned import expect_no_place
from cn_planner.gis.worker import RASTERIO, Limits, sandboxed
from cn_planner.message import msg
from cn_planner.model.evidence import KEPT_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MOST_BYTES = 32 << 20
"""Of a file; telephones write 2 to 12 MB."""
MOST_PX = 1600
"""Of the longer side of what is kept."""
_MOST_PIXELS = 120e6
_QUALITIES = (82, 70, 55, 40)
_LIMITS = Limits(30.0, 768.0)
_FLIPS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}
"""Quarter turns to the left, and whether it is mirrored then, by the orientation of EXIF (CIPA DC-008)."""


@walled
def photo_of(path: Path) -> bytes:
    """Return a photograph as JPEG: at most `MOST_PX` wide and high, some `KEPT_BYTES` at most, without private data.

    Raises
    ------
    FileError
        Where it cannot be read, is neither JPEG nor PNG, or is too large.
    """
    with reading(path):
        size = path.stat().st_size
    if size > MOST_BYTES:
        raise FileError(
            msg("The photograph has {size} MB; at most {most} MB are read.", size=size >> 20, most=MOST_BYTES >> 20),
            where=str(path), fix=msg("Make it smaller on the telephone, or take another."),
        )  # fmt: skip
    if sniff(path) != "picture":
        raise FileError(
            msg("This is no photograph that can be read."), where=str(path),
            fix=msg("Give a JPEG or PNG. A telephone that writes HEIC has a setting for JPEG."),
        )  # fmt: skip
    return _small(path)


@sandboxed(RASTERIO, _LIMITS)
def _small(path: Path) -> bytes:
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.io import MemoryFile

    unreadable = FileError(
        msg("This photograph is damaged, or too large."), where=str(path), fix=msg("Give another one.")
    )
    options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
    expect_no_place()
    try:
        with path.open("rb") as file:
            driver = _DRIVERS[file.read(2)]
        with rasterio.Env(**options), rasterio.open(path, driver=driver) as found:
            if found.width * found.height > _MOST_PIXELS or found.count < 1:
                raise unreadable
            share = min(1.0, MOST_PX / max(found.width, found.height))
            shape = max(1, round(found.height * share)), max(1, round(found.width * share))
            bands = [1, 2, 3] if found.count >= 3 else [1, 1, 1]
            colours = found.read(bands, out_shape=(3, *shape), resampling=rasterio.enums.Resampling.average)
            turn = str(found.tags().get("EXIF_Orientation", "1"))
        if colours.dtype != np.uint8:
            colours = (colours >> 8).astype(np.uint8)
        colours = _upright(colours, int(turn) if turn.isdecimal() else 1)
        data = b""
        for quality in _QUALITIES:
            with MemoryFile() as memory:
                height, width = colours.shape[1:]
                with memory.open(
                    driver="JPEG", width=width, height=height, count=3, dtype="uint8", quality=quality,
                    photometric="YCBCR",
                ) as out:  # fmt: skip
                    out.write(colours)
                data = memory.read()
            if len(data) <= KEPT_BYTES:
                break
    except (RasterioError, OSError, KeyError, ValueError, TypeError) as problem:
        if isinstance(problem, FileError):
            raise
        raise unreadable from problem
    return data


_DRIVERS = {b"\xff\xd8": "JPEG", b"\x89P": "PNG"}


def _upright(colours: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Return colours (3, rows, columns) as the camera was held."""
    turns, mirrored = _FLIPS.get(orientation, (0, False))
    found = np.rot90(colours, turns, axes=(1, 2))
    return np.ascontiguousarray(found[:, :, ::-1] if mirrored else found)
