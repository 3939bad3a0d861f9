"""What a bundle does without: what no part of the program loads, a second copy of one thing, names for debuggers.

`MODULES` are left out when the folder is made; `trim` removes files from a folder, which may as well be one of
installed packages: so the program's own tests can be run on what is left (docs/packaging.md says how).

Both GDALs stay: rasterio's has neither FlatGeobuf nor KML, and pyogrio's, of another version, lacks what rasterio
transforms pictures with.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import elf
import icu

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = ("ar", "en", "es", "fr", "hi", "pt", "sw")
"""Those of `resources/translations`, and English; a test holds them to it."""
MODULES = (
    # SciPy: distances, graphs, sparse matrices, special functions and a minimum are used, which load none of the rest.
    "scipy.cluster", "scipy.datasets", "scipy.differentiate", "scipy.fftpack", "scipy.integrate", "scipy.interpolate",
    "scipy.io", "scipy.misc", "scipy.odr", "scipy.signal", "scipy.special.cython_special", "scipy.stats",
    # rapidfuzz: one likeness is used, which has its own code; distances fall back to Python.
    "rapidfuzz.distance.metrics_cpp", "rapidfuzz.distance.metrics_cpp_avx2",
    # fontTools: which letters a font has.
    "fontTools.designspaceLib", "fontTools.feaLib", "fontTools.misc.bezierTools", "fontTools.otlLib",
    "fontTools.varLib",
    # A console for programmers, and what paints source text in it.
    "pydoc_data", "readline", "pygments.formatters.img", "pygments.formatters.latex", "pygments.formatters.html",
    "PySide6.QtDBus", "numba.tests", "numba.cuda.tests", "llvmlite.tests", "lxml.html", "lxml.objectify",
    "IPython", "PIL", "geopandas", "hypothesis", "matplotlib", "mypy", "pandas", "pip", "pytest", "setuptools",
    "tkinter", "xarray",
)  # fmt: skip
"""What of the packages the program never imports, nor what it imports."""
LEXERS = ("_mapping", "python")
"""Of pygments: what finds one, and the one in whose language an error is shown. The others are 250 languages."""
FILES = (
    # Screens without a desktop, and devices that a desktop reads itself.
    "PySide6/**/plugins/egldeviceintegrations/*", "PySide6/**/plugins/generic/*",
    *(f"PySide6/**/plugins/platforms/*q{one}.*" for one in ("eglfs", "linuxfb", "minimal", "minimalegl", "vnc")),
    "PySide6/**/plugins/platforms/*qvkkhrdisplay.*",
    "PySide6/**/plugins/networkinformation/*",
    # Pictures of kinds that neither tiles nor photographs come in.
    *(f"PySide6/**/plugins/imageformats/*q{one}.*" for one in ("icns", "tga", "tiff", "wbmp")),
    "pyogrio/tests/**/*", "rasterio/_example.*",
    "cn_planner/resources/translations/*.pot",
)  # fmt: skip
"""Files that nothing opens."""
GDAL_FILES = ("*LICENSE*", "copyright", "gdalvrt.xsd", "header.dxf", "osmconf.ini", "vcpkg*")
"""What stays of each GDAL's data: that of OpenStreetMap; by which it is looked whether there are any; licences."""
PAIRS = (
    ("numpy.libs/libgfortran-*", "scipy.libs/libgfortran-*"),
    ("numpy.libs/libquadmath-*", "scipy.libs/libquadmath-*"),
    ("shapely.libs/libgeos_c-*", "rasterio.libs/libgeos_c-*"),
    ("pyproj.libs/libcurl-*", "rasterio.libs/libcurl-*"),
    ("libssl.so.3", "rasterio.libs/libssl-*"),
    ("libcrypto.so.3", "rasterio.libs/libcrypto-*"),
    ("libsqlite3.so.0", "pyproj.libs/libsqlite3-*"),
    ("libsqlite3.so.0", "rasterio.libs/libsqlite3-*"),
)
"""Libraries that come twice: the one that stays, and what it stands for. Of OpenSSL and SQLite the system's."""
_LIBRARIES = ("*.libs/*", "lib*.so*", "PySide6/Qt/lib/*")
"""Where what other libraries need lies, and nothing else."""


def trim(folder: Path) -> None:
    """Remove from a bundle's folder what the program never reads."""
    inside = folder / "_internal" if sys.platform != "darwin" else folder.parent
    for path in inside.rglob("translations/*.qm"):
        if not path.stem.endswith(tuple(f"_{one}" for one in LANGUAGES)):
            path.unlink()
    for path in inside.rglob("babel/locale-data/*.dat"):
        if path.stem.split("_")[0] not in (*LANGUAGES, "root"):
            path.unlink()
    for pattern in FILES:
        for path in inside.rglob(pattern):
            if not path.is_dir():
                path.unlink()
    for path in inside.rglob("gdal_data/*"):
        if not any(map(path.match, GDAL_FILES)):
            path.unlink()
    if sys.platform == "linux":
        for library in inside.rglob("libicudata.so.*"):
            if not library.is_symlink():
                icu.smaller(library, LANGUAGES)
        elf.strip(inside)
        one_of_two(inside)
        one_database(inside)
        unneeded(inside)


def one_of_two(inside: Path) -> None:
    """Keep one of libraries that come twice, and say where one cannot stand for the other."""
    for kept, left in PAIRS:
        [stays] = inside.glob(kept)
        for path in inside.glob(left):
            if missing := elf.shared(inside, stays, path):
                print(f"{path.name} stays: {stays.name} lacks {', '.join(sorted(missing))}.")


def one_database(inside: Path) -> None:
    """Let every PROJ read the newest of their databases, pyogrio's, where that is laid out as each can read it."""
    kept = inside / "pyogrio" / "proj_data" / "proj.db"
    for folder in ("rasterio/proj_data", "pyproj/proj_dir/share/proj"):
        left = inside / folder / "proj.db"
        if not reads(layout(left), layout(kept)):
            print(f"{folder} keeps its own database.")
            continue
        left.unlink()
        left.symlink_to(os.path.relpath(kept, left.parent))


def layout(database: Path) -> tuple[int, int]:
    """Return the layout of a database of PROJ."""
    asked = "SELECT value FROM metadata WHERE key LIKE 'DATABASE.LAYOUT.VERSION.%' ORDER BY key"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        major, minor = (int(value) for (value,) in opened.execute(asked))
    return major, minor


def reads(own: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether a PROJ that comes with a database of one layout reads another, as it asks itself (factory.cpp)."""
    return other[0] == own[0] and other[1] >= own[1]


def unneeded(inside: Path) -> None:
    """Remove the libraries that no other asks for any more, and links to nothing."""
    asks = {path: elf.needed(path) for path in elf.libraries(inside)}
    links = {path: path.resolve().name for path in inside.rglob("*.so*") if path.is_symlink()}
    candidates = {path for pattern in _LIBRARIES for path in inside.glob(pattern) if path in asks}
    candidates = {path for path in candidates if not path.name.startswith("libpython")}  # the starter opens it itself
    while True:
        wanted = set().union(*asks.values())
        wanted |= {target for link, target in links.items() if link.name in wanted}
        gone = [path for path in candidates & asks.keys() if path.name not in wanted]
        if not gone:
            break
        for path in gone:
            path.unlink()
            del asks[path]
    for path in inside.rglob("*"):
        if path.is_symlink() and not path.exists():
            path.unlink()
