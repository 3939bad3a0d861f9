"""The disk is full: every act is done whole or refused in words, and works once there is room.

A small file system in memory (tmpfs, which needs the rights of root) has so much room left as a ballast file leaves it.
Without those rights the largest size of a file is limited instead (RLIMIT_FSIZE), in a process of its own.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from deployment_example import example_deployment
from plan_examples import many_homes, village

from cn_planner.errors import PlannerError
from cn_planner.export.files import export_all
from cn_planner.model import edits
from cn_planner.model.plan import Household, Info, Plan
from cn_planner.session.project import Project
from cn_planner.storage.plan_file import PlanFile

DISK_BYTES = 24 << 20
FORMATS = ("csv", "geojson", "gpx", "kmz", "xlsx", "gpkg", "linkplanner")


@dataclass
class Full:
    """What was found at the sizes."""

    sizes: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    stuck: list[str] = field(default_factory=list)
    """Acts that failed otherwise, left something by half, or did not work once there was room."""


def _edit(project: Project) -> None:
    home = Household("h1", f"edit {project.version}", -1.0, 36.0)
    project.apply(edits.put(project.plan, [home]))


def _many(project: Project) -> None:
    table = project.path.parent / "homes.csv"
    project.import_file(table, "households", {})


def _version(project: Project) -> None:
    project.keep_version(replace(project.plan, info=Info(name=f"at {project.version}")), project.version, "2026-01-01")


def _export(project: Project) -> None:
    plan = example_deployment()
    export_all(
        replace(plan, meta=replace(plan.meta, version=project.version)), None, project.path.parent / "out", FORMATS
    )


def _new(project: Project) -> None:
    path = project.path.with_name("new.cnplan.gpkg")
    path.unlink(missing_ok=True)
    Project.create(path, village()).close()


def _reopen(project: Project) -> None:
    Project.open(project.path).close()


ACTS: dict[str, Callable[[Project], object]] = {
    "edit": _edit, "import": _many, "undo": Project.undo, "redo": Project.redo, "keep a version": _version,
    "export": _export, "new plan": _new, "open": _reopen,
}  # fmt: skip


def _whole(folder: Path) -> bool:
    """Return whether the files of an export are of one version, and nothing stands beside them."""
    out = folder / "out"
    if not out.exists():
        return True
    hidden = [one for one in out.iterdir() if one.name.startswith(".")]
    stems = {one.name for one in out.iterdir()} - {one.name for one in hidden}
    return not hidden and len(stems) in (0, len(FORMATS))


def acts_at(
    folder: Path, full: Callable[[], contextlib.AbstractContextManager[object]], where: str, found: Full
) -> None:
    """Do every act where the disk is full, then once there is room again."""
    path = folder / "village.cnplan.gpkg"
    with Project.open(path) as project:
        for name, act in ACTS.items():
            before = (project.plan, project.version, project.history.done)
            problem: BaseException | None = None
            with full():
                try:
                    act(project)
                except PlannerError as error:
                    problem = error
                except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                    found.stuck.append(f"{where} {name}: {error!r}")
                    problem = error
            if problem is None:
                found.done[name] += 1
            elif isinstance(problem, PlannerError):
                found.refused[name] += 1
                said = str(problem).lower()
                if not any(word in said for word in ("disk", "written", "space", "room", "undo", "redo")):
                    found.stuck.append(f"{where} {name}: not in words of a disk: {problem}")
                if (project.plan, project.version, project.history.done) != before:
                    found.stuck.append(f"{where} {name}: refused, and yet changed")
            if not _whole(folder):
                found.stuck.append(f"{where} {name}: an export by half")
            try:
                if problem is not None:
                    act(project)
                if name != "undo":  # what is undone is to be redone next
                    _edit(project)
            except Exception as error:  # noqa: BLE001 - as above
                found.stuck.append(f"{where} after {name}, with room: {error!r}")
        after = (project.plan, project.version)
    with PlanFile.open(path) as file:
        if (file.plan, file.version) != after or file.external_edit is not None:
            found.stuck.append(f"{where}: opened again it is another plan")
    left = [one.name for one in folder.iterdir() if one.name.startswith(".") or "-journal" in one.name]
    if left:
        found.stuck.append(f"{where}: left behind {left}")


@contextlib.contextmanager
def small_disk() -> Iterator[Path | None]:
    """Mount a small file system; None where that is not allowed."""
    with tempfile.TemporaryDirectory(prefix="full-") as name:
        folder = Path(name)
        mount = shutil.which("mount")
        words = [mount or "", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(folder)]
        if mount is None or subprocess.run(words, capture_output=True, check=False).returncode:
            yield None
            return
        try:
            yield folder
        finally:
            subprocess.run([shutil.which("umount") or "umount", str(folder)], check=False)


def prepare(folder: Path) -> None:
    """Put a village and a table of homes into a folder."""
    with PlanFile.create(folder / "village.cnplan.gpkg", Plan(), overwrite=True) as file:
        file.commit(edits.put(file.plan, many_homes(50)))
        file.commit(edits.put(file.plan, [Household("h1", "one", -1.0, 36.0)]))
        file.undo()
    rows = [f"i{n},home {n},{-1.0 - n * 1e-5},{36.0 + n * 1e-5}" for n in range(400)]
    (folder / "homes.csv").write_text("id,name,latitude,longitude\n" + "\n".join(rows) + "\n", encoding="utf-8")


def _ballast(folder: Path, leave: int) -> Callable[[], contextlib.AbstractContextManager[object]]:
    @contextlib.contextmanager
    def full() -> Iterator[None]:
        ballast = folder / "ballast"
        free = os.statvfs(folder)
        with ballast.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, max(free.f_bavail * free.f_frsize - leave, 1))
        try:
            yield
        finally:
            ballast.unlink()

    return full


def _limited(most: int) -> Callable[[], contextlib.AbstractContextManager[object]]:
    @contextlib.contextmanager
    def full() -> Iterator[None]:
        sys.dont_write_bytecode = True  # half a file of Python's own would stay for good
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))

    return full


def sizes(count: int) -> list[int]:
    """Return bytes that are left: closely at first, where single pages decide, then further apart."""
    near = [4096 * n for n in range(count // 2)]
    return near + [4096 * (count // 2 + 5 * n) for n in range(count - len(near))]


def at_sizes(left: list[int], *, mounted: bool = True) -> Full:
    """Do every act where so many bytes are left."""
    found = Full()
    with small_disk() if mounted else contextlib.nullcontext() as disk:
        for leave in left:
            found.sizes += 1
            if disk is not None:
                for one in disk.iterdir():
                    shutil.rmtree(one) if one.is_dir() else one.unlink()
                prepare(disk)
                acts_at(disk, _ballast(disk, leave), f"{leave} bytes left,", found)
            else:
                with tempfile.TemporaryDirectory(prefix="full-") as name:
                    prepare(Path(name))
                    acts_at(Path(name), _limited(leave + 8192), f"files up to {leave + 8192} bytes,", found)
    return found


def run(count: int) -> bool:
    """Print what was found at so many sizes; return whether nothing was stuck."""
    found = at_sizes(sizes(count))
    print(f"{found.sizes} sizes\n| act | done | refused in words |\n|---|---|---|")
    for name in ACTS:
        print(f"| {name} | {found.done[name]} | {found.refused[name]} |")
    print(f"stuck: {len(found.stuck)}")
    for line in found.stuck[:40]:
        print(line)
    sys.stdout.flush()
    return not found.stuck
