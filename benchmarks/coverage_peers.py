"""The peers that benchmarks/coverage.py runs: GDAL, GRASS, SPLAT! and Signal-Server. Not run by itself.

GDAL, GRASS and SPLAT! are packages of Debian (gdal-bin, grass-core, splat). Signal-Server is built from its source; its
programs (`signalserver`, `signalserverHD`) are looked for like the others. Nothing of a peer belongs to this project.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = {
    "GDAL": "gdal_viewshed",
    "GRASS": "grass",
    "SPLAT!": "splat",
    "SPLAT! HD": "splat-hd",
    "Signal-Server": "signalserver",
    "Signal-Server HD": "signalserverHD",
}
OUTPUT = {
    "GDAL": (["--version"], r"GDAL ([\d.]+)"),
    "GRASS": (["--version"], r"GRASS GIS ([\d.]+)"),
    "SPLAT!": ([], r"SPLAT! v([\d.]+)"),
    "Signal-Server": ([], r"Signal Server ([\d.]+)"),
}


class Tower(NamedTuple):
    """Where the antenna stands: degrees, and metres above ground."""

    latitude: float
    longitude: float
    height_m: float


class Losses(NamedTuple):
    """A peer's loss map: places, degrees, and dB."""

    latitude: np.ndarray
    longitude: np.ndarray
    loss_db: np.ndarray


@dataclass(frozen=True)
class Peers:
    """The peers' programs. ``folder`` is looked into before PATH; with ``wanted`` False none is run."""

    folder: str = ""
    wanted: bool = True

    def program(self, name: str) -> str | None:
        """Return where a peer's program is, or None."""
        path = os.pathsep.join(part for part in (self.folder, os.environ.get("PATH", "")) if part)
        return shutil.which(NAMES[name], path=path) if self.wanted else None

    def absent(self) -> list[str]:
        """Return the names of those that are wanted and not installed."""
        return [name for name in NAMES if self.wanted and self.program(name) is None]

    def versions(self) -> list[str]:
        """Return name and version of each that is installed."""
        found = []
        for name, (words, pattern) in OUTPUT.items():
            program = self.program(name)
            if program is not None:
                told = subprocess.run([program, *words], capture_output=True, text=True, errors="replace", check=False)
                number = re.search(pattern, told.stdout + told.stderr)
                found.append(f"{name} {number[1]}" if number else name)
        return found


def run(words: Iterable[object], **more: Any) -> float:
    """Return the seconds of a process that must succeed."""
    start = time.perf_counter()
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, **more)  # fmt: skip
    return time.perf_counter() - start


def gdal(program: str, dem: Path, out: Path, place: tuple[float, float, float], radius_m: float) -> float:
    """Run gdal_viewshed for a tower at (easting, northing, height); 0.75 is its way to say k = 4/3."""
    east, north, height_m = place
    return run([program, "-q", "-ox", east, "-oy", north, "-oz", height_m, "-tz", 6, "-md", radius_m, "-cc", 0.75,
                dem, out])  # fmt: skip


def grass(
    program: str, dem: Path, folder: Path, places: list[tuple[float, float, float]], radius_m: float
) -> tuple[float, Path]:
    """Return the seconds of r.viewshed, summed over towers, without reading the file, and the first one's raster."""
    out, clock = folder / "grass.tif", folder / "seconds.txt"
    lines = ["set -e", f"r.in.gdal -o input={dem} output=dem --quiet --overwrite", "g.region raster=dem",
             f"date +%s.%N > {clock}"]  # fmt: skip
    lines += [
        f"r.viewshed -c -r -b input=dem output=v{n} coordinates={east},{north} observer_elevation={height} "
        f"target_elevation=6 max_distance={radius_m} refraction_coeff=0.25 memory=2000 --quiet --overwrite"
        for n, (east, north, height) in enumerate(places)
    ]
    lines += [f"date +%s.%N >> {clock}", f"r.out.gdal input=v0 output={out} type=Int16 --quiet --overwrite"]
    script = folder / "viewshed.sh"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run([program, "--text", "-c", "EPSG:32619", folder / "location", "--exec", "bash", script],
        env={**os.environ, "GRASS_BATCH_JOB": "1"})  # fmt: skip
    begun, ended = map(float, clock.read_text(encoding="utf-8").split())
    return ended - begun, out


def splat_data(peers: Peers, tiles: list[Path], folder: Path, tower: Tower, *, hd: bool) -> None:
    """Make what SPLAT! and Signal-Server read: terrain from .hgt (or zipped .hgt), the tower, the model's figures."""
    program = peers.program("SPLAT! HD" if hd else "SPLAT!")
    assert program is not None, "srtm2sdf, which comes with SPLAT!, makes the terrain"
    convert = Path(program).with_name("srtm2sdf-hd" if hd else "srtm2sdf")
    for tile in tiles:
        if tile.suffix == ".zip":
            with zipfile.ZipFile(tile) as packed:
                (name,) = packed.namelist()
                packed.extract(name, folder)
        else:
            name = tile.name
            shutil.copyfile(tile, folder / name)
        run([convert, name], cwd=folder)
    for made in list(folder.glob("*:*.sdf")):
        os.link(made, made.with_name(made.name.replace(":", "_")))  # newer builds of Signal-Server look for these
    lines = ["tower", f"{tower.latitude}", f"{-tower.longitude}", f"{tower.height_m} m"]
    (folder / "tower.qth").write_text("\n".join(lines) + "\n", encoding="ascii")
    lines = ["15.000", "0.005", "301.000", "5800.0", "5", "1", "0.50", "0.50", "0.0"]
    (folder / "tower.lrp").write_text("\n".join(lines) + "\n", encoding="ascii")


