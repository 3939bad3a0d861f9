"""XML that a map needs: no texts that stand for longer texts, nothing that points at other files."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from cn_planner.errors import FileError
from cn_planner.message import msg

if TYPE_CHECKING:
    from pathlib import Path

# The first three make the library take a file for a list of other files.
_FORBIDDEN = (b"<OGRVRTDataSource", b"<VRTDataset", b"<OGRFDO", b"<!DOCTYPE", b"<!ENTITY")
_LONGEST = max(map(len, _FORBIDDEN))
_CHUNK = 1 << 20
_MOST_BYTES = 1 << 31
"""What an archive may unpack to."""


def check_xml(path: Path) -> None:
    """Look through an XML file, one in a gzip file, or the KML files of an archive.

    Raises
    ------
    FileError
        Where it says more than a map needs, or cannot be unpacked.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if member.filename.lower().endswith(".kml"):
                        with archive.open(member) as stream:
                            _check(stream, path)
            return
        with path.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    _check(unpacked, path)
            else:
                _check(stream, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile) as problem:
        raise FileError(
            msg("The archive is damaged or cut short."), where=str(path), fix=msg("Download it again.")
        ) from problem


def _check(stream: IO[bytes] | gzip.GzipFile, path: Path) -> None:
    kept, wide, came = b"", False, 0
    while chunk := stream.read(_CHUNK):
        if not came:
            wide = chunk[:2] in (b"\xff\xfe", b"\xfe\xff")
        came += len(chunk)
        # UTF-16 hides no word: its zeros are left out. Nor does the seam of two chunks.
        text = kept + (chunk.replace(b"\0", b"") if wide else chunk)
        if any(word in text for word in _FORBIDDEN):
            raise FileError(
                msg("The file defines texts or points at other files, which no map needs."),
                where=str(path),
                fix=msg("Do not use it; get the data from a source that you trust."),
            )
        if came > _MOST_BYTES:
            raise FileError(
                msg("It unpacks to more than {limit_mb} MB.", limit_mb=_MOST_BYTES >> 20),
                where=str(path),
                fix=msg("Cut the area that you need out of it, and use that."),
            )
        kept = text[-_LONGEST:]
