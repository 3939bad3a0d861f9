"""How much a KML file can hold at most: one look through it, without building anything of it."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20
_FEATURES = ("Placemark", "Overlay")
_NAMED = ("Data", "Field")
_OWN_FIELDS = 32
"""The names that the library gives each feature besides the file's own: OGC 07-147r2, table 9.2 and what it adds."""


def most_in_kml(path: Path, member: str = "") -> tuple[int, int] | None:
    """Return how many features and how many columns no layer of a KML file has more than; None where that is not known.

    Parameters
    ----------
    path : Path
        The file, or the archive that holds it. What the file may declare has been looked at (`check_xml`).
    member : str
        Which file of the archive.
    """
    try:
        if not member:
            with path.open("rb") as stream:
                return _most(stream)
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            return _most(stream)
    except (
        expat.ExpatError, LookupError, ValueError,  # no XML, or in letters that Python's reader does not know
        OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError,
    ):  # fmt: skip
        return None


def _most(stream: IO[bytes]) -> tuple[int, int]:
    count, names = 0, set[str]()

    def begin(element: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if element.endswith(_FEATURES):
            count += 1
        elif element.endswith(_NAMED):
            names.add(attributes.get("name", ""))

    reader = expat.ParserCreate()
    reader.StartElementHandler = begin
    while chunk := stream.read(_CHUNK):
        reader.Parse(chunk, False)
    reader.Parse(b"", True)
    return count, len(names) + _OWN_FIELDS
