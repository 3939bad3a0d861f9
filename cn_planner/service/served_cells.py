"""The places round a tower that were judged, as a small raster of its own: what is served, place by place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.geo import WGS84, transform

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.gis.parts import Transform


@dataclass(frozen=True, slots=True)
class ServedCells:
    """Which places of a lattice are served.

    Attributes
    ----------
    crs : str
        Reference system of the lattice, metric.
    transform : tuple of six floats
        To cell centres.
    shape : (int, int)
        Rows and columns.
    bits : bytes
        The cells row by row, eight a byte, the first in the highest bit.
    """

    crs: str
    transform: Transform
    shape: tuple[int, int]
    bits: bytes

    @classmethod
    def of(cls, served: NDArray[np.bool_], crs: str, transform: Transform) -> ServedCells | None:
        """Return a raster without the rows and columns round it that serve nothing; None where nothing is served."""
        rows, columns = np.flatnonzero(served.any(axis=1)), np.flatnonzero(served.any(axis=0))
        if not rows.size:
            return None
        top, left = int(rows[0]), int(columns[0])
        kept = served[top : rows[-1] + 1, left : columns[-1] + 1]
        a, b, c, d, e, f = transform
        place = (a, b, c + a * left + b * top, d, e, f + d * left + e * top)
        return cls(crs, place, (kept.shape[0], kept.shape[1]), np.packbits(kept).tobytes())

    def array(self) -> NDArray[np.bool_]:
        """Return the cells, rows by columns."""
        rows, columns = self.shape
        bits = np.unpackbits(np.frombuffer(self.bits, np.uint8), count=rows * columns)
        return bits.astype(np.bool_).reshape(rows, columns)

    def rim(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return latitudes and longitudes along the outer sides of the raster."""
        rows, columns = self.shape
        along, down = np.linspace(-0.5, columns - 0.5, 9), np.linspace(-0.5, rows - 0.5, 9)
        x = np.concatenate([along, along, np.full(9, along[0]), np.full(9, along[-1])])
        y = np.concatenate([np.full(9, down[0]), np.full(9, down[-1]), down, down])
        a, b, c, d, e, f = self.transform
        longitude, latitude = transform(self.crs, WGS84, a * x + b * y + c, d * x + e * y + f)
        return latitude, longitude

    def at(self, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.bool_]:
        """Return whether places lie in a cell that is served."""
        east, north = transform(WGS84, self.crs, longitude, latitude)
        a, b, c, d, e, f = self.transform
        east, north, turn = east - c, north - f, a * e - b * d
        column, row = np.round((e * east - b * north) / turn), np.round((a * north - d * east) / turn)
        rows, columns = self.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        served = np.zeros(inside.shape, np.bool_)
        served[inside] = self.array()[row[inside].astype(np.int64), column[inside].astype(np.int64)]
        return served
