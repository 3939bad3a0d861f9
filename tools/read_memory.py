"""What reading takes: every honest file of a folder, and what the program itself writes, each by the command line.

    python3 tools/read_memory.py ../shared/data

The bars: 250 MB for the whole tree of processes; of the program's own exports a second, and nothing lost that the
format can hold.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from tree_memory import taken_by

MOST_MB, MOST_S = 250.0, 1.0
_PROGRAM = (sys.executable, "-c", "from cn_planner.cli.main import main; main()")
_FORMATS = "kmz,geojson,gpx,gpkg,xlsx,csv"
_AS = {"households": "households", "networks": "sites", "projectfiles": "sites", "osm": "households"}


def own_exports(sample: Path, folder: Path) -> list[tuple[Path, str]]:
    """Write the plan in every format that can be read again; return the files, and as what each is read."""
    out = folder / "exports"
    taken_by([*_PROGRAM, "export", str(sample), "--to", str(out), "--formats", _FORMATS], most_s=600.0)
    places = {"homes.csv": "households", "sites.csv": "sites"}  # the other tables hold no places
    kinds = dict.fromkeys((".kmz", ".gpx", ".gpkg", ".xlsx", ".geojson"), "sites")
    found = [(path, places.get(path.name) or kinds.get(path.suffix, "")) for path in sorted(out.rglob("*"))]
    return [(path, kind) for path, kind in found if kind]


def commands_of(data: Path) -> list[tuple[Path, list[str]]]:
    """Return the honest files, each with the command that reads it."""
    found: list[tuple[Path, list[str]]] = []
    for path in sorted(data.rglob("*")):
        room = path.relative_to(data).parts[0]
        if path.is_dir() or path.suffix in {".md", ".py", ".tfw"}:
            continue
        if room in ("terrain", "bench") and path.suffix in {".zip", ".tif", ".hgt"}:
            land = ["--as", "land-cover"] if "landcover" in path.name else []
            found.append((path, ["terrain", "{plan}", str(path), *land]))
        elif room == "basemap":
            found.append((path, ["base-map", "{plan}", str(path)]))
        elif room in _AS and path.suffix in {".csv", ".kml", ".kmz", ".pbf", ".gz", ".gpx", ".gpkg", ".geojson"}:
            found.append((path, ["import", "{plan}", str(path), "--as", _AS[room], "--skip-bad"]))
            if room == "osm":
                found.append((path, ["base-map", "{plan}", str(path)]))
    return found


def timed_import(plan: Path, path: Path, kind: str) -> tuple[float, int]:
    """Return how long an import takes in a program that runs already, and how many things came back."""
    from cn_planner.session.project import Project

    with Project.open(plan) as project:
        begun = time.perf_counter()
        found = project.import_file(path, kind, {})
        return time.perf_counter() - begun, len(found.things)


def main() -> int:
    """Print the table; return 1 where a bar is missed."""
    from cn_planner.errors import PlannerError
    from cn_planner.session.sample import open_sample

    bad = 0
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        open_sample(folder / "sample").close()
        for path, command in commands_of(Path(sys.argv[1])):
            plan = folder / "plan" / "sample-valley.cnplan.gpkg"
            shutil.copytree(folder / "sample", plan.parent)
            took = taken_by([*_PROGRAM, *(one.format(plan=plan) for one in command)], most_s=300.0)
            shutil.rmtree(plan.parent)
            bad += took.megabytes > MOST_MB
            said = (took.words.strip().splitlines() or [""])[-1]
            print(
                f"{path.name:36} {command[0]:9} {took.status} {took.busy_s:5.1f} s {took.megabytes:5.0f} MB",
                said[:90],
                flush=True,
            )
        for path, kind in own_exports(folder / "sample" / "sample-valley.cnplan.gpkg", folder):
            plan = folder / "plan" / "sample-valley.cnplan.gpkg"
            shutil.copytree(folder / "sample", plan.parent)
            command = ["import", str(plan), str(path), "--as", kind, "--skip-bad"]
            took = taken_by([*_PROGRAM, *command], most_s=300.0)
            shutil.rmtree(plan.parent)
            shutil.copytree(folder / "sample", plan.parent)
            try:
                seconds, count = timed_import(plan, path, kind)
                said = f"{count} {kind}"
            except PlannerError as problem:
                seconds, said = 0.0, str(problem)
            shutil.rmtree(plan.parent)
            bad += took.megabytes > MOST_MB or seconds > MOST_S
            print(
                f"{path.name:36} own       {took.status} {seconds:5.2f} s {took.megabytes:5.0f} MB",
                said[:90],
                flush=True,
            )
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
