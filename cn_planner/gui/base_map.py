"""The base map follows the plan: read and made ready beside the window, shown, and let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cn_planner.gis.osm import RIGHTS
from cn_planner.gui.map.layers.drawn_tiles import PictureSource, TilesSource
from cn_planner.gui.values import notice_about, notice_of
from cn_planner.jobs import Slot
from cn_planner.message import msg

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from cn_planner.gui.map.content import MapContent
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Job
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.session.workspace import Snapshot


class BaseMaps(QObject):
    """Reads what the plan names, and hands it to the map."""

    def __init__(self, state: AppState, content: MapContent, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._content = state, content
        self._shown: tuple[str, str] = ("", "")
        content.drawn_tiles.failed.connect(lambda problem: state.say(notice_about(problem)))

    def follow(self, plan: Plan) -> None:
        """Show the base map of a plan where it is another than that which is shown."""
        project = self._state.project
        wanted = (str(project.path), plan.area.base_map) if project is not None else ("", "")
        if wanted == self._shown:
            return
        self._shown = wanted
        self._content.base_map.set_shapes({}, "")
        self._content.place_names.set_places(None)
        self._content.drawn.set_source(None)
        if project is None or not plan.area.base_map:
            return
        path = project.path

        def work(_report: object, _cancel: object) -> Any:
            from cn_planner.gui.map.layers.base_drawing import shapes_of
            from cn_planner.session.base_map import open_base_map

            found = open_base_map(plan, path)
            return found, shapes_of(found.layers)

        def done(answer: Any) -> None:
            found, shapes = answer
            if self._shown != wanted:
                return
            self._content.base_map.set_shapes(shapes, RIGHTS)
            self._content.place_names.set_places(found.layers.get("places"))
            if found.drawn:
                source = {"picture": PictureSource, "tiles": TilesSource}[found.drawn]
                self._content.drawn.set_source(source(found.path, found.rights))

        # Not bound to the plan's version: the map stays right through edits of anything else.
        self._state.jobs.submit(
            "base_map", msg("Reading the base map"), work, slot=Slot.IO, on_done=done,
            on_error=lambda failure: self._state.say(notice_of(failure)),
        )  # fmt: skip


def choose_base_map(state: AppState, file: Path) -> Job[Edit] | None:
    """Have an extract of OpenStreetMap drawn under the plan."""
    project = state.project
    if project is None:
        return None
    path = project.path

    def work(snapshot: Snapshot, _report: object, _cancel: object) -> Edit:
        from cn_planner.session.base_map import use_base_map

        return use_base_map(snapshot.plan, path, file)

    return state.ask("use_base_map", msg("Reading the base map"), work, state.apply, slot=Slot.IO, said=True)
