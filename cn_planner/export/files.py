"""Every format by its name, and the one way in which files are put into a folder: each whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from cn_planner.errors import FileError, InputError
from cn_planner.export.formats import BESIDE, FORMATS, MANY_FILES, PLAN, SMALL, TYPESET, WITH, Given
from cn_planner.export.text import slug
from cn_planner.export.words import in_words
from cn_planner.message import msg
from cn_planner.plugins import PluginError, tell_later
from cn_planner.progress import ALONE, Run
from cn_planner.report.privacy import for_public

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.export.formats import ExportFormat
    from cn_planner.export.pdf import Pages
    from cn_planner.model.plan import Plan
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.terrain.surface import Surface

_ASIDE, _ORDER, _OLD = ".cn-planner-", ".order.json", ".old-"
"""The folder in which files are made, what it says of where they go, and what was there before."""


class _Order(msgspec.Struct):
    """Names of files and folders: those that are put in place, and those that go."""

    full: list[str]
    gone: list[str]


def check_request(folder: Path, formats: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the formats that are wanted and what comes along, and make the folder, before work is done for them.

    Raises
    ------
    InputError
        Where a format is not known, or none is named.
    FileError
        Where the folder cannot be made or written to.
    """
    there = FORMATS.all()
    every = tuple(name for name, one in there.items() if not one.by_name)
    wanted = every if formats is None else tuple(dict.fromkeys(name.lower() for name in formats))
    there_are = msg("There are {names}.", names=", ".join(there))
    if not wanted:
        raise InputError(msg("No format is named."), fix=there_are)
    for name in wanted:
        if name not in there:
            raise InputError(msg("There is no format {name}.", name=name), fix=there_are)
    wanted = tuple(dict.fromkeys(one for name in wanted for one in (name, *WITH.get(name, ()))))
    with in_words(folder), _made_for(folder), tempfile.TemporaryFile(dir=folder):
        pass
    return wanted


@contextlib.contextmanager
def _made_for(folder: Path) -> Iterator[None]:
    """Make a folder for as long as it is written to; what was made of it and above it goes where nothing stays there.

    Not to leave an empty folder behind where nothing could be written.
    """
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it is not empty: what was written stands there
            for one in new:
                one.rmdir()


def export_all(
    plan: DeploymentPlan,
    surface: Surface | None,
    folder: Path,
    formats: tuple[str, ...] | None = None,
    *,
    source: Plan | None = None,
    blur_homes_m: float | None = None,
    base: BaseSheet | None = None,
    run: Run = ALONE,
) -> tuple[Path, ...]:
    """Write the plan's files into a folder.

    All are made aside first and put in their places at the end: an error or a cancel leaves the folder as it was. While
    one process after the other sets the pages of the PDFs, and the drafts of settings go to the disk one by one, the
    other files are written. A format of another package that fails is left out, and the others are written.

    Parameters
    ----------
    plan : DeploymentPlan
        What to write.
    surface : Surface or None
        The ground behind the maps; None draws maps without relief.
    folder : Path
        Made where it is not there.
    formats : tuple of str, optional
        Keys of ``FORMATS``; every one that need not be asked for by name where not given.
    source : Plan, optional
        What the copy of the plan file is made of; without it there is none.
    blur_homes_m : float, optional
        For the public: homes are moved by up to so many metres, left out where infinite.
    base : BaseSheet, optional
        Roads, water and names under the maps.

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
    PluginError
        Where a format of another package fails and nothing else was asked for.
    """
    from cn_planner.export.book import LinkDrawings  # drawings load where they are wanted

    wanted = check_request(folder, formats)
    shown_plan = plan if blur_homes_m is None else for_public(plan, blur_homes_m)
    if PLAN in wanted and source is None:
        raise InputError(msg("There is no plan file to copy."))
    writers, stem = FORMATS.all(), slug(plan.meta.plan)
    names = {name: f"{stem}{writers[name].suffix}" for name in wanted}
    with in_words(folder), contextlib.ExitStack() as new:
        new.enter_context(_made_for(folder))
        _finish(folder)
        aside = Path(tempfile.mkdtemp(prefix=f"{_ASIDE}{os.getpid()}-", dir=folder))
        new = new.pop_all()  # it stands until all is in its place

    made = LinkDrawings(shown_plan, surface)

    def set_pages(name: str, pages: Pages) -> None:
        with in_words(folder / names[name]):
            (aside / names[name]).write_bytes(pages.document(run.cancel, beside=name in SMALL))

    first = [name for name in dict.fromkeys((*MANY_FILES, *SMALL, *BESIDE, *TYPESET)) if name in wanted]
    order = (*first, *(name for name in wanted if name not in first))
    waiting: list[Future[Any]] = []
    try:
        # Pages one at a time: each takes as much memory as all the rest.
        with ThreadPoolExecutor(1, "pages") as beside, ThreadPoolExecutor(1, "files") as disk:
            for number, name in enumerate(order):
                span = run.part(0.95 * number / len(order), 0.95 * (number + 1) / len(order))
                span.progress(0.0, msg("Writing {name}", name=names[name]))
                run.check()
                given = Given(shown_plan, surface, made, base, source, blur_homes_m, span, frozenset(wanted))
                place = aside / (f".{name}" if name in TYPESET else names[name])
                if name in MANY_FILES:  # there the disk is waited for, or what looks through each new file
                    waiting.append(disk.submit(_write, writers[name], given, place, folder / names[name]))
                    continue
                try:
                    pages = _write(writers[name], given, place, folder / names[name])
                except PluginError as problem:
                    if len(wanted) == 1:
                        raise
                    tell_later(problem)
                    del names[name]
                    continue
                if pages is not None:
                    waiting.append(beside.submit(set_pages, name, pages))
            if waiting:
                run.progress(0.95, msg("Setting the pages"))
        for one in waiting:
            one.result()
        run.check()
        paths = _put(aside, folder, list(names.values()))
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        new.close()
    run.progress(1.0)
    return paths


