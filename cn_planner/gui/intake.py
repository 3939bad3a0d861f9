"""Files that come in, dropped or chosen: what each is, and in which order they go into the plan."""

from __future__ import annotations

import contextlib
import csv
import json
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cn_planner.errors import PlannerError, UnknownPlaceError, UnknownUnitError
from cn_planner.gui.base_map import choose_base_map
from cn_planner.gui.values import Level, Notice, notice_about, notice_of
from cn_planner.jobs import Slot, run_on
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from cn_planner.gui.state import AppState
    from cn_planner.importers.result import ImportResult
    from cn_planner.jobs import Failure, Job, Report
    from cn_planner.progress import CancelToken
    from cn_planner.terrain.asked import Answers

PLAN, TERRAIN, TABLE, BASE_MAP = "plan", "terrain", "table", "base map"
_READ = {
    "sites": counted("{count} site was read from {file}.", "{count} sites were read from {file}.", 0),
    "households": counted("{count} home was read from {file}.", "{count} homes were read from {file}.", 0),
    "places": counted("{count} public place was read from {file}.", "{count} public places were read from {file}.", 0),
    "measurements": counted(
        "{count} measurement was read from {file}.", "{count} measurements were read from {file}.", 0
    ),
}
_SITE_COLUMNS = frozenset(
    {"role", "max_height_m", "status", "height_m", "mast_height_m", "structure", "maximum height"}
)
_PLACE_COLUMNS = frozenset({"must", "busy_mbps", "place_id"})
"""What homes do not have; ``amenity`` stands in every table of buildings out of OpenStreetMap."""
_SUN_MARKS = ("ALLSKY_SFC_SW_DWN", "PVGIS", "Radiation database")
_NODE_MARKS = ("<cnml", '"nodes":', '"node_id":', '"roofAccess":')
_LEVEL_COLUMNS = frozenset({"level_dbm", "rssi", "rssi_dbm", "rsrp", "signal_dbm"})


def what_is(path: Path) -> str:
    """Return whether a file is a plan, terrain, a base map, or a table of things, by its first bytes.

    Raises
    ------
    FileError
        Where it cannot be read.
    """
    from cn_planner.gis.kinds import sniff

    kind, name = sniff(path), path.name.lower()
    if kind == "sqlite":
        from cn_planner.gis.pack_facts import holds_pack

        ends = {".cnplan.gpkg": PLAN, ".cnpack.gpkg": TERRAIN, ".mbtiles": BASE_MAP}
        if holds_pack(path):
            return TERRAIN
        return next((what for end, what in ends.items() if name.endswith(end)), TABLE)
    if kind == "geotiff":
        from cn_planner.gis.picture import is_picture

        return BASE_MAP if is_picture(path) else TERRAIN
    if kind == "hgt":
        return TERRAIN
    if kind in {"osm", "pmtiles", "picture"} or ".osm" in name:
        return BASE_MAP  # buildings are taken out of it when asked for
    if kind in {"zip", "gzip"}:
        return TERRAIN if any(end in name for end in (".hgt", ".tif")) else TABLE
    return TABLE


def kind_of_things(path: Path) -> str:
    """Return what kind of things a table's first row or head speaks of, as imports call it; homes where unsure."""
    from cn_planner.importers.readers import reader_of

    reader = reader_of(path)
    if reader is not None and reader.holds:
        return reader.holds
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head = stream.read(65_536)
    except (OSError, UnicodeDecodeError):
        return "households"
    if any(mark in head for mark in _SUN_MARKS):
        return "sun"
    if any(mark in head for mark in _NODE_MARKS):
        return "sites"
    names: set[str] = set()
    if head.lstrip().startswith("{"):
        try:
            whole = json.loads(path.read_text("utf-8-sig"))
        except (ValueError, RecursionError, OSError):
            whole = None
        features = whole.get("features") if isinstance(whole, dict) else None
        for feature in features[:20] if isinstance(features, list) else []:
            said = feature.get("properties") if isinstance(feature, dict) else None
            names |= {str(name).lower() for name in said} if isinstance(said, dict) else set()
    else:
        with contextlib.suppress(csv.Error):
            names = {name.strip().lower() for name in next(csv.reader(head.splitlines()), [])}
    if names & _LEVEL_COLUMNS:
        return "measurements"
    if names & _SITE_COLUMNS:
        return "sites"
    return "places" if names & _PLACE_COLUMNS else "households"


