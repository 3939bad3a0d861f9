"""The whole of ``plan`` on real places: what it finds, how near it is to the bound, how long it takes, who is silent.

    python benchmarks/places.py [DATA_FOLDER] --case bergueda --seconds 60
    python benchmarks/places.py --case gulu:5000x200 --seconds 300 --cover 0.95

Cases: ``bergueda`` (the working nodes of a community network on its supernodes); ``gulu:HxS`` (every so many-th
building, on the highest ground of the S squares with most of them); ``cape:HxS`` (hamlets drawn on gentle ground as
`instances` draws them, on hilltops).

Homes that are called served and are silent are those that the plan's own channels leave without a rate, counted by the
channel plan as it stands in the file.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from instances import _KINDS, Kind, _ground, _homes, _sites

from cn_planner.terrain.surface import Surface

_CENTRES = {"cape": ("S33E018.hgt.zip", (-32.35, 18.95), "ZA")}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, columns: list[str], lines: list[list[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *lines])
    return path


def _command(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "cn_planner.cli.main", *map(str, words)], check=True, capture_output=True)


def _made(
    plan: Path, country: str, dems: list[Path], towers: list[list[object]], homes: list[list[object]], words: list[str]
) -> None:
    place = ["id", "latitude", "longitude"]
    _command("new", plan, "--name", plan.stem, "--country", country)
    _command("terrain", plan, *dems)
    _command("import", plan, _write(plan.with_suffix(".sites.csv"), [*place, "role"], towers), "--as", "sites")
    _command("import", plan, _write(plan.with_suffix(".homes.csv"), place, homes), "--as", "households")
    _command("set", plan, *words)


def _bergueda(data: Path, plan: Path, _size: str) -> None:
    nodes = _rows(data / "networks/bergueda_nodes.csv")
    links = [row for row in _rows(data / "networks/bergueda_links.csv") if row["status"] == "Working"]
    joined = Counter(end for link in links for end in (link["from"], link["to"]))
    gateway = max(joined, key=lambda node: (joined[node], node))
    towers: list[list[object]] = []
    homes: list[list[object]] = []
    for row in nodes:
        place: list[object] = [row["id"], row["latitude_deg"], row["longitude_deg"]]
        if row["kind"] == "Supernode":
            towers.append([*place, "gateway" if row["id"] == gateway else "candidate"])
        elif row["status"] == "Working":
            homes.append(place)
    dems = [data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")]
    _made(plan, "ES", dems, towers, homes, ["canopy_m=0"])


def _gulu(data: Path, plan: Path, size: str) -> None:
    wanted, places_wanted = (int(one) for one in size.split("x"))
    dem = data / "terrain/gulu_elevation_155m.tif"
    buildings = _rows(data / "households/gulu_buildings.csv")
    chosen = np.unique(np.linspace(0, len(buildings) - 1, wanted).astype(int))
    every = [buildings[n] for n in chosen.tolist()]
    places = np.array([[float(row["latitude_deg"]), float(row["longitude_deg"])] for row in every])
    surface = Surface.open([dem])
    square = 0.05
    while len(set(map(tuple, np.floor(places / square).astype(int).tolist()))) < places_wanted:
        square *= 0.9
    squares = Counter(map(tuple, np.floor(places / square).astype(int).tolist()))
    fullest = sorted(squares, key=lambda key: (-squares[key], key))[:places_wanted]
    towers: list[list[object]] = []
    for number, (row, column) in enumerate(fullest):
        fine = (np.arange(40) + 0.5) / 40.0 * square
        lats, lons = np.meshgrid(row * square + fine, column * square + fine, indexing="ij")
        height = np.nan_to_num(surface.heights(lats, lons), nan=-1.0)
        top = np.unravel_index(int(np.argmax(height)), height.shape)
        towers.append([f"S{number:03d}", float(lats[top]), float(lons[top]), "candidate" if number else "gateway"])
    homes = [[row["id"], *place] for row, place in zip(every, places.tolist(), strict=True)]
    _made(plan, "UG", [dem], towers, homes, ["canopy_m=8"])


def _drawn(data: Path, plan: Path, size: str, key: str) -> None:
    name, centre, country = _CENTRES[key]
    homes_wanted, sites_wanted = (int(one) for one in size.split("x"))
    kind = Kind(32.0, sites_wanted, homes_wanted, (2, 2), (4, 6), _KINDS["valley"].heights)
    surface, rng = Surface.open([data / "terrain" / name]), np.random.default_rng(1)
    ground = _ground(surface, centre, kind.box_km)
    homes, hamlets = _homes(rng, ground, kind)
    sites, gateway = _sites(rng, surface, ground, kind, homes, hamlets)
    towers: list[list[object]] = [
        [f"S{n:03d}", float(at[0]), float(at[1]), "gateway" if gate else "candidate"]
        for n, (at, gate) in enumerate(zip(sites, gateway, strict=True))
    ]
    people: list[list[object]] = [[f"H{n:04d}", float(at[0]), float(at[1])] for n, at in enumerate(homes)]
    _made(plan, country, [data / "terrain" / name], towers, people, ["canopy_m=0"])


def make(case: str, data: Path, plan: Path) -> None:
    """Write the plan file of a case."""
    key, _, size = case.partition(":")
    if key == "bergueda":
        _bergueda(data, plan, size)
    elif key == "gulu":
        _gulu(data, plan, size)
    else:
        _drawn(data, plan, size, key)


def run(plan: Path, words: list[str]) -> tuple[dict[str, Any], float, float, float]:
    """Return what ``plan --json`` prints, with wall seconds, seconds of processor, and the most memory, MB."""
    command = [sys.executable, "-m", "cn_planner.cli.main", "plan", str(plan), *words, "--json"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode:
        print(done.stderr[-3000:])
    return json.loads(done.stdout or "{}"), took, busy, after.ru_maxrss / 1024.0


def silent(plan: Path) -> tuple[float, int]:
    """Return the homes that the plan's own channels cut off, and the users that carry too little."""
    words = [sys.executable, "-m", "cn_planner.cli.main", "channels", str(plan), "--keep", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-2000:])
        return float("nan"), -1
    found = json.loads(done.stdout)
    return float(len(found["silent"])), len(found["short"])


