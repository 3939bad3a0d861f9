"""The packages of a bundle's folder: what a person downloads and opens, a form a function."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import shutil
import subprocess
import tarfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HERE = Path(__file__).resolve().parent
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
DEPENDS = "libc6 (>= 2.36), libgl1, libegl1, libfontconfig1, libx11-6, libxcb1"
"""What a bundle leaves to the system: what belongs to its screen and its kernel."""

_WINDOW = 128 << 20
"""How far back what repeats is found, bytes: a computer that unpacks has to hold as much."""

Entries = list[tuple[str, Path]]


def entries(folder: Path, out: Path, share: str, inside: str) -> Entries:
    """Return what is put where, of a system's folders: the bundle, its icon, its kind of file."""
    found = [
        (f"{inside}/{path.relative_to(folder).as_posix()}", path)
        for path in sorted(folder.rglob("*"), key=alike)
        if path.is_symlink() or path.is_file()
    ]
    found += [(f"{share}/applications/cn-planner.desktop", HERE / "cn-planner.desktop")]
    found += [(f"{share}/mime/packages/cn-planner.xml", HERE / "cn-planner.xml")]
    pictures = [(f"{size}x{size}", out / "made" / f"cn-planner-{size}.png") for size in SIZES]
    pictures.append(("scalable", HERE.parent / "resources" / "icons" / "cn-planner.svg"))
    for size, path in pictures:
        found.append((f"{share}/icons/hicolor/{size}/apps/cn-planner{path.suffix}", path))
    return found


def alike(path: Path) -> tuple[str, str, Path]:
    """Return what files are sorted by, so that those which resemble each other lie side by side: kind, then name."""
    return ".so" if ".so" in path.suffixes else path.suffix, path.name, path


def put(archive: tarfile.TarFile, items: Iterable[tuple[str, Path]]) -> None:
    """Add files as root's, folders before them, with no trace of who built them."""
    folders = set[Path]()
    for name, path in items:
        start = "./" if name.startswith("./") else ""
        for parent in reversed(Path(name).parents[:-1]):
            if parent not in folders:
                folders.add(parent)
                made = tarfile.TarInfo(start + parent.as_posix())
                made.type, made.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(made)
        info = archive.gettarinfo(path, name)
        info.uid = info.gid = 0
        info.mtime = int(info.mtime)
        info.uname = info.gname = "root"
        info.mode = 0o777 if info.issym() else 0o755 if os.access(path, os.X_OK) else 0o644
        if info.isreg():
            with path.open("rb") as stream:
                archive.addfile(info, stream)
        else:
            archive.addfile(info)