class Intake(QObject):
    """Takes files into the plan, one after the other; terrain first, for the tables are checked against it."""

    doubtful = Signal(object, object, object)
    """A file of the ground does not say what one has to know of it: the error, the files, and what was answered."""
    finished = Signal()
    """All files are in, or were said to be left out."""

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._state = state
        self._waiting: deque[Callable[[], Job[Any] | None]] = deque()
        self._job: Job[Any] | None = None
        self._for_new: list[Path] = []
        self._along = False
        self.opening = False
        """Whether a plan is being opened that what is held goes into."""
        state.jobsChanged.connect(self._go_on)
        state.projectChanged.connect(self._project_changed)

    def take(self, files: Iterable[Path], *, along: bool = False) -> None:
        """Take files in; a plan among them is opened instead, and the rest goes into that.

        ``along``: those of the ground are copied beside the plan first, so that they travel with it.
        """
        of_kind: dict[str, list[Path]] = {PLAN: [], TERRAIN: [], TABLE: [], BASE_MAP: []}
        for path in files:
            try:
                of_kind[what_is(path)].append(path)
            except PlannerError as error:
                self._state.say(notice_about(error))
        plans, terrain, tables, maps = of_kind.values()
        if plans or self._state.project is None:
            self._for_new = terrain + tables + maps
            if plans:
                self.opening = self._state.open(plans[0]) is not None
            return
        if along and terrain + maps:
            self._waiting.append(partial(self._put_beside, terrain + maps, tables))
            self._go_on()
            return
        if terrain:
            self._waiting.append(partial(self._read_ground, terrain, None))
        self._waiting += [partial(choose_base_map, self._state, path) for path in maps[-1:]]
        self._waiting += [partial(self.read_table, path) for path in tables]
        self._go_on()

    def _put_beside(self, files: list[Path], tables: list[Path]) -> Job[Any] | None:
        project = self._state.project
        if project is None:
            return None
        path, opened = project.path, self._state.version[0]

        def work(report: Report, cancel: CancelToken) -> tuple[Path, ...]:
            from cn_planner.session.ground import put_beside

            return put_beside(path, files, run_on(report, cancel))

        def done(found: tuple[Path, ...]) -> None:
            if self._state.version[0] == opened:
                self.take([*found, *tables])

        return self._state.jobs.submit(
            "put beside", msg("Copying files beside the plan"), work, slot=Slot.IO, on_done=done,
            on_error=lambda failure: self._state.say(notice_of(failure)),
        )  # fmt: skip

    def with_next(self, files: Iterable[Path]) -> None:
        """Take files in, and along, as soon as the plan that is being made is open."""
        self._for_new, self._along = list(files), True

    @property
    def held(self) -> tuple[Path, ...]:
        """What waits for a plan to be made or opened."""
        return tuple(self._for_new)

    def give_up(self) -> list[Path]:
        """Return what is held, and hold it no more."""
        held, self._for_new = self._for_new, []
        return held

    def table(self, path: Path, kind: str) -> None:
        """Take one table of a kind in, after what is under way."""
        self._waiting.append(partial(self.read_table, path, kind))
        self._go_on()

    def ground(self, files: Iterable[Path], answers: Answers | None = None) -> None:
        """Take files of elevation, tree heights or land cover in, after what is under way."""
        chosen = list(files)
        self._waiting.append(partial(self._read_ground, chosen, answers))
        self._go_on()

    def _read_ground(self, files: list[Path], answers: Answers | None) -> Job[Any] | None:
        def failed(failure: Failure) -> None:
            if isinstance(failure.error, UnknownPlaceError | UnknownUnitError):
                self.doubtful.emit(failure.error, files, answers)
            else:
                self._state.say(notice_of(failure))

        return self._state.request_terrain(files, answers, on_error=failed)

    def read_table(self, path: Path, kind: str = "") -> Job[Any] | None:
        """Have a table read; of what kind its things are is told by it where nobody says."""
        kind = kind or kind_of_things(path)
        return self._state.request_import(path, kind, on_done=lambda found: self._said(path, kind, found))

    def _said(self, path: Path, kind: str, found: ImportResult) -> None:
        if kind == "sun":
            for doubt in found.warnings:
                self._state.say(Notice(Level.WARNING, doubt))
            self._state.say(Notice(Level.INFO, msg("The sun of the place was read from {file}.", file=path.name)))
            return
        left = len(found.left_out)
        words = _READ[kind].about(len(found.things), file=path.name)
        if found.updated or found.same:
            words = msg("{said} {more}", said=words, more=found.news)
        if left:
            words = msg("{said} {more}", said=words, more=counted(
                "{count} row was left out.", "{count} rows were left out.", left))  # fmt: skip
        for reason in found.doubts:
            words = msg("{said} {more}", said=words, more=reason.kept)
        self._state.say(Notice(Level.WARNING if left or found.doubts else Level.INFO, words))

    def _project_changed(self) -> None:
        self._waiting.clear()
        self.opening = False
        if self._state.project is not None and self._for_new:
            files, self._for_new = self._for_new, []
            along, self._along = self._along, False
            self.take(files, along=along)

    def _go_on(self) -> None:
        while self._job is None or self._job.ended:
            had = self._job is not None
            self._job = None
            if not self._waiting:
                if had:
                    self.finished.emit()
                return
            self._job = self._waiting.popleft()()
