"""Every format by its name, and the one way in which files are put into a folder: each whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import wait
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cn_planner.errors import FileError, InputError
from cn_planner.export.text import slug
from cn_planner.export.words import in_words
from cn_planner.message import msg
from cn_planner.progress import part, silent
from cn_planner.report.privacy import for_public, redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from cn_planner.model.plan import Plan
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.terrain.surface import Surface

    Writer: TypeAlias = Callable[[DeploymentPlan, Surface | None, Path, Progress, CancelToken | None], None]


def _pdf(
    plan: DeploymentPlan, surface: Surface | None, path: Path, progress: Progress, cancel: CancelToken | None
) -> None:
    from cn_planner.export.pdf import write_pdf

    write_pdf(plan, surface, path, obstacles=plan.obstacles, progress=progress, cancel=cancel)


def _cards(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, cancel: CancelToken | None) -> None:
    from cn_planner.export.pdf import render_cards

    path.write_bytes(render_cards(plan, cancel=cancel))


def _tables(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, cancel: CancelToken | None) -> None:
    from cn_planner.export.pdf import render_tables

    volume = render_tables(plan, cancel=cancel)
    if volume is not None:
        path.write_bytes(volume)


def _html(
    plan: DeploymentPlan, surface: Surface | None, path: Path, progress: Progress, cancel: CancelToken | None
) -> None:
    from cn_planner.export.page import write_page

    write_page(plan, surface, path, progress=progress, cancel=cancel)


def _xlsx(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.xlsx import write_xlsx

    write_xlsx(plan, path)


def _kmz(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.kmz import write_kmz

    write_kmz(plan, path)


def _geojson(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.geojson import write_geojson

    write_geojson(plan, path)


def _gpx(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.gpx import write_gpx

    write_gpx(plan, path)


def _gpkg(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.gpkg import write_gpkg

    write_gpkg(plan, path)


def _linkplanner(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.linkplanner import write_linkplanner

    write_linkplanner(plan, path)


def _geotiff(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.geotiff import write_reach

    write_reach(plan, path)


def _csv(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.csv_files import write_csv

    path.mkdir()
    write_csv(plan, path)


def _settings(plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
    from cn_planner.export.router_drafts import write_settings

    path.mkdir()
    write_settings(plan, path)


FORMATS: dict[str, tuple[str, Writer]] = {
    "pdf": (".pdf", _pdf),
    "tables": ("-tables.pdf", _tables),
    "cards": ("-cards.pdf", _cards),
    "html": (".html", _html),
    "xlsx": (".xlsx", _xlsx),
    "kmz": (".kmz", _kmz),
    "geojson": (".geojson", _geojson),
    "gpx": (".gpx", _gpx),
    "csv": ("-csv", _csv),
    "gpkg": (".gpkg", _gpkg),
    "geotiff": ("-coverage.tif", _geotiff),
    "linkplanner": ("-linkplanner.csv", _linkplanner),
    "settings": ("-settings", _settings),
}
"""What stands after the plan's name, and the writer. ``csv`` is a folder with one file a table, ``settings`` one with a
draft a device."""
_TYPESET = frozenset({"pdf", "tables", "cards"})
"""What a process of its own sets."""
PLAN = "plan"
"""The redacted copy of the plan file: written where it is asked for by its name."""
PLAN_SUFFIX = "-public.cnplan.gpkg"
NAMES = (*FORMATS, PLAN)


def check_request(folder: Path, formats: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the formats that are wanted, and make the folder, before any work is done for them.

    Raises
    ------
    InputError
        Where a format is not known, or none is named.
    FileError
        Where the folder cannot be made or written to.
    """
    wanted = tuple(FORMATS) if formats is None else tuple(dict.fromkeys(name.lower() for name in formats))
    there_are = msg("There are {names}.", names=", ".join(NAMES))
    if not wanted:
        raise InputError(msg("No format is named."), fix=there_are)
    for name in wanted:
        if name not in NAMES:
            raise InputError(msg("There is no format {name}.", name=name), fix=there_are)
    with in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    return wanted


