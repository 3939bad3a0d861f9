"""What a file is, by its first bytes; and the zip and gzip wrappers that a single file may come in.

A name proves nothing: a VRT named evil.tif makes GDAL read any file of the machine. Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import gzip
import lzma
import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, TYPE_CHECKING, NamedTuple

from cn_planner.errors import FileError
from cn_planner.faults import reading
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable

HGT_SHAPES = {2 * rows * cols: (rows, cols) for rows, cols in ((1201, 1201), (3601, 3601), (3601, 1801))}
"""Size in bytes to rows and columns: 3 arc-second, 1 arc-second, and 1 by 2 arc-second beyond 50 degrees."""
HGT_NAME = re.compile(r"(?i)(?:^|[^a-z])([NS])(\d{2})([EW])(\d{3})(?!\d)")
LARGEST_MEMBER_BYTES = 256 << 20
"""Nothing that unpacks to more is read: it is held in memory whole."""
_HEAD_BYTES = 1024

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"II*\0", "geotiff"),
    (b"MM\0*", "geotiff"),
    (b"II+\0", "geotiff"),
    (b"MM\0+", "geotiff"),
    (b"PK\3\4", "zip"),
    (b"PK\5\6", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3\0", "sqlite"),
    (b"fgb\3", "flatgeobuf"),
    (b"\0\0\x27\x0a", "shapefile"),
    (b"PMTiles", "pmtiles"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"\x89HDF", "hdf"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
)
FILE_KIND_WORDS = {
    "geotiff": msg("a GeoTIFF"),
    "zip": msg("a zip archive"),
    "gzip": msg("a gzip file"),
    "sqlite": msg("a database (GeoPackage or MBTiles)"),
    "flatgeobuf": msg("a FlatGeobuf file"),
    "shapefile": msg("a shapefile"),
    "pmtiles": msg("a PMTiles base map"),
    "pdf": msg("a PDF"),
    "picture": msg("a picture"),
    "hdf": msg("an HDF file"),
    "archive": msg("an archive"),
    "vrt": msg("a GDAL virtual raster, which points at other files"),
    "kml": msg("a KML file"),
    "gpx": msg("a GPX file"),
    "osm": msg("an OpenStreetMap file"),
    "cnml": msg("a CNML file"),
    "xml": msg("an XML file"),
    "json": msg("a JSON file"),
    "text": msg("a text file"),
    "hgt": msg("an SRTM .hgt file"),
    "unknown": msg("of an unknown kind"),
}


_XML_WORDS = (("<vrtdataset", "vrt"), ("<kml", "kml"), ("<gpx", "gpx"), ("<osm", "osm"), ("<cnml", "cnml"))


class Contents(NamedTuple):
    """One file's bytes, taken out of its wrapper, and the name that it had there."""

    name: str
    data: bytes


def kind_of_bytes(head: bytes, name: str, size: int) -> str:
    """Return the kind of a file from its first bytes, its size and, for .hgt alone, its name.

    It is a key of `FILE_KIND_WORDS`.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"OSMHeader" in head[:32]:  # the first block of a .osm.pbf says what it is, after its length
        return "osm"
    kind = _kind_of_text(head)
    if kind:
        return kind
    if size in HGT_SHAPES and HGT_NAME.search(name):
        return "hgt"
    return "unknown"


def _kind_of_text(head: bytes) -> str:
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        # The head may end within a character: what is cut off is no proof against text.
        text = head.decode(encoding, errors="strict" if len(head) < _HEAD_BYTES else "ignore").lstrip()
    except UnicodeDecodeError:
        text = head.decode("latin-1").lstrip()
    printable = sum(c.isprintable() or c.isspace() for c in text)
    if not text or "\0" in text or printable < 0.98 * len(text):
        return ""
    start = text[:_HEAD_BYTES].lower()
    if start.startswith("<"):
        for word, kind in _XML_WORDS:
            if word in start:
                return kind
        return "xml"
    return "json" if start[0] in "{[" else "text"


def check_plain(path: Path) -> None:
    """Raise FileError where something is neither a file nor a folder: a pipe or a device may never end."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise FileError(
            msg("This is no file but a pipe or a device."), where=str(path), fix=msg("Save what it gives into a file.")
        )


