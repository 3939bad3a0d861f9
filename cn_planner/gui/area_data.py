"""Data of an area from the Internet: how much it is, fetched into the plan or into a pack, and what was not to be had.

Nothing is asked of any server before the person says so. What has come stays where it is cut or cancelled, and the next
try goes on from there.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cn_planner.area.elevation_sources import ADDRESSES, ElevationSource, GeoBox, tiles
from cn_planner.errors import PlannerError
from cn_planner.gui.values import Level, Notice, notice_of
from cn_planner.jobs import JobState, Slot, run_on
from cn_planner.message import Message, counted, in_a_row, msg
from cn_planner.terrain.tile import tile_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from cn_planner.area.elevation_web import DownloadCost, Fetched
    from cn_planner.area.pack import PackMade
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, Job, Report
    from cn_planner.progress import CancelToken

_MOST_NAMED = 6
_LONG_S = 90.0


class AreaData(QObject):
    """What is asked for, how far it is, and what came of it; the panel shows it, in any language.

    Attributes
    ----------
    box : Box or None
    source : ElevationSource
    extract : Path or None
        The OpenStreetMap extract that goes into a pack.
    cost : (Cost, bytes free) or None
        What the server said of box and source.
    job : Job or None
        What is under way.
    said : Notice or None
        How the last of it ended.
    """

    changed = Signal()

    def __init__(self, state: AppState, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._settings = state, settings
        self.box: GeoBox | None = None
        self.source = ElevationSource.GLO30
        self.extract: Path | None = None
        self.cost: tuple[DownloadCost, int] | None = None
        self.job: Job[Any] | None = None
        self.said: Notice | None = None
        self._fetched: tuple[GeoBox, ElevationSource, Fetched] | None = None
        state.projectChanged.connect(self._project_changed)
        state.jobsChanged.connect(self.changed)

    @property
    def server(self) -> str:
        """Which server is asked."""
        return self._settings.get("terrain_server") or ADDRESSES[self.source]

    def set_box(self, box: GeoBox | None) -> None:
        """Ask for another area."""
        self._ask_for(box, self.source)

    def set_source(self, source: ElevationSource) -> None:
        """Ask for other data."""
        self._ask_for(self.box, source)

    def _ask_for(self, box: GeoBox | None, source: ElevationSource) -> None:
        if (box, source) != (self.box, self.source):
            self.box, self.source, self.cost, self.said = box, source, None, None
            self.changed.emit()

    def set_extract(self, path: Path | None) -> None:
        """Take roads, rivers, buildings and names of a pack from another file."""
        self.extract = path
        self.changed.emit()

    def squares(self) -> Message:
        """Return which squares of one degree the box meets."""
        if self.box is None:
            return msg("No box yet.")
        try:
            names = [tile_name(*corner) for corner in tiles(self.box)]
        except PlannerError as error:
            return error.what
        return counted("Terrain: {count} square, {names}", "Terrain: {count} squares, {names}", len(names),
                       names=_named(names))  # fmt: skip

    def look(self) -> None:
        """Ask the server how much it is."""
        box, source, server, project = self.box, self.source, self._settings.get("terrain_server"), self._state.project
        if box is None or project is None:
            return
        folder = project.path.parent

        def work(report: Report, cancel: CancelToken) -> tuple[DownloadCost, int]:
            from cn_planner.session.fetching import look_how_much

            return look_how_much(folder, box, source, server=server, run=run_on(report, cancel))

        def done(found: tuple[DownloadCost, int]) -> None:
            if (box, source) == (self.box, self.source):
                self.cost = found

        self._begin(msg("Asking how much it is"), work, done)

    def download(self) -> None:
        """Fetch the terrain beside the plan, and take it in as one edit."""
        box, source, server, project = self.box, self.source, self._settings.get("terrain_server"), self._state.project
        if box is None or project is None:
            return
        plan, path = project.plan, project.path

        def work(report: Report, cancel: CancelToken) -> Fetched:
            from cn_planner.session.fetching import fetch_terrain

            return fetch_terrain(plan, path, box, source, server=server, run=run_on(report, cancel))

        def done(found: Fetched) -> None:
            self._fetched = box, source, found
            new = [file for file in found.files if file.name not in self._state.plan.terrain]
            words = counted("{count} square came, and is beside the plan.",
                            "{count} squares came, and are beside the plan.", len(found.files))  # fmt: skip
            if not new:
                words = msg("The plan has this terrain already.")
            self._say(Level.INFO, words, found.none_at)
            if new:
                self._state.request_terrain(new, None)

        self._begin(msg("Fetching terrain"), work, done)

    def save_pack(self, target: Path) -> None:
        """Write the area as one file; what was fetched for the plan is not fetched again."""
        from cn_planner.gis.pack_facts import PACK_SUFFIX

        box, source, server, extract = self.box, self.source, self._settings.get("terrain_server"), self.extract
        project = self._state.project
        if box is None or project is None:
            return
        plan, path = project.plan, project.path
        if not target.name.endswith(PACK_SUFFIX):
            target = target.with_name(target.name.removesuffix(".gpkg") + PACK_SUFFIX)
        at_hand = self._fetched[2] if self._fetched is not None and self._fetched[:2] == (box, source) else None
        today = datetime.now().astimezone().date().isoformat()

        def work(report: Report, cancel: CancelToken) -> tuple[PackMade, tuple[str, ...]]:
            from cn_planner.session.packing import TerrainFrom, pack_area, trees_for_pack

            made, none_at = pack_area(
                target,
                box,
                terrain=TerrainFrom(at_hand.files if at_hand else (), source, server),
                extract=extract,
                trees=trees_for_pack(plan, path),
                date=today,
                told=lambda words: report(0.0, words),
                run=run_on(report, cancel),
            )
            return made, at_hand.none_at if at_hand else none_at

        def done(answer: tuple[PackMade, tuple[str, ...]]) -> None:
            made, none_at = answer
            parts = [msg("The pack is written: {size:,.1f} MB, {missing:.1f} % of it without a height.",
                         size=made.size_bytes / 1e6, missing=made.missing_pct)]  # fmt: skip
            if made.trees_pct is not None:
                parts.append(msg("Tree heights are known of {share:.0f} % of it.", share=made.trees_pct))
            if not made.things:
                parts.append(msg("It holds no roads, rivers and names."))
            self._say(Level.INFO, in_a_row(*parts), none_at, str(target))

        self._begin(msg("Making the pack"), work, done)

    def cancel(self) -> None:
        """Stop; what has come stays."""
        if self.job is not None:
            self._state.cancel(self.job.id)

    def cost_words(self) -> Message | None:
        """Return how much comes, from where, and how long it takes; None before that was asked."""
        if self.cost is None:
            return None
        cost, free = self.cost
        size = msg("About {size:,.1f} MB come from {server}.", size=cost.size_bytes / 1e6, server=self.server)
        if not cost.size_bytes:
            size = msg("{server} has no terrain there.", server=self.server)
        parts = [size]
        if cost.seconds is not None and cost.size_bytes:
            parts.append(
                msg("At the speed of now it takes {seconds:,.0f} s.", seconds=max(cost.seconds, 1.0))
                if cost.seconds < _LONG_S
                else msg("At the speed of now it takes {minutes:,.0f} min.", minutes=cost.seconds / 60.0)
            )
        if cost.size_bytes > free:
            parts.append(msg("The disk has room for {free:,.1f} MB only.", free=free / 1e6))
        if cost.none_at:
            parts.append(_not_to_be_had(cost.none_at))
        return in_a_row(*parts)

    def _begin(self, title: Message, work: Callable[..., Any], done: Callable[[Any], None]) -> None:
        if self.job is not None:
            return
        self.said = None

        def failed(failure: Failure) -> None:
            self.said = notice_of(failure)

        def end(state: JobState) -> None:
            self.job = None
            if state is JobState.CANCELLED:
                self._say(Level.INFO, msg("Cancelled. What has come is kept: it is not fetched again."), ())
            self.changed.emit()

        # Not bound to the plan's version: people go on planning while it comes.
        self.job = self._state.jobs.submit(
            "area_data", title, work, slot=Slot.NET, on_done=done, on_error=failed, on_end=end
        )
        self.changed.emit()

    def _say(self, level: Level, what: Message, none_at: tuple[str, ...], where: str = "") -> None:
        if none_at:
            level, what = Level.WARNING, in_a_row(what, _not_to_be_had(none_at))
        self.said = Notice(level, what, where)

    def _project_changed(self) -> None:
        self.box, self.cost, self.said, self._fetched, self.extract = None, None, None, None, None
        project = self._state.project
        if project is not None and project.plan.area.base_map:
            from cn_planner.terrain.known import file_place

            path = file_place(project.plan.area.base_map, project.path.resolve().parent)
            self.extract = path if path is not None and ".osm" in path.name and path.is_file() else None
        self.changed.emit()


def box_of_text(text: str) -> GeoBox:
    """Return the box of four numbers: south, west, north, east.

    Raises
    ------
    InputError
        Where it is none.
    """
    from cn_planner.errors import InputError

    words = text.replace(";", ",").split(",")
    try:
        south, west, north, east = (float(word) for word in words)
    except ValueError as problem:
        raise InputError(
            msg("This is no box: {box}.", box=text.strip()[:60]),
            fix=msg("Give south, west, north, east in degrees: 41.9,1.6,42.2,2.0."),
        ) from problem
    return GeoBox(south, west, north, east)


def _named(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")


def _not_to_be_had(names: tuple[str, ...]) -> Message:
    return msg("Not to be had: {tiles} (sea, or beyond its data).", tiles=_named(names))
