"""Coverage on the map: of the whole network the best class at each place, and of the tower in hand on its own.

Where another map was chosen (`coverage_maps`), that stands in place of the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from cn_planner.coverage.quick import NO_DATA
from cn_planner.gui.map.layers.overlay import build_overlay
from cn_planner.jobs import Slot
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.gui.coverage_maps import CoverageMaps
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.map.layers.overlay import OverlayImage
    from cn_planner.gui.state import AppState
    from cn_planner.session.live import LiveCoverage

LatticeTransform = tuple[float, float, float, float, float, float]


def best_of(coverages: Iterable[LiveCoverage]) -> list[tuple[NDArray[np.uint8], str, LatticeTransform]]:
    """Return the best class at each place; towers on the same lattice of cells are one raster."""
    groups: dict[tuple[object, ...], list[LiveCoverage]] = {}
    for one in coverages:
        a, b, c, d, e, f = one.transform
        lattice = (one.crs, a, b, d, e, round(c % abs(a), 3), round(f % abs(e), 3))
        groups.setdefault(lattice, []).append(one)
    rasters = []
    for members in groups.values():
        a, b, _, d, e, _ = members[0].transform
        left = min(one.transform[2] for one in members)
        top = max(one.transform[5] for one in members)
        places = [(round((one.transform[2] - left) / a), round((one.transform[5] - top) / e)) for one in members]
        rows = max(row + one.shape[0] for (_, row), one in zip(places, members, strict=True))
        columns = max(col + one.shape[1] for (col, _), one in zip(places, members, strict=True))
        best = np.zeros((rows, columns), np.uint8)
        for (col, row), one in zip(places, members, strict=True):
            part, classes = best[row : row + one.shape[0], col : col + one.shape[1]], one.classes
            np.maximum(part, np.where(classes == NO_DATA, 0, classes), out=part)
        rasters.append((best, members[0].crs, (a, b, left, d, e, top)))
    return rasters


class CoverageView(QObject):
    """Keeps the two coverage layers of a canvas true; pictures are made beside the window."""

    def __init__(self, state: AppState, canvas: MapCanvas, maps: CoverageMaps) -> None:
        super().__init__(canvas)
        self._state, self._canvas, self._maps = state, canvas, maps
        self._held = ""
        maps.changed.connect(self._compose)
        state.coverageChanged.connect(self._changed)
        state.projectChanged.connect(self._clear)

    def _clear(self) -> None:
        self._held = ""
        self._canvas.content.coverage.set_images(())
        self._canvas.content.live_coverage.set_images(())

    def _changed(self, found: LiveCoverage | None) -> None:
        if found is not None and found.live:
            if self._held != found.site:
                self._held = found.site
                self._compose()
            self._state.jobs.submit(
                "overlay-live", msg("Drawing coverage"),
                lambda _report, _cancel: [build_overlay(found.classes, found.crs, found.transform)],
                slot=Slot.LIVE, on_done=self._show_live, let_running_finish=True,
            )  # fmt: skip
            return
        if self._state.computed.live is None and self._held:
            self._held = ""
            self._state.jobs.cancel_all("overlay-live")
        self._compose()

    def _show_live(self, images: list[OverlayImage]) -> None:
        if self._held:
            self._canvas.content.live_coverage.set_images(images)

    def _compose(self) -> None:
        """Show what was chosen; while a tower is in hand, who is reached by the others."""
        held, maps = self._held, self._maps
        if maps.view is not None and not held:
            self._state.jobs.cancel_all("overlay")
            self._show([maps.shown.image] if maps.shown is not None else [])
            return
        chosen = tuple(one for key, one in self._state.computed.coverage.items() if key != held)

        def done(images: list[OverlayImage]) -> None:
            if maps.view is None or self._held:
                self._show(images)

        self._state.jobs.submit(
            "overlay", msg("Drawing coverage"),
            lambda _report, _cancel: [build_overlay(*raster) for raster in best_of(chosen)],
            on_done=done,
        )  # fmt: skip

    def _show(self, images: list[OverlayImage]) -> None:
        if tuple(images) != self._canvas.content.coverage.images:
            self._canvas.content.coverage.set_images(images)
        if not self._held and self._canvas.content.live_coverage.images:
            # Only now: what the tower in hand showed stays until the picture of all is there.
            self._canvas.content.live_coverage.set_images(())