def sniff(path: str | Path) -> str:
    """Return what a file is: a key of `FILE_KIND_WORDS`, "unknown" where it is none of them.

    Raises
    ------
    FileError
        Where there is no such file, where it cannot be read, or where it is empty.
    """
    path = Path(path)
    with reading(path):
        size = path.stat().st_size
        if path.is_dir():
            raise FileError(
                msg("This is a folder, not a file."), where=str(path), fix=msg("Choose the file inside it.")
            )
        check_plain(path)
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    if not head:
        raise FileError(msg("The file is empty."), where=str(path), fix=msg("Download or copy it again."))
    return kind_of_bytes(head, path.name, size)


def refuse(path: str | Path, kind: str, wanted: Message, where: str = "") -> FileError:
    """Return the error that says what a file is and what was wanted; of a database, whether all of it is there."""
    if kind == "sqlite" and _is_cut_short(Path(path)):
        return FileError(
            msg("The database is damaged or cut short."),
            where=where or str(path),
            fix=msg("Download or copy it again."),
        )
    return FileError(
        msg("This is {kind}, not {wanted}.", kind=FILE_KIND_WORDS[kind], wanted=wanted),
        where=where or str(path),
        fix=msg("Choose another file. What counts is what is in it, not its name."),
    )


def _is_cut_short(path: Path) -> bool:
    """Return whether a database is shorter than it says (SQLite file format, section 1.3: offsets 16 and 28)."""
    with path.open("rb") as stream:
        head = stream.read(100)
    page = int.from_bytes(head[16:18], "big")
    return path.stat().st_size < (65_536 if page == 1 else page) * int.from_bytes(head[28:32], "big")


def read_gzip(path: Path) -> Contents:
    """Return what a .gz file holds, no more than `LARGEST_MEMBER_BYTES`.

    Raises
    ------
    FileError
        Where it is damaged, too large, or holds another archive.
    """
    data = _guarded(path, path.name, lambda: _read_gzip_bytes(path))
    return _checked(path, path.name.removesuffix(".gz").removesuffix(".GZ"), data)


def _read_gzip_bytes(path: Path) -> bytes | None:
    with gzip.open(path, "rb") as stream:
        return _within_limit(stream)


def _within_limit(stream: IO[bytes] | gzip.GzipFile) -> bytes | None:
    """Return what an unpacked stream holds; None where that is too much, which is not kept while it is found out."""
    if _left_of(LARGEST_MEMBER_BYTES, stream) < 0:
        return None
    stream.seek(0)
    return stream.read(LARGEST_MEMBER_BYTES)


def _left_of(most: int, stream: IO[bytes] | gzip.GzipFile) -> int:
    """Return how many of so many bytes a stream leaves, below 0 where it holds more."""
    while most >= 0 and (chunk := stream.read(1 << 20)):
        most -= len(chunk)
    return most


