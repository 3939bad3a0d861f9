"""What a bundle does without: letters of other languages, debugging names.

Both GDALs stay: rasterio's has neither FlatGeobuf nor KML, and lacks a file without which pyogrio does not load.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PAGE = 4096
LANGUAGES = ("ar", "en", "es", "fr", "hi", "pt", "sw")
"""Those of `resources/translations`, and English; a test holds them to it."""


def trim(folder: Path) -> None:
    """Remove from a bundle's folder what the program never reads."""
    inside = folder / "_internal" if sys.platform != "darwin" else folder.parent
    for path in inside.rglob("translations/*.qm"):
        if not path.stem.endswith(tuple(f"_{one}" for one in LANGUAGES)):
            path.unlink()
    for path in inside.rglob("babel/locale-data/*.dat"):
        if path.stem.split("_")[0] not in (*LANGUAGES, "root"):
            path.unlink()
    if sys.platform == "linux":
        strip(inside)


def strip(inside: Path) -> None:
    """Take the debugging names out of the libraries; those that would not load afterwards stay as they are."""
    for path in inside.rglob("*.so*"):
        if path.is_symlink() or path.read_bytes()[:4] != b"\x7fELF":
            continue
        thin = path.with_name("stripped.part")
        done = subprocess.run(["strip", "--strip-unneeded", "-o", thin, path], check=False, stderr=subprocess.DEVNULL)
        if done.returncode == 0 and loads(thin.read_bytes()):
            thin.chmod(path.stat().st_mode)
            thin.replace(path)
        else:
            thin.unlink(missing_ok=True)


def loads(library: bytes) -> bool:
    """Return whether the parts of a 64-bit ELF file lie where its loader takes them.

    A wheel's libraries have been given new names by a program that moves their parts; `strip` puts some of these where
    the loader refuses them (elf(5): p_vaddr and p_offset agree modulo p_align).
    """
    start, size, count = struct.unpack_from("<Q", library, 32)[0], *struct.unpack_from("<HH", library, 54)
    for at in range(start, start + size * count, size):
        kind, _, offset, address, _, _, _, align = struct.unpack_from("<IIQQQQQQ", library, at)
        if kind == 1 and (align % _PAGE or (address - offset) % align):
            return False
    return True
