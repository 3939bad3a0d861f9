"""What comes from where on the map: each source's area tinted, seams and holes marked, while the layer is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from cn_planner.drawing.palette import different
from cn_planner.geo import WGS84
from cn_planner.gui.map.layers.overlay import OverlayClass, build_overlay
from cn_planner.gui.values import notice_of
from cn_planner.jobs import Slot
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from cn_planner.gui.map.content import MapContent
    from cn_planner.gui.state import AppState
    from cn_planner.terrain.ground_map import SourceMap
    from cn_planner.terrain.surface import Surface

_TINT = 0.45
_HOLE, _SEAM, _TOPS = "#c1272d", "#c2007a", "#9a9a9a"


class GroundSources(QObject):
    """Has the tints made when one of the two layers is first shown over a ground."""

    def __init__(self, state: AppState, content: MapContent, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._content = state, content
        self._surface: Surface | None = None
        self._made: Surface | None = None
        for layer in (content.sources, content.trees):
            layer.settingsChanged.connect(self._show)

    def follow(self, surface: Surface | None) -> None:
        """Stand on another ground."""
        self._surface = surface
        self._made = None
        self._content.sources.set_images(())
        self._content.trees.set_images(())
        self._show()

    def _show(self) -> None:
        surface = self._surface
        shown = self._content.sources.visible or self._content.trees.visible
        if surface is None or surface is self._made or not shown:
            return
        self._made = surface

        def work(_report: object, cancel: Any) -> tuple[Any, Any]:
            from cn_planner.terrain.ground_map import ground_map

            return pictures(ground_map(surface, cancel))

        def done(found: tuple[Any, Any]) -> None:
            if self._made is surface:
                self._content.sources.set_images(found[0])
                self._content.trees.set_images(found[1])

        self._state.jobs.submit(
            "sources", msg("Drawing what comes from where"), work, slot=Slot.IO, on_done=done,
            on_error=lambda failure: self._state.say(notice_of(failure)),
        )  # fmt: skip


def pictures(found: SourceMap) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the pictures of elevation and of trees; any thread may make them."""
    from cn_planner.terrain.ground_map import HOLE, SEAM, TOPS

    inks_of_both = different(len(found.files) + len(found.tree_files))

    def classes(
        names: tuple[str, ...], inks: tuple[str, ...], more: tuple[OverlayClass, ...], values: Any
    ) -> tuple[OverlayClass, ...]:
        whole = [OverlayClass(n, inks[n - 1], _named(name), _TINT, n % 2 == 0) for n, name in enumerate(names, start=1)]
        return tuple(one for one in (*whole, *more) if (values == one.value).any())

    elevation = classes(
        found.files,
        inks_of_both,
        (OverlayClass(HOLE, _HOLE, msg("no height here"), 0.7, dotted=True),
         OverlayClass(SEAM, _SEAM, msg("where two sources meet"), 0.9)),
        found.elevation,
    )  # fmt: skip
    first = (build_overlay(found.elevation, WGS84, found.transform, elevation),)
    if found.trees is None:
        return first, ()
    tops = OverlayClass(TOPS, _TOPS, msg("known, but in the heights already"), _TINT, dotted=True)
    trees = classes(found.tree_files, inks_of_both[len(found.files) :], (tops,), found.trees)
    return first, (build_overlay(found.trees, WGS84, found.transform, trees),)


def _named(name: str) -> Message:
    from cn_planner.terrain.tree_files import FORESTS

    return msg("Forests of the base map") if name == FORESTS else msg("{file}", file=name)
