"""Power: how much sun there is, and what keeps each tower on it on the air; taken into the plan with one button."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from babel.dates import get_month_names
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from cn_planner.errors import PlannerError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.fields import NumberField, TextField
from cn_planner.gui.panels.parts import (
    STRETCH,
    Section,
    button,
    caption,
    empty,
    fill_box,
    hbox,
    named_field,
    told_card,
    vbox,
)
from cn_planner.gui.values import told_of
from cn_planner.gui.words import language, tr, with_commas
from cn_planner.jobs import Slot
from cn_planner.message import counted, msg
from cn_planner.model import settings as plan_settings
from cn_planner.session.sun import doubts, say_sun, take_sets, usual_sets, with_clear_sky

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, Report
    from cn_planner.model.plan import Plan
    from cn_planner.progress import CancelToken
    from cn_planner.report.power import PowerChapter
    from cn_planner.report.power_records import PowerRecord
    from cn_planner.session.workspace import Snapshot

_MONTHLY = plan_settings.PLAN_SETTINGS["sun.monthly_kwh_m2_day"]
_COLUMNS = 4
_MOST = 60


class PowerDialog(Dialog):
    """The dialog.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    ask : callable of str
        Does a command of the window: choosing a file, prices and wages.
    show : callable of str
        Shows a site by its id.
    """

    def __init__(
        self, parent: QWidget, state: AppState, ask: Callable[[str], object], show: Callable[[str], None]
    ) -> None:
        super().__init__(parent, msg("Power from the sun"), width=720, height=720)
        self._state, self._show_site = state, show
        self.found: PowerChapter | None = None
        self.cards: list[QFrame] = []
        self._sun(ask)
        self._wishes(ask)
        self.towers = Section(msg("Towers on the sun"))
        self.said = caption()
        self._rows = vbox()
        fill_box(self.towers.body, self.said, self._rows)
        fill_box(self.column, self.towers, STRETCH)
        self.costs = self.add_button(msg("Prices and wages…"), lambda: ask("costs"))
        self.usual = self.add_button(msg("Back to the cheapest sets"), lambda: self._state.make(usual_sets))
        self.take = self.add_button(msg("Keep these sets"), self._take)
        theme.mark(self.take, "primary")  # but Enter in a field takes the field, not the sets
        self.add_close()
        state.projectChanged.connect(self.close)
        state.planChanged.connect(self._read)
        self._read()

    def _sun(self, ask: Callable[[str], object]) -> None:
        """Lay out the twelve figures, where they come from, and the clear sky that stands for them."""
        tip = tr(msg("Of NASA POWER or PVGIS: months, days or hours, CSV or JSON."))
        file = button(msg("Read a file…"), tip=tip, act=lambda: ask("import_sun"))
        part = Section(msg("How much sun there is"), aside=file)
        self.source = caption("", "label")
        part.body.addWidget(self.source)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        names = get_month_names("wide", context="stand-alone", locale=language().replace("-", "_"))
        self.months: list[TextField] = []
        for number in range(12):
            month = TextField(names[number + 1], longest=12)
            month.committed.connect(lambda _text: self._say_months())
            grid.addLayout(named_field(names[number + 1], month), *divmod(number, _COLUMNS))
            self.months.append(month)
        self.problem = caption("", "warn")
        self.problem.hide()
        fill_box(
            part.body,
            caption(msg("On a square metre, kWh a day: the mean of each month."), "label"),
            grid,
            self.problem,
        )
        self.tilt = NumberField(msg("Tilt of the surface that they are for; 0: level ground"), low=0, high=90, unit="°")
        self.tilt.committed.connect(lambda value: self._change("sun.tilt_deg", value))
        self.clear = NumberField(msg("Share of a clear sky's sun on an average day"), low=0, high=100, unit="%")
        self.clear.setSpecialValueText("–")  # nobody said
        self.clear.committed.connect(self._say_clearness)
        for field in (self.tilt, self.clear):
            field.setFixedWidth(theme.px(96))
            part.body.addLayout(hbox(field, (caption(field.accessibleName()), 1)))
        part.body.addWidget(caption(msg("A clear sky stands for the figures where none are given."), "label"))
        self.column.addWidget(part)

    def _wishes(self, ask: Callable[[str], object]) -> None:
        """Lay out what a tower must keep."""
        name = tr(msg("More about panels and batteries"))
        more = button(msg("More…"), name=name, act=lambda: ask("set:power"))
        part = Section(msg("What a tower must keep"), aside=more)
        line = hbox(gap=16)
        self.wishes: dict[str, NumberField] = {}
        for key, words, low, high, unit, decimals in (
            ("power.uptime_pct", msg("Works, of the hours of a year"), 50, 100, "%", 2),
            ("power.autonomy_days", msg("Days without sun"), 0, 30, "", 1),
            ("power.cloudy_days", msg("Dull days in a row"), 1, 15, "", 0),
        ):
            field = NumberField(words, low=low, high=high, unit=unit, decimals=decimals)
            field.committed.connect(lambda value, key=key: self._change(key, value))
            line.addLayout(named_field(words, field), 1)
            self.wishes[key] = field
        part.body.addLayout(line)
        self.column.addWidget(part)

    # What is typed

    def _change(self, key: str, value: float) -> None:
        if not self._state.make(lambda plan: plan_settings.change_setting(plan, {key: f"{value:g}"})):
            self._show_plan(self._state.plan)

    def _say_months(self) -> None:
        """Take the twelve figures as soon as all are there; say what is wrong with them."""
        texts = [field.text().strip().replace(",", ".") for field in self.months]
        if any(texts) and not all(texts):
            return
        try:
            figures = plan_settings.parse_setting(_MONTHLY, ",".join(texts) if all(texts) else "")
            sun = replace(self._state.plan.sun, monthly_kwh_m2_day=figures, date="",
                          source=tr(msg("given by hand")) if figures else "")  # fmt: skip
            edit = say_sun(self._state.plan, sun)
        except PlannerError as error:
            self.problem.setText(told_of(error, place=False))
            self.problem.show()
            return
        self.problem.hide()
        if edit.plan != self._state.plan:
            self._state.apply(edit)

    def _say_clearness(self, percent: float) -> None:
        if not self._state.make(lambda plan: say_sun(plan, with_clear_sky(plan.sun, percent / 100.0))):
            self._show_plan(self._state.plan)

    def _take(self) -> None:
        project = self._state.project
        edit = None if project is None else take_sets(project.plan, project.catalogue)
        if edit is not None:
            self._state.apply(edit)

    # What is shown

    def end(self) -> None:
        """Size nothing more."""
        super().end()
        self._state.jobs.cancel_all("power")

    def _read(self, _changes: object = None) -> None:
        if self.ended or self._state.project is None:
            return
        self._show_plan(self._state.plan)
        self.take.setEnabled(False)

        def work(snapshot: Snapshot, _report: Report, _cancel: CancelToken) -> PowerChapter:
            from cn_planner.report.power import power_chapter

            return power_chapter(snapshot.plan, snapshot.catalogue)

        self._state.ask(
            "power", msg("Sizing panels and batteries"), work, self._found, slot=Slot.IO, on_error=self._failed
        )

    def _failed(self, failure: Failure) -> None:
        self.said.setText(tr(failure.error.what))

    def _show_plan(self, plan: Plan) -> None:
        sun = plan.sun
        figures = [f"{one:g}" for one in sun.monthly_kwh_m2_day] or [""] * 12
        for field, text in zip(self.months, figures, strict=True):
            field.show_value(text)
        self.tilt.show_value(sun.tilt_deg)
        self.tilt.setEnabled(bool(sun.monthly_kwh_m2_day))
        self.clear.show_value(100.0 * (0.0 if sun.clearness is None else sun.clearness))
        for key, wish in self.wishes.items():
            wish.show_value(float(plan_settings.PLAN_SETTINGS[key].value(plan)))
        if sun.monthly_kwh_m2_day:
            words = [one for one in (sun.source, sun.date) if one] or [
                tr(msg("Where the figures come from is not said."))
            ]
            said = with_commas(words)
        elif sun.clearness is not None:
            said = tr(msg("A clear sky, of which an average day has {share:.0%}.", share=sun.clearness))
        else:
            said = tr(msg("Nobody said yet. Read a file, type twelve figures, or say how clear the sky is."))
        doubt = " ".join(tr(one) for one in doubts(plan))
        self.source.setText(f"{said} {doubt}".strip())
        theme.mark(self.source, "warn" if doubt or not sun.known else "label")

    def _found(self, found: PowerChapter) -> None:
        self.found = found
        plan = self._state.plan
        empty(self._rows)
        self.cards = [self._card(one) for one in found.records[:_MOST]]
        for card in self.cards:
            self._rows.addWidget(card)
        dying = [one for one in found.records if _dies(one, plan)]
        if not found.records:
            words = msg("No tower of this plan is off the grid.")
        elif not plan.sun.known:
            words = msg("They are for days without sun alone until it is said how much sun there is.")
        elif dying:
            words = counted(
                "{count} tower runs out of power with what is counted for it now.",
                "{count} towers run out of power with what is counted for them now.",
                len(dying),
            )
        else:
            words = msg("What is counted for them keeps them running.")
        self.said.setText(tr(words))
        theme.mark(self.said, "warn" if dying else "")
        have = {one.site: one for one in plan.power.sets}
        self.take.setEnabled(any(have.get(one.site) != one for one in found.sets))
        self.usual.setVisible(bool(plan.power.sets))

    def _card(self, one: PowerRecord) -> QFrame:
        plan, name = self._state.plan, one.name or one.site
        head = tr(msg("{site}: {load:.0f} W, {energy:,.0f} Wh a day", site=name, load=one.load_w, energy=one.wh_day))
        shows = tr(msg("Show on the map"))
        show = button(shows, "flat", name=f"{shows}: {name}", act=lambda: self._show_site(one.site))
        return told_card(head, _sentences(one, plan.info.currency), show, warns=_dies(one, plan))


def _dies(one: PowerRecord, plan: Plan) -> bool:
    """Return whether what is counted for a tower keeps it less than the plan asks for."""
    return one.uptime_pct is not None and one.uptime_pct < plan.power.uptime_pct - 1e-6


def _sentences(one: PowerRecord, currency: str) -> list[str]:
    """Return what is said of a tower: what it has, how long that works, what it costs, and what to look at."""
    said = [tr(msg(
        "{panels}, {batteries}, {controllers} (sized by: {reason}): {days:.1f} days without sun.", panels=one.panels,
        batteries=one.batteries, controllers=one.controllers, reason=one.sized_by, days=one.autonomy_days or 0.0,
    ))]  # fmt: skip
    if one.uptime_pct is not None:
        said.append(tr(msg(
            "At {tilt:.0f}° it works {year:.2f} % of the year, {worst:.1f} % of {month}.", tilt=one.tilt_deg or 0.0,
            year=one.uptime_pct, worst=one.worst_uptime_pct or 0.0, month=one.worst_month or "",
        )))  # fmt: skip
    if one.cost is not None:
        said.append(tr(msg("{cost:,.2f} {currency} of the price", cost=one.cost, currency=currency)))
    if one.note is not None:
        said.append(tr(one.note))
    return said
