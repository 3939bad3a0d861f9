"""What a person without Python would miss: packages that unpack whole, start by the menu, and know a plan."""

from __future__ import annotations

import ast
import configparser
import io
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PySide6.QtGui import QImage

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "packaging"
sys.path.insert(0, str(HERE))

import elf  # noqa: E402
import icu  # noqa: E402
import packages  # noqa: E402
import pictures  # noqa: E402
import trim  # noqa: E402

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes and links as Linux has them")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a folder as PyInstaller leaves one, small, and that of the build."""
    out = tmp_path_factory.mktemp("build")
    subprocess.run(
        [sys.executable, HERE / "pictures.py", out / "made"],
        check=True,
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/bin"},
    )
    (out / "work").mkdir()
    folder = out / "dist" / "cn-planner"
    (folder / "_internal" / "a").mkdir(parents=True)
    (folder / "cn-planner").write_bytes(b"#!/bin/sh\necho started\n")
    (folder / "cn-planner").chmod(0o755)
    (folder / "_internal" / "a" / "data.bin").write_bytes(bytes(5000))
    (folder / "_internal" / "link.so").symlink_to("a/data.bin")
    return folder, out


def members(data: bytes) -> dict[str, bytes]:
    """Return the members of an archive of ar(5), read by code of its own."""
    assert data[:8] == b"!<arch>\n"
    found, at = {}, 8
    while at < len(data):
        name, size = data[at : at + 16].decode().strip(), int(data[at + 48 : at + 58])
        assert data[at + 58 : at + 60] == b"`\n"
        found[name] = data[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    return found


def test_the_archive_unpacks_into_a_folder_of_its_version_and_starts(built: tuple[Path, Path], tmp_path: Path) -> None:
    [made] = packages.tar(*built, "1.2.3", 1)
    assert made.name == "cn-planner-1.2.3-linux-x86_64.tar.xz"
    with tarfile.open(made) as archive:
        assert {name.split("/")[0] for name in archive.getnames()} == {"cn-planner-1.2.3"}
        assert {(one.uid, one.gid, one.uname) for one in archive if not one.isdir()} == {(0, 0, "root")}
        archive.extractall(tmp_path, filter="data")
    top = tmp_path / "cn-planner-1.2.3"
    assert subprocess.run([top / "cn-planner"], capture_output=True, check=True).stdout == b"started\n"
    assert (top / "_internal" / "link.so").resolve() == top / "_internal" / "a" / "data.bin"


def test_the_debian_package_has_what_a_desktop_needs(built: tuple[Path, Path]) -> None:
    [made] = packages.deb(*built, "1.2.3", 1)
    parts = members(made.read_bytes())
    assert list(parts) == ["debian-binary", "control.tar.xz", "data.tar.xz"]
    assert parts["debian-binary"] == b"2.0\n"
    with tarfile.open(fileobj=io.BytesIO(parts["control.tar.xz"])) as archive:
        control = archive.extractfile("./control")
        assert control is not None
        fields = dict(re.findall(r"^([\w-]+): (.*)$", control.read().decode(), re.MULTILINE))
    assert fields["Version"] == "1.2.3"
    assert "libxcb1" in fields["Depends"]
    assert "python" not in fields["Depends"]
    with tarfile.open(fileobj=io.BytesIO(parts["data.tar.xz"])) as archive:
        names = {one.name: one for one in archive}
        assert names["./usr/bin/cn-planner"].linkname == "../lib/cn-planner/cn-planner"
        assert names["./usr/lib/cn-planner/cn-planner"].mode & 0o111
        icons = [f"icons/hicolor/{one}" for one in ("256x256/apps/cn-planner.png", "scalable/apps/cn-planner.svg")]
        for name in ("applications/cn-planner.desktop", "mime/packages/cn-planner.xml", *icons):
            assert names[f"./usr/share/{name}"].mode == 0o644
        # dpkg makes a folder where its entry stands: each before what lies in it.
        order = [one.name.removeprefix("./") for one in archive]
        assert all(str(Path(name).parent) in (".", *order[:at]) for at, name in enumerate(order))
        assert all(one.name.startswith("./") for one in archive)


@pytest.mark.skipif(shutil.which("dpkg") is None or os.geteuid() != 0, reason="dpkg unpacks as root alone")
def test_dpkg_itself_unpacks_the_debian_package(built: tuple[Path, Path], tmp_path: Path) -> None:
    # It reads archives by rules of its own: headers that any other program takes it refuses.
    [made] = packages.deb(*built, "1.2.3", 1)
    known = tmp_path / "known"
    (known / "updates").mkdir(parents=True)
    (known / "info").mkdir()
    (known / "status").touch()
    (tmp_path / "root").mkdir()
    words = [f"--instdir={tmp_path / 'root'}", f"--admindir={known}", f"--log={tmp_path / 'log'}"]
    done = subprocess.run(
        [str(shutil.which("dpkg")), *words, "--unpack", made], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    started = subprocess.run([tmp_path / "root/usr/bin/cn-planner"], capture_output=True, check=True)
    assert started.stdout == b"started\n"


def test_without_a_runtime_the_folder_of_an_appimage_is_made(built: tuple[Path, Path], monkeypatch, capsys) -> None:
    monkeypatch.delenv("APPIMAGE_RUNTIME", raising=False)
    [made] = packages.appimage(*built, "1.2.3", 1)
    assert subprocess.run([made / "AppRun"], capture_output=True, check=True).stdout == b"started\n"
    assert {"AppRun", "cn-planner.desktop", "cn-planner.png", ".DirIcon", "usr"} == {one.name for one in made.iterdir()}
    assert "No AppImage" in capsys.readouterr().out


def test_a_plan_is_known_by_its_name_and_opened_by_the_menu_s_entry() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(HERE / "cn-planner.desktop")
    kind = ET.parse(HERE / "cn-planner.xml").getroot()[0]  # noqa: S314 - our own file
    assert entry["Desktop Entry"]["MimeType"].rstrip(";") == kind.attrib["type"]
    assert entry["Desktop Entry"]["Exec"] == "cn-planner %f"
    assert [one.attrib["pattern"] for one in kind if one.tag.endswith("glob")] == ["*.cnplan.gpkg"]


def test_icons_are_readable_in_every_size(built: tuple[Path, Path]) -> None:
    made = built[1] / "made"
    for size in pictures.SIZES:
        image = QImage(str(made / f"cn-planner-{size}.png"))
        assert (image.width(), image.height()) == (size, size)
        assert len({image.pixel(x, size // 2) for x in range(size)}) > 2
    ico, icns = (made / "cn-planner.ico").read_bytes(), (made / "cn-planner.icns").read_bytes()
    count = struct.unpack_from("<HHH", ico)[2]
    for at in range(6, 6 + 16 * count, 16):
        size, start = struct.unpack_from("<II", ico, at + 8)
        assert QImage.fromData(ico[start : start + size]).width() == (ico[at] or 256)
    assert icns[:4] == b"icns"
    assert struct.unpack_from(">I", icns, 4)[0] == len(icns)


def test_languages_that_are_kept_are_those_that_there_are() -> None:
    there = {path.stem for path in (ROOT / "resources" / "translations").glob("*.po")}
    assert set(trim.LANGUAGES) == there | {"en"}


def test_a_library_that_would_not_load_is_told_from_one_that_does() -> None:
    mine = Path(QImage.__module__ and sys.modules["PySide6.QtGui"].__file__).read_bytes()
    assert elf.loads(mine)
    start, size = struct.unpack_from("<Q", mine, 32)[0], struct.unpack_from("<H", mine, 54)[0]
    broken = bytearray(mine)
    at = next(one for one in range(start, len(mine), size) if struct.unpack_from("<I", mine, one)[0] == 1)
    struct.pack_into("<Q", broken, at + 8, struct.unpack_from("<Q", mine, at + 8)[0] + 8)
    assert not elf.loads(bytes(broken))


def test_the_build_is_locked_and_agrees_with_the_program_s_lock() -> None:
    def versions(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==([\w.]+)", path.read_text("utf-8"), re.MULTILINE))

    own, program = versions(HERE / "requirements.lock"), versions(ROOT / "requirements-dev.lock")
    assert "pyinstaller" in own
    assert all(program[name] == own[name] for name in own.keys() & program.keys())
    assert "--hash=sha256:" in (HERE / "requirements.lock").read_text("utf-8")


SITE = Path(np.__file__).parents[1]
LINUX = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="libraries as Linux has them on x86-64"
)
BINUTILS = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("nm", "readelf", "strip")),
    reason="binutils, which a build machine has (packaging/debian.txt), is not installed",
)


def answer(code: str, *words: str | Path, **more: str) -> str:
    """Return what a Python of its own says."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env={**os.environ, **more}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@LINUX
def test_a_library_without_its_debugging_names_is_smaller_and_works(tmp_path: Path) -> None:
    [gdal] = (SITE / "pyogrio.libs").glob("libgdal-*")
    small = tmp_path / gdal.name
    small.write_bytes(elf.compacted(gdal.read_bytes()))
    assert elf.loads(small.read_bytes())
    assert small.stat().st_size < gdal.stat().st_size - 5e6
    code = (
        "import ctypes, sys; gdal = ctypes.CDLL(sys.argv[1]); gdal.GDALVersionInfo.restype = ctypes.c_char_p\n"
        "gdal.GDALAllRegister(); print(gdal.GDALVersionInfo(b'RELEASE_NAME').decode(), gdal.GDALGetDriverCount())"
    )
    assert answer(code, small) == answer(code, gdal)


@LINUX
@BINUTILS
@pytest.mark.parametrize("place", ["llvmlite/binding/libllvmlite.so", "numpy.libs/libscipy_openblas64_*"])
def test_stripped_libraries_still_compile_and_multiply(place: str, tmp_path: Path) -> None:
    [library] = SITE.glob(place)
    shutil.copy2(library, tmp_path)
    elf.strip(tmp_path)
    copy = tmp_path / library.name
    assert copy.stat().st_size < library.stat().st_size
    code = (
        "import ctypes, sys; made = ctypes.CDLL(sys.argv[1], mode=ctypes.RTLD_GLOBAL)\n"
        "if hasattr(made, 'LLVMPY_GetDefaultTargetTriple'): print(bool(made.LLVMPY_GetDefaultTargetTriple))\n"
        "else: made.scipy_cblas_ddot64_.restype = ctypes.c_double; two = (ctypes.c_double * 2)(3, 4); "
        "n, one = ctypes.c_int64(2), ctypes.c_int64(1); print(made.scipy_cblas_ddot64_(n, two, one, two, one))"
    )
    more = {"LD_LIBRARY_PATH": str(library.parent)}
    assert answer(code, copy, **more) == answer(code, library, **more) != ""


_SORTS = """
import functools, sys
from PySide6.QtCore import QCollator, QDate, QDateTime, QLocale, QTime, QTimeZone
words = "z10 z9 \u00e1baco abeja \u00d1u nube oso \u00e9a eb \u00e9cole \u0628 \u0627 \u0915 \u0916".split()
when = QDateTime(QDate(2026, 1, 2), QTime(3, 4), QTimeZone(b"Asia/Kolkata"))
for name in sys.argv[1].split():
    here = QLocale(name)
    order = QCollator(here)
    order.setNumericMode(True)
    print(sorted(words, key=functools.cmp_to_key(order.compare)), here.toUpper("stra\u00dfe i"))
    print(here.toString(when, QLocale.FormatType.LongFormat))
print(open("/proc/self/maps").read().count(sys.argv[2]) > 0)
"""


@LINUX
def test_qt_sorts_and_names_in_our_languages_as_with_all_that_there_are(tmp_path: Path) -> None:
    [data] = (SITE / "PySide6" / "Qt" / "lib").glob("libicudata.so.*")
    shutil.copy2(data, tmp_path)
    icu.smaller(tmp_path / data.name, trim.LANGUAGES)
    assert (tmp_path / data.name).stat().st_size < 0.2 * data.stat().st_size
    languages = " ".join(trim.LANGUAGES)
    said = answer(_SORTS, languages, str(tmp_path), LD_LIBRARY_PATH=str(tmp_path))
    assert said.endswith("True\n")  # this one was read
    assert said == answer(_SORTS, languages, str(data.parent))


_LEFT_OUT = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if any(name == one or name.startswith(one + ".") for one in sys.argv[2].split()):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Nothing())
for line in sys.argv[1].splitlines():
    exec(line)
"""


def test_all_that_the_program_imports_loads_without_what_a_bundle_leaves_out() -> None:
    found = set()
    for path in (ROOT / "cn_planner").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                module = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
                if module.partition(".")[0] in PACKAGES and not getattr(node, "level", 0):
                    found.add(ast.unparse(node))
    assert "from scipy.optimize import minimize" in found
    answer(_LEFT_OUT, "\n".join(sorted(found)), " ".join(trim.MODULES))


PACKAGES = {
    "babel", "fontTools", "highspy", "lxml", "numba", "numpy", "PySide6", "rapidfuzz", "rich", "scipy", "shapely",
    "typer",
}  # fmt: skip


def test_a_proj_reads_a_newer_database_and_no_older_one() -> None:
    assert trim.reads((1, 4), (1, 6))
    assert not trim.reads((1, 6), (1, 4))
    assert not trim.reads((1, 4), (2, 4))


@LINUX
@BINUTILS
def test_one_library_stands_for_another_that_has_no_more_than_is_asked(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.libs", tmp_path / "theirs.libs"
    for folder, found in (
        (tmp_path / "rasterio", SITE.glob("rasterio/_fill.*.so")),
        (mine, SITE.glob("shapely.libs/libgeos*")),
        (theirs, [*SITE.glob("rasterio.libs/libgeos*"), *SITE.glob("rasterio.libs/libgdal*")]),
    ):
        folder.mkdir()
        for path in found:
            shutil.copy2(path, folder)
    [kept], [left] = mine.glob("libgeos_c-*"), theirs.glob("libgeos_c-*")
    assert "GEOSversion" in elf.shared(tmp_path, next(mine.glob("libgeos-*")), left)  # it has none of what GDAL asks
    assert not left.is_symlink()
    assert elf.shared(tmp_path, kept, left) == set()
    trim.unneeded(tmp_path)
    assert {path.name for path in elf.libraries(theirs)} == {path.name for path in theirs.glob("libgdal*")}
    code = (
        "import ctypes, sys; geos = ctypes.CDLL(sys.argv[1]); geos.GEOSversion.restype = ctypes.c_char_p\n"
        "print(geos.GEOSversion().decode())"
    )
    assert answer(code, left).startswith("3.")


def test_italics_that_are_left_out_have_no_letter_of_their_own() -> None:
    letters = {}
    for path in (SITE / "fontpkg_noto_sans" / "files").glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            letters["Italic" in path.name] = set(font.getBestCmap())
    assert letters[True] <= letters[False]