def main() -> int:
    """Run and print a line a case."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    words.add_argument("--case", action="append", required=True)
    words.add_argument("--seconds", default="60")
    words.add_argument("--cover", default="0.95")
    words.add_argument("--keep", type=Path, help="folder for the plan files; those that are there are used")
    asked = words.parse_args()
    print(
        "case | limit s | status | served of coverable | capital | bound | gap % | wall s | cpu s | MB | silent, short"
    )
    with tempfile.TemporaryDirectory() as folder:
        for case in asked.case:
            plan = (asked.keep or Path(folder)) / f"{case.replace(':', '-')}.cnplan.gpkg"
            if not plan.exists():
                make(case, asked.data, plan)
            for seconds in asked.seconds.split(","):
                copy = Path(folder) / f"run-{os.getpid()}.cnplan.gpkg"
                copy.write_bytes(plan.read_bytes())
                limit = [] if seconds == "none" else ["--time-limit", seconds]
                found, took, busy, most = run(copy, ["--cover", asked.cover, *limit])
                gap = found.get("gap")
                cut, short = silent(copy) if found.get("sites") else (float("nan"), -1)
                print(
                    case, seconds, found.get("status"), f"{found.get('served')} of {found.get('coverable')}",
                    found.get("capex"), found.get("lower_bound"), "-" if gap is None else f"{100 * gap:.2f}",
                    f"{took:.1f}", f"{busy:.1f}", f"{most:.0f}", f"{cut:g}, {short}",
                    sep=" | ", flush=True,
                )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
