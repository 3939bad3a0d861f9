"""A PNG writer for arrays: the standard library compresses, and no imaging library is needed."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LEVEL = 4
"""Relief takes a quarter of the time that level 6 does, and 6 % more room."""
_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}  # PNG specification, table 11.1: grey, grey+alpha, RGB, RGBA


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Return the PNG of an array of rows, columns (grey) or rows, columns, 1 to 4 channels, 8 bits each.

    Rows are filtered by Up, which suits relief: half the bytes of none.
    """
    array = np.ascontiguousarray(pixels[..., None] if pixels.ndim == 2 else pixels, dtype=np.uint8)
    rows, columns, channels = array.shape
    flat = array.reshape(rows, columns * channels)
    above = np.vstack([np.zeros((1, flat.shape[1]), np.uint8), flat[:-1]])
    filtered = np.empty((rows, flat.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2  # PNG filter type Up
    filtered[:, 1:] = flat - above  # modulo 256, as the format wants
    return _file(columns, rows, _COLOUR_TYPE[channels], (), filtered)


def encode_classes(classes: NDArray[np.uint8], colours: Sequence[tuple[int, int, int, int]]) -> bytes:
    """Return the PNG of rows and columns of numbers of colours: red, green, blue, opacity; at most 256 of them."""
    rows, columns = classes.shape
    plain = np.zeros((rows, columns + 1), np.uint8)  # PNG filter type None: numbers of colours have no slope
    plain[:, 1:] = classes
    table = np.array(colours, np.uint8).reshape(-1, 4)
    chunks = ((b"PLTE", table[:, :3].tobytes()), (b"tRNS", table[:, 3].tobytes()))
    return _file(columns, rows, 3, chunks, plain)  # PNG specification, table 11.1: indexed colour


def _file(
    columns: int, rows: int, colour_type: int, chunks: Sequence[tuple[bytes, bytes]], lines: NDArray[np.uint8]
) -> bytes:
    header = struct.pack(">IIBBBBB", columns, rows, 8, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + b"".join(_chunk(kind, data) for kind, data in chunks)
        + _chunk(b"IDAT", zlib.compress(lines.tobytes(), _LEVEL))
        + _chunk(b"IEND", b"")
    )