def _write(one: ExportFormat, given: Given, place: Path, target: Path) -> Pages | None:
    """Write one format aside; `target` is where people look for it."""
    try:
        with in_words(target):
            if one.folder or one.key in TYPESET:
                place.mkdir()
            with FORMATS.using(one.key):
                return one.write(given, place)
    except FileError as problem:
        if place.parent not in Path(problem.where).parents:
            raise
        # A writer that has words of its own names the place aside, which nobody knows.
        raise FileError(problem.what, where=str(target), fix=problem.fix) from problem


def _put(aside: Path, folder: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Put files, and whole folders, in place of what was there; where one cannot be, all is as it was.

    Where nothing was made for a name, the file of an earlier time goes. What is to be put where is written down first:
    where the program is killed in between, the next export into the folder does the rest (`_finish`).
    """
    full = [name for name in names if (aside / name).exists()]
    gone = [name for name in names if name not in full and (folder / name).is_file()]
    for name in full:
        _keep_others(aside / name, folder / name)
    written = tuple(
        folder / name / one if one else folder / name
        for name in full
        for one in (sorted(each.name for each in (aside / name).iterdir()) if (aside / name).is_dir() else [""])
    )
    (aside / _ORDER).write_bytes(msgspec.json.encode(_Order(full, gone)))
    done: list[str] = []
    try:
        for name in (*full, *gone):
            with in_words(folder / name):
                if name in full and (folder / name).is_dir() != (aside / name).is_dir() and (folder / name).exists():
                    raise IsADirectoryError(str(folder / name))
                done.append(name)
                _swap(aside, folder, name)
    except FileError:
        for name in reversed(done):
            old = aside / f"{_OLD}{name}"
            if name in full and (folder / name).exists() and (old.exists() or not (aside / name).exists()):
                (folder / name).replace(aside / name)
            if old.exists():
                old.replace(folder / name)
        raise
    finally:
        (aside / _ORDER).unlink(missing_ok=True)
    return written


def _keep_others(made: Path, there: Path) -> None:
    """Take along what people put into a folder of ours: what is not of a kind that we write into it."""
    if not (made.is_dir() and there.is_dir()):
        return
    kinds = {one.suffix for one in made.iterdir()}
    for one in there.iterdir():
        if one.is_dir() and (made / one.name).exists():
            with in_words(one):
                raise IsADirectoryError(str(one))
        if one.is_dir() or one.suffix not in kinds:
            if (made / one.name).exists():
                continue
            if one.is_dir():
                shutil.copytree(one, made / one.name, symlinks=True)
            else:
                shutil.copy2(one, made / one.name, follow_symlinks=False)


def _swap(aside: Path, folder: Path, name: str) -> None:
    """Put one file or folder in its place, what was there aside."""
    target, made = folder / name, aside / name
    if target.exists() or target.is_symlink():
        target.replace(aside / f"{_OLD}{name}")
    if made.exists():
        made.replace(target)


def _finish(folder: Path) -> None:
    """Do the rest of an export that was killed while it put its files in their places, and clean up after it."""
    for aside in folder.glob(f"{_ASIDE}*"):
        process = aside.name.removeprefix(_ASIDE).split("-")[0]
        if not aside.is_dir() or (process.isdigit() and int(process) != os.getpid() and _lives(int(process))):
            continue
        with contextlib.suppress(OSError, ValueError, msgspec.DecodeError, RecursionError):
            order = msgspec.json.decode((aside / _ORDER).read_bytes(), type=_Order)
            for name in (*order.full, *order.gone):
                # Whoever may write into the folder may have written the order: nothing moves beyond the folder.
                if name in ("", ".", "..") or Path(name).name != name:
                    continue
                if (aside / name).exists() or (name in order.gone and (folder / name).exists()):
                    _swap(aside, folder, name)
        shutil.rmtree(aside, ignore_errors=True)


def _lives(process: int) -> bool:
    if os.name == "nt":  # a signal would end it there; what is in use cannot be removed either
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