def export_all(
    plan: DeploymentPlan,
    surface: Surface | None,
    folder: Path,
    formats: tuple[str, ...] | None = None,
    *,
    source: Plan | None = None,
    blur_homes_m: float | None = None,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> tuple[Path, ...]:
    """Write the plan's files into a folder.

    All are made aside first and put in their places at the end: an error or a cancel leaves the folder as it was.

    Parameters
    ----------
    plan : DeploymentPlan
        What to write.
    surface : Surface or None
        The ground behind the maps; None draws maps without relief.
    folder : Path
        Made where it is not there.
    formats : tuple of str, optional
        Of ``NAMES``; every one of ``FORMATS`` where not given.
    source : Plan, optional
        What the copy of the plan file is made of; without it there is none.
    blur_homes_m : float, optional
        For the public: homes are moved by up to so many metres, left out where infinite.
    pool : Executor, optional
        Where PDFs are made beside the others: most of that is a process of its own, for which nobody need wait.
    progress, cancel
        As everywhere; cancel is looked at between formats and within the long ones.

    Returns
    -------
    tuple of Path
        The files, in the order of the formats; no volume of tables where none is too long for the plan itself.

    Raises
    ------
    InputError
        Where a format is not known, or the distance is not above zero.
    FileError
        Where a file cannot be written.
    CancelledError
        Where the user cancelled; nothing has changed.
    """
    wanted = check_request(folder, formats)
    shown_plan = plan if blur_homes_m is None else for_public(plan, blur_homes_m)
    writers = FORMATS if source is None else FORMATS | {PLAN: (PLAN_SUFFIX, _copy_of(source, blur_homes_m))}
    if not set(wanted) <= set(writers):
        raise InputError(msg("There is no plan file to copy."))
    stem = slug(plan.meta.plan)
    with in_words(folder):
        aside = Path(tempfile.mkdtemp(prefix=".cn-planner-", dir=folder))

    def write(name: str, watch: Progress) -> None:
        if cancel is not None:
            cancel.check()
        suffix, writer = writers[name]
        with in_words(folder / f"{stem}{suffix}"):
            writer(shown_plan, surface, aside / f"{stem}{suffix}", watch, cancel)

    def write_all(names: Sequence[str]) -> None:
        for name in names:
            write(name, silent)

    beside = None
    here = wanted
    typeset = [name for name in wanted if name in _TYPESET]
    if pool is not None and typeset and len(typeset) < len(wanted):
        here = tuple(name for name in wanted if name not in _TYPESET)
        beside = pool.submit(write_all, typeset)
    try:
        try:
            for number, name in enumerate(here):
                span = part(progress, number / len(here), (number + 1) / len(here))
                span(0.0, msg("Writing {name}", name=name.upper()))
                write(name, span)
        finally:
            if beside is not None:
                progress(1.0, msg("Setting the pages"))
                wait([beside])  # it writes into the folder that is taken away
        if beside is not None:
            beside.result()
        if cancel is not None:
            cancel.check()
        paths = _put(aside, folder, [stem + writers[name][0] for name in wanted])
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    progress(1.0)
    return paths


def _copy_of(source: Plan, blur_homes_m: float | None) -> Writer:
    def write(_plan: DeploymentPlan, _s: Surface | None, path: Path, _p: Progress, _c: CancelToken | None) -> None:
        from cn_planner.storage.plan_file import PlanFile

        PlanFile.create(path, redacted(source, blur_homes_m)).close()

    return write


def _put(aside: Path, folder: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Put files, and the files of folders, in place of what was there; where one cannot be, all is as it was.

    Where nothing was made for a name, the file of an earlier time goes.
    """
    full = [name for name in names if (aside / name).exists()]
    pairs = [
        (one, folder / one.relative_to(aside))
        for name in full
        for one in (sorted((aside / name).iterdir()) if (aside / name).is_dir() else [aside / name])
    ]
    old: list[tuple[Path, Path]] = []
    new: list[Path] = []
    try:
        for number, (made, target) in enumerate(pairs):
            with in_words(target):
                if not target.parent.exists():
                    target.parent.mkdir()
                    new.append(target.parent)
                if target.is_dir():
                    raise IsADirectoryError(str(target))
                if target.exists():
                    kept = aside / f"old-{number}"
                    target.replace(kept)
                    old.append((kept, target))
                new.append(target)
                made.replace(target)
        for target in (folder / name for name in names if name not in full):
            if target.is_file():
                with in_words(target):
                    kept = aside / f"old-{target.name}"
                    target.replace(kept)
                    old.append((kept, target))
    except FileError:
        for target in reversed(new):
            if target.is_dir():
                target.rmdir()
            else:
                target.unlink(missing_ok=True)
        for kept, target in old:
            kept.replace(target)
        raise
    return tuple(target for _, target in pairs)