def read_zip(path: Path, suffixes: tuple[str, ...], wanted: Message) -> Contents:
    """Return the one member of a zip archive whose name ends as wanted.

    Parameters
    ----------
    path : Path
        The archive.
    suffixes : tuple of str
        Endings in small letters, such as ``(".hgt", ".tif")``.
    wanted : Message
        What is looked for, in words.

    Raises
    ------
    FileError
        Where the archive is damaged, protected, holds none or several of them, a member that climbs out of its folder,
        another archive, or more than `LARGEST_MEMBER_BYTES`.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as e:
        raise _damaged(path) from e
    with archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
        for member in members:
            _check_member_name(path, member.filename)
        fitting = [m for m in members if m.filename.lower().endswith(suffixes)]
        if len(fitting) != 1:
            raise _not_one(path, members, fitting, wanted)
        member = fitting[0]
        where = f"{path}/{member.filename}"
        if member.file_size > LARGEST_MEMBER_BYTES:
            raise _too_large(where)
        if member.flag_bits & 0x1:
            raise FileError(msg("The archive asks for a password."), where=where, fix=msg("Unpack it first."))
        data = _guarded(path, where, lambda: _read_member(archive, member))
    return _checked(path, member.filename, data)


def check_members(path: Path, most_bytes: int) -> None:
    """Raise FileError where a zip archive may not be opened by a library: names that climb, members that are too large.

    Unlike `read_zip` it leaves the reading to others; what the directory says of sizes is then taken for true only
    after each member was unpacked to no more than that.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            left = most_bytes
            for member in archive.infolist():
                _check_member_name(path, member.filename)
                if member.flag_bits & 0x1:
                    raise FileError(
                        msg("The archive asks for a password."), where=str(path), fix=msg("Unpack it first.")
                    )
                with archive.open(member) as stream:
                    left = _left_of(left, stream)
                if left < 0:
                    raise _too_large(f"{path}/{member.filename}")
    except FileError:
        raise
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError,
    ) as e:  # fmt: skip  # OSError: an offset that is none, bzip2
        raise _damaged(path) from e


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | None:
    with archive.open(member) as stream:  # the size in the directory may be a lie: read no more than the limit
        return _within_limit(stream)


def _guarded(path: Path, where: str, read: Callable[[], bytes | None]) -> bytes:
    try:
        data = read()
    # ValueError: a member's name that is not UTF-8, or a place in the file that no file has.
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError) as e:
        raise _damaged(path) from e
    if data is None:
        raise _too_large(where)
    return data


def _checked(path: Path, name: str, data: bytes) -> Contents:
    if not data:
        raise FileError(msg("The file in the archive is empty."), where=f"{path}/{name}", fix=msg("Download it again."))
    if kind_of_bytes(data[:_HEAD_BYTES], name, len(data)) in {"zip", "gzip", "archive"}:
        raise FileError(
            msg("This is an archive within an archive."), where=f"{path}/{name}", fix=msg("Unpack the outer one first.")
        )
    return Contents(name, data)


def _check_member_name(path: Path, name: str) -> None:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if posix.is_absolute() or windows.drive or windows.root or ".." in windows.parts or "\0" in name:
        raise FileError(
            msg("A member of this archive climbs out of its folder: {member}.", member=name),
            where=str(path),
            fix=msg("Do not use it; get the data from a source that you trust."),
        )


def _not_one(path: Path, members: list[zipfile.ZipInfo], fitting: list[zipfile.ZipInfo], wanted: Message) -> FileError:
    names = ", ".join(m.filename for m in (fitting or members)[:8]) or "-"
    if (
        any(m.filename.lower().endswith((".zip", ".gz", ".7z", ".rar", ".tar", ".tgz")) for m in members)
        and not fitting
    ):
        return FileError(
            msg("This is an archive within an archive: {members}.", members=names),
            where=str(path),
            fix=msg("Unpack the outer one first."),
        )
    if fitting:
        what = msg("The archive holds several files that fit: {members}.", members=names)
    else:
        what = msg("The archive does not hold {wanted}, only: {members}.", wanted=wanted, members=names)
    return FileError(what, where=str(path), fix=msg("Unpack it and give the files themselves."))


def _damaged(path: Path) -> FileError:
    return FileError(msg("The archive is damaged or cut short."), where=str(path), fix=msg("Download it again."))


def _too_large(where: str) -> FileError:
    return FileError(
        msg("It unpacks to more than {limit_mb} MB.", limit_mb=LARGEST_MEMBER_BYTES >> 20),
        where=where,
        fix=msg("Cut the area that you need out of it, and use that."),
    )
