"""What a bundle does without: letters of other languages, debugging names, a second GDAL."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
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
        one_gdal(inside)
        strip(inside)


def names(library: Path, *, wanted: bool) -> set[str]:
    """Return the names that a library looks for in others, or gives to them."""
    said = subprocess.run(
        ["nm", "-D", "--undefined-only" if wanted else "--defined-only", library],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.split()[-1].partition("@")[0] for line in said.stdout.splitlines() if line.strip()}


def one_gdal(inside: Path) -> None:
    """Let pyogrio use rasterio's GDAL, where that gives all that pyogrio asks its own for.

    Both call its C interface, which GDAL keeps from version to version. The tests of `gis` and `importers` pass so.
    """
    [own] = (inside / "pyogrio.libs").glob("libgdal-*")
    [other] = (inside / "rasterio.libs").glob("libgdal-*")
    offered = names(own, wanted=False)
    asked = set().union(*(names(path, wanted=True) & offered for path in (inside / "pyogrio").rglob("*.so")))
    missing = asked - names(other, wanted=False)
    if missing:
        print("pyogrio keeps its own GDAL; rasterio's lacks", ", ".join(sorted(missing)))
        return
    name = own.name
    for gone in ("pyogrio.libs", "pyogrio/gdal_data", "pyogrio/proj_data"):
        shutil.rmtree(inside / gone)
    for data in ("gdal_data", "proj_data"):  # what a GDAL reads is of its own version
        (inside / "pyogrio" / data).symlink_to(Path("..", "rasterio", data))
    (inside / "pyogrio.libs").mkdir()
    (inside / "pyogrio.libs" / name).symlink_to(Path("..", "rasterio.libs", other.name))


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
