"""Which coverage the map shows: who is reached, or another map of one tower or of all; asked for, shown and let go.

A map is computed beside the window, first a coarse picture of it. It counts only for the plan that it was asked of;
after an edit it is asked for anew. What was computed is kept by the session, so that looking back is at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from cn_planner.gui import theme
from cn_planner.gui.kinds import in_plan
from cn_planner.gui.map.layers.overlay import OverlayClass, build_overlay
from cn_planner.gui.values import Level, Notice, notice_of
from cn_planner.gui.words import language
from cn_planner.jobs import run_on
from cn_planner.message import Message, msg
from cn_planner.model.plan import Site
from cn_planner.model.propagation_models import P526
from cn_planner.session.map_views import SIGNALS, Asked, View, models

if TYPE_CHECKING:
    from cn_planner.drawing.coverage_classes import CoverageScale
    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.map.layers.overlay import OverlayImage
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, Job, Report
    from cn_planner.progress import CancelToken
    from cn_planner.session.coverage_maps import MapPicture
    from cn_planner.session.workspace import Snapshot

_REST_MS = 150
"""So long after an edit or another choice a map is asked for: several in a row are answered once."""
_OPACITY, _PALE, _PALE_DARK = 0.62, 0.28, 0.1
"""Of the classes, and of what is beyond all limits: the ground is looked at through it."""
JOB = "map"


@dataclass(frozen=True, slots=True, eq=False)
class ShownMap:
    """A picture with what is painted of it, made beside the window.

    Attributes
    ----------
    picture : MapPicture
    image : OverlayImage
    """

    picture: MapPicture
    image: OverlayImage


def overlay_classes(scale: CoverageScale, *, dark: bool = False) -> tuple[OverlayClass, ...]:
    """Return how the classes are painted, the best first; their values are the ranks of `MapPicture`.

    The best stands out from the ground: on a dark one the colours run the other way, and it is the lightest.
    """
    from cn_planner.drawing.palette import OTHERS

    classes = scale.classes[::-1] if scale.low_is_better else scale.classes
    inks = [one.colour for one in classes if one.colour != OTHERS]
    turned = iter(inks[::-1] if dark else inks)
    pale = _PALE_DARK if dark else _PALE
    found = [
        OverlayClass(rank, OTHERS, one.words, pale)
        if one.colour == OTHERS
        else OverlayClass(rank, next(turned), one.words, _OPACITY)
        for rank, one in enumerate(classes, start=1)
    ]
    return tuple(found[::-1])


class CoverageMaps(QObject):
    """What was chosen, and what is there of it.

    Attributes
    ----------
    view : View or None
        None: who is reached.
    model : str
        What predicts what arrives.
    site : str or None
        Whose map; None: all towers.
    shown : Shown or None
        What is there; it may be coarse still.
    """

    changed = Signal()

    def __init__(self, state: AppState, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self.view: View | None = None
        self.model = P526
        self.site: str | None = None
        self.shown: ShownMap | None = None
        self._job: Job[ShownMap] | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self.request)
        state.planChanged.connect(lambda _: self._again())
        state.projectChanged.connect(self._reset)
        state.selectionChanged.connect(self._selected)
        state.jobsChanged.connect(self._jobs_changed)
        theme.signals.changed.connect(self._again)

    # What is chosen

    @property
    def asked(self) -> Asked | None:
        """What is asked for; None where the map shows who is reached."""
        if self.view is None:
            return None
        return Asked(self.view, self.model, None if self.view is View.COUNT else self.site)

    @property
    def selected(self) -> str | None:
        """The tower that is selected, by id."""
        one = self._state.selection
        return one.id if one is not None and isinstance(in_plan(self._state.plan, one), Site) else None

    @property
    def working(self) -> bool:
        """Whether a map is asked for or being computed."""
        return self._rest.isActive() or (self._job is not None and not self._job.ended)

    def choose(self, view: View | None) -> None:
        """Show another map."""
        if view is not self.view:
            self.view = view
            self._chosen()

    def choose_model(self, model: str) -> None:
        """Have what arrives predicted by another model."""
        if model != self.model:
            self.model = model
            if self.view in SIGNALS:
                self._chosen()

    def choose_site(self, site: str | None) -> None:
        """Show the map of one tower, or of all."""
        if site != self.site:
            self.site = site
            if self.view is not None:
                self._chosen()

    def _chosen(self) -> None:
        self._let_go()
        self.shown = None
        if self.view is not None:
            self.request()
        self.changed.emit()

    def _let_go(self) -> None:
        """What is under way is of no more use."""
        self._rest.stop()
        if self._job is not None and not self._job.ended:
            self._job.cancel()
        self._job = None

    # What happens

    def _reset(self) -> None:
        self._let_go()
        self.view, self.site, self.shown = None, None, None
        self.changed.emit()

    def _again(self) -> None:
        """After an edit, or in another look: what is shown stays until there is another, what is computed is let go."""
        if self.site is not None and self.site not in self._state.plan.sites:
            self.site = None
        if self.view is not None:
            self._let_go()
            self._rest.start()

    def _selected(self, _selection: Thing | None) -> None:
        """Another tower was selected: where the map is of one, it is of that now."""
        if self.site is not None and self.selected is not None:
            self.choose_site(self.selected)

    def _jobs_changed(self) -> None:
        if self._job is not None and self._job.ended:
            self._job = None
            self.changed.emit()

    def request(self) -> Job[ShownMap] | None:
        """Ask for what is chosen, of the plan as it stands."""
        asked, dark, plan = self.asked, theme.current().dark, self._state.plan
        if asked is None or self._state.project is None:
            return None
        if not plan.elevation or not (asked.site in plan.sites if asked.site is not None else plan.used_sites):
            self._none()
            return None

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> ShownMap:
            from cn_planner.session.coverage_maps import coverage_picture
            from cn_planner.session.engine import make_map_ready

            make_map_ready(asked.computed_by, run=run_on(report, cancel))
            found = coverage_picture(
                snapshot, asked, partial=lambda one: report.partial(_shown(one, dark)), run=run_on(report, cancel)
            )
            return _shown(found, dark)

        title = msg("Map: {what}", what=VIEW_WORDS[asked.view])
        self._job = self._state.ask(JOB, title, work, self._take, on_partial=self._take, on_error=self._failed)
        return self._job

    def _failed(self, failure: Failure) -> None:
        self._none()
        self._state.say(notice_of(failure))

    def _none(self) -> None:
        """There is no map of the plan as it stands."""
        self.shown = None
        self.changed.emit()

    def _take(self, found: ShownMap) -> None:
        if found.picture.asked == self.asked:
            self.shown = found
            self.changed.emit()

    def folder(self) -> Path:
        """Return where files of this plan are put at first."""
        project = self._state.project
        return project.path.parent if project is not None else Path.home()

    def save(self, out: Path) -> Job[tuple[Path, ...]] | None:
        """Have the map that was chosen written as a file, of the plan as it stands."""
        asked, spoken = self.asked, language()
        if asked is None:
            return None

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> tuple[Path, ...]:
            from cn_planner.session.coverage_maps import save_map

            return save_map(snapshot, asked, out, language=spoken, run=run_on(report, cancel))

        def done(paths: tuple[Path, ...]) -> None:
            self._state.say(Notice(Level.INFO, msg("{file} is written.", file=paths[0].name), str(paths[0].parent)))

        return self._state.ask("map-file", msg("Writing {file}", file=out.name), work, done, said=True)

    def say_left_out(self) -> None:
        """Name what failed of the models of other packages."""
        self._state.say_left_out()

    # In words

    def note(self) -> Message | None:
        """Return what is to be said of the map that is shown."""
        picture = self.shown.picture if self.shown is not None else None
        if self.working and picture is None:
            return msg("Computing…")
        if picture is None:
            return msg("There is no map: it was stopped, or there is no tower.")
        if picture.coarse_m is not None and self.working:
            return msg("A first look, cells of {cell:.0f} m; it gets finer.", cell=picture.coarse_m)
        if picture.coarse_m is not None:
            return msg("A first look, cells of {cell:.0f} m; stopped.", cell=picture.coarse_m)
        if picture.left_out:
            return msg("Without {names}: no terrain there.", names=", ".join(picture.left_out))
        return None

    def name_of(self, site: str | None) -> str:
        """Return what a person calls a tower."""
        found = self._state.plan.sites.get(site) if site is not None else None
        return (found.name or found.id) if found is not None else ""

    def whose(self) -> Message:
        """Return whose map is shown, and by what it is predicted."""
        one = self.site is not None and self.view is not View.COUNT
        who = msg("{name}", name=self.name_of(self.site)) if one else msg("All towers")
        if self.view in SIGNALS:
            return msg("{who} · {model}", who=who, model=models()[self.model])
        return who


def _shown(picture: MapPicture, dark: bool) -> ShownMap:
    classes = overlay_classes(picture.scale, dark=dark)
    image = build_overlay(picture.ranks, picture.crs, picture.transform, classes)
    return ShownMap(picture, image)


VIEW_WORDS: dict[Any, Message] = {
    None: msg("Who is reached"),
    View.SEEN: msg("What is seen"),
    View.CLEAR: msg("How clear the way is"),
    View.HEIGHT: msg("Height needed at the roof"),
    View.LEVEL: msg("Signal, slowest mode"),
    View.MARGIN: msg("Signal to spare, slowest mode"),
    View.CHANCE: msg("Chance that it works, slowest mode"),
    View.COUNT: msg("How many towers reach"),
}
"""The maps, in the order of the list."""