def splat(program: str, folder: Path, radius_km: float, rounds: int) -> tuple[float, Losses]:
    """Return the least seconds of SPLAT! for a map of loss by ITM, and its losses, from one more run."""
    words = [program, "-t", "tower.qth", "-L", 6, "-R", radius_km, "-metric", "-olditm", "-N", "-o", "map", "-d", "."]
    taken = min(run(words, cwd=folder) for _ in range(rounds))
    run([*words, "-ano", "loss.txt"], cwd=folder)
    text = (folder / "loss.txt").read_text(encoding="ascii").replace("*", "")
    latitude, west, loss_db = np.loadtxt(io.StringIO(text), delimiter=",", skiprows=2, usecols=(0, 1, 4)).T
    return taken, Losses(latitude, -west, loss_db)


def splat_sight(program: str, folder: Path, radius_km: float) -> float:
    """Return the seconds of SPLAT! for a map of what is seen."""
    return run([program, "-t", "tower.qth", "-c", 6, "-R", radius_km, "-metric", "-m", 4 / 3, "-N", "-o", "sight",
                "-d", "."], cwd=folder)  # fmt: skip


def signal_server(
    program: str, folder: Path, tower: Tower, radius_km: float, points: int, rounds: int
) -> tuple[float | None, str, Losses | None]:
    """Return the least seconds of Signal-Server by ITM, with and without its threads, a word on it, and its losses.

    Its picture has a colour for each 10 dB; a loss here is the middle of those. A crash is no end of the benchmark: it
    is told.
    """
    words = [program, "-sdf", ".", "-lat", tower.latitude, "-lon", tower.longitude, "-txh", tower.height_m, "-rxh", 6,
             "-m", "-f", 5800, "-erp", 0, "-cl", 5, "-terdic", 15, "-tercon", 0.005, "-rel", 50, "-conf", 50, "-pm", 1,
             "-R", radius_km, "-res", points]  # fmt: skip
    best: float | None = None
    how, crashed, losses = "", [], None
    for way, option in (("its threads", []), ("one thread", ["-nothreads"])):
        pictures = []
        for n in range(rounds):
            name = f"{way.replace(' ', '-')}-{n}"
            start = time.perf_counter()
            done = subprocess.run([str(word) for word in (*words, *option, "-o", name)], cwd=folder, check=False,
                                  capture_output=True, text=True, errors="replace",
                                  stdin=subprocess.DEVNULL)  # fmt: skip
            taken = time.perf_counter() - start
            picture = folder / f"{name}.ppm"
            if done.returncode != 0 or not picture.exists():
                crashed.append(way)
                break
            pictures.append(picture.read_bytes())
            if best is None or taken < best:
                best, how = taken, way
                losses = _painted(pictures[-1], folder / f"{name}.lcf", done.stdout + done.stderr)
        if len(set(pictures)) > 1:
            how += ", its rounds paint different maps"
    told = "; ".join([*([f"with {how}"] if how else []), *(f"crashes with {way}" for way in crashed)])
    return best, told, losses


def _painted(picture: bytes, legend: Path, told: str) -> Losses | None:
    """Return the losses that a picture shows, one a pixel; None where its bounds are not told."""
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", picture)
    bounds = re.search(r"(-?[\d.]+)\s*\|\s*(-?[\d.]+)\s*\|\s*(-?[\d.]+)\s*\|\s*(-?[\d.]+)", told)
    if head is None or bounds is None or not legend.exists():
        return None
    width, height = int(head[1]), int(head[2])
    north, east, south, west = map(float, bounds.groups())
    pixels = np.frombuffer(picture, np.uint8, offset=head.end()).reshape(height, width, 3).astype(np.int32)
    coded = (pixels[..., 0] << 16) | (pixels[..., 1] << 8) | pixels[..., 2]
    loss_db = np.full(coded.shape, np.nan)
    for line in re.findall(r"^\s*(\d+):\s*(\d+),\s*(\d+),\s*(\d+)", legend.read_text(encoding="ascii"), re.MULTILINE):
        level, red, green, blue = map(int, line)
        loss_db[coded == (red << 16) | (green << 8) | blue] = level - 5.0
    rows, columns = np.nonzero(np.isfinite(loss_db))
    latitude = north + (south - north) * (rows + 0.5) / height
    longitude = west + (east - west) * (columns + 0.5) / width
    return Losses(latitude, longitude, loss_db[rows, columns])