@contextmanager
def archive_of(to: Path | io.BytesIO, preset: int = 6) -> Iterator[tarfile.TarFile]:
    """Make an archive that dpkg reads: it refuses the headers that Python writes by default (deb(5), "tar").

    Most of a bundle is machine code for x86, whose jumps the first filter makes alike. At preset 1 it is packed fast.
    """
    window = {"dict_size": _WINDOW} if preset > 1 else {}
    filters = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": preset, **window}]
    with (
        lzma.open(to, "wb", filters=filters) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        yield archive


def text(archive: tarfile.TarFile, name: str, words: str, mode: int = 0o644) -> None:
    """Add a file with words of its own."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(words.encode()), mode
    archive.addfile(info, io.BytesIO(words.encode()))


def tar(folder: Path, out: Path, version: str, preset: int) -> list[Path]:
    """Pack a folder named by its version: unpacked anywhere, two beside each other."""
    made = out / f"cn-planner-{version}-linux-x86_64.tar.xz"
    top = f"cn-planner-{version}"
    with archive_of(made, preset) as archive:
        put(archive, entries(folder, out, f"{top}/share", top))
    return [made]


def deb(folder: Path, out: Path, version: str, preset: int) -> list[Path]:
    """Make a package of Debian: an archive of three members (manual page deb, section 5)."""
    link = out / "work" / "command"
    link.unlink(missing_ok=True)
    link.symlink_to("../lib/cn-planner/cn-planner")
    items = [*entries(folder, out, "./usr/share", "./usr/lib/cn-planner"), ("./usr/bin/cn-planner", link)]
    control, data = io.BytesIO(), io.BytesIO()
    with archive_of(data, preset) as archive:
        put(archive, items)
    sums = "".join(
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {name[2:]}\n"
        for name, path in items if not path.is_symlink()
    )  # fmt: skip
    size = sum(path.stat().st_size for _, path in items if not path.is_symlink()) // 1024
    with archive_of(control) as archive:
        text(archive, "./control", (
            f"Package: cn-planner\nVersion: {version}\nArchitecture: amd64\nSection: science\nPriority: optional\n"
            f"Maintainer: CN Planner contributors <noreply@example.org>\nInstalled-Size: {size}\nDepends: {DEPENDS}\n"
            "Description: plan a village's own network\n Homes and hills go in; out come towers, links, costs and the\n"
            " papers to build from. Works without the Internet.\n"
        ))  # fmt: skip
        text(archive, "./md5sums", sums)
    made = out / f"cn-planner_{version}_amd64.deb"
    with made.open("wb") as stream:
        stream.write(b"!<arch>\n")
        for name, body in (
            ("debian-binary", b"2.0\n"),
            ("control.tar.xz", control.getvalue()),
            ("data.tar.xz", data.getvalue()),
        ):
            stream.write(
                f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(body):<10}`\n".encode()
                + body
                + b"\n" * (len(body) % 2)
            )
    return [made]


def appimage(folder: Path, out: Path, version: str, preset: int) -> list[Path]:
    """Make the folder of an AppImage; and the AppImage where its runtime is at hand.

    An AppImage of type 2 is the runtime with a squashfs behind it (AppImage specification, "Type 2 image format"). The
    runtime is named by ``APPIMAGE_RUNTIME``; it is published by the AppImage project and no part of this one.
    """
    made = out / "CN_Planner.AppDir"
    shutil.rmtree(made, ignore_errors=True)
    for name, path in entries(folder, out, "usr/share", "usr/lib/cn-planner"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, made / name, follow_symlinks=False)
    (made / "AppRun").symlink_to("usr/lib/cn-planner/cn-planner")
    shutil.copy2(HERE / "cn-planner.desktop", made)
    shutil.copy2(out / "made" / "cn-planner-256.png", made / "cn-planner.png")
    (made / ".DirIcon").symlink_to("cn-planner.png")
    runtime = os.environ.get("APPIMAGE_RUNTIME")
    if not runtime or shutil.which("mksquashfs") is None:
        print("No AppImage: it needs mksquashfs, and a runtime named by APPIMAGE_RUNTIME. Its folder is made.")
        return [made]
    image, whole = out / "work" / "image.squashfs", out / f"CN_Planner-{version}-x86_64.AppImage"
    image.unlink(missing_ok=True)
    packing = ["-comp", "zstd"] if preset > 1 else ["-comp", "gzip", "-Xcompression-level", "1"]
    subprocess.run(
        ["mksquashfs", made, image, "-root-owned", "-noappend", "-quiet", "-no-progress", *packing], check=True
    )
    whole.write_bytes(Path(runtime).read_bytes() + image.read_bytes())
    whole.chmod(0o755)
    return [whole]


def zipped(folder: Path, out: Path, version: str, preset: int) -> list[Path]:
    """Pack a folder to unpack, for Windows."""
    made = out / f"cn-planner-{version}-windows-x86_64.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=preset) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"cn-planner-{version}/{path.relative_to(folder).as_posix()}")
    return [made]


def installer(folder: Path, out: Path, version: str, preset: int) -> list[Path]:  # noqa: ARG001 - a form's parameters
    """Make an installer for one person of Windows, without an administrator, by Inno Setup."""
    words = [f"/DVersion={version}", f"/DFolder={folder}", f"/DMade={out / 'made'}", f"/O{out}", HERE / "windows.iss"]
    subprocess.run([shutil.which("iscc") or "iscc", "/Q", *words], check=True)
    return [out / f"cn-planner-{version}-setup.exe"]


def dmg(folder: Path, out: Path, version: str, preset: int) -> list[Path]:  # noqa: ARG001 - a form's parameters
    """Make a disk image for macOS, with the folder of the programs beside ours."""
    stage, made = out / "stage", out / f"cn-planner-{version}-macos-arm64.dmg"
    shutil.rmtree(stage, ignore_errors=True)
    app = folder.parents[1]
    shutil.copytree(app, stage / app.name, symlinks=True)
    (stage / "Applications").symlink_to("/Applications")
    subprocess.run(
        ["hdiutil", "create", "-quiet", "-ov", "-volname", "CN Planner", "-srcfolder", stage, made], check=True
    )
    return [made]


FORMS: dict[str, tuple[str, Callable[[Path, Path, str, int], list[Path]]]] = {
    "tar": ("linux", tar),
    "deb": ("linux", deb),
    "appimage": ("linux", appimage),
    "zip": ("win32", zipped),
    "installer": ("win32", installer),
    "dmg": ("darwin", dmg),
}
