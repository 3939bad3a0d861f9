"""What a raster does not say of itself, asked: where it lies, or what its heights are counted in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import InputError, UnknownPlaceError
from cn_planner.geo import geodesic
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.fields import ChoiceField, line_edit
from cn_planner.gui.panels.parts import STRETCH, caption, fill_box
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from cn_planner.errors import PlannerError
    from cn_planner.gui.state import AppState
    from cn_planner.terrain.asked import Answers, LikelyCrs


class GroundQuestion(Dialog):
    """The question.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    error : PlannerError
        What is not known.
    files, answers
        What was to be read, and what was said of it before.
    read : callable
        Reads the files again, with the answer.
    """

    def __init__(
        self,
        parent: QWidget,
        state: AppState,
        error: PlannerError,
        files: list[Path],
        answers: Answers | None,
        read: Callable[[list[Path], Answers], object],
    ) -> None:
        from cn_planner.terrain.asked import Answers

        title = msg("What are these heights counted in?")
        if isinstance(error, UnknownPlaceError):
            title = msg("Where does this raster lie?")
        super().__init__(parent, title, width=520, height=360)
        self._files, self._answers, self._read = files, answers or Answers(), read
        fill_box(self.column, caption(error.where.rpartition("/")[2], "value"), caption(error.what))
        if isinstance(error, UnknownPlaceError):
            self._ask_place(state, error)
        else:
            self.column.addStretch(1)
            self.add_button(msg("Leave it out"), self.close)
            self.add_button(msg("They are metres"), lambda: self._go(unit="m"))
            self.add_button(msg("They are feet"), lambda: self._go(unit="ft"), "primary")
        state.projectChanged.connect(self.close)

    def _ask_place(self, state: AppState, error: UnknownPlaceError) -> None:
        from cn_planner.terrain.asked import likely_crs

        plan = state.plan
        near = [(one.latitude, one.longitude) for one in plan.sites.values()]
        near += [(one.latitude, one.longitude) for one in plan.households.values()]
        likely = likely_crs(*error.corner, near)
        self.code = line_edit(msg("Code of the system"), hint="EPSG:32636")
        meant = None
        if likely:
            self._offer(likely, near)
        else:
            meant = msg("It gives coordinates, but not of which system. Whoever made the file knows the code.")
        self.add_field(msg("Code of the system"), self.code, meant)
        self.wrong = caption("", "warn")
        fill_box(self.column, self.wrong, STRETCH)
        self.add_button(msg("Leave it out"), self.close)
        self.add_button(msg("Read it"), lambda: self._go(crs=self.code.text().strip()), "primary")

    def _offer(self, likely: tuple[LikelyCrs, ...], near: list[tuple[float, float]]) -> None:
        offered = [(one.crs, self._words(one, near)) for one in likely]
        choice = ChoiceField(msg("Its coordinates"), [*offered, ("", msg("another system, by its code"))])
        meant = msg("It gives coordinates, but not of which system. These would lay it near your places.")
        self.add_field(msg("Its coordinates"), choice, meant)
        choice.committed.connect(self.code.setText)
        choice.show_value(likely[0].crs)
        self.code.setText(likely[0].crs)

    @staticmethod
    def _words(one: LikelyCrs, near: list[tuple[float, float]]) -> Message:
        if not near:
            return msg("{name} ({code})", name=one.name, code=one.crs)
        lat, lon = sorted(near)[len(near) // 2]
        away = geodesic(lat, lon, one.latitude, one.longitude).distance_m / 1000.0
        return msg("{name} ({code}): {km:,.0f} km from your places", name=one.name, code=one.crs, km=away)

    def _go(self, *, crs: str = "", unit: str = "") -> None:
        from cn_planner.terrain.asked import check_answers

        answers = replace(self._answers, crs=crs or self._answers.crs, unit=unit or self._answers.unit)
        try:
            check_answers(answers)
        except InputError as problem:
            self.wrong.setText(tr(problem.what))
            return
        self.close()
        self._read(self._files, answers)
