"""The panel when nothing is selected: the plan in figures, what is weakest, and what only the village knows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from cn_planner.gui.panels import plan_edits, sayings
from cn_planner.gui.panels.parts import Card, Elided, Facts, NameField, NumberField, Section, column, label, rule
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg
from cn_planner.model import edits
from cn_planner.planning.costs import capital

if TYPE_CHECKING:
    from cn_planner.gui.panels.desk import Desk

_WORST = 4


class OverviewPanel(QWidget):
    """The plan as a whole."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        body = column(self, gap=16)
        self.name = NameField(tr(msg("Name of the plan")))
        self.name.committed.connect(self._rename)
        body.addWidget(self.name)
        self.lead = label()
        body.addWidget(self.lead)
        self.facts = Facts()
        body.addWidget(self.facts)
        body.addWidget(rule())
        self.weak = Section(tr(msg("Weakest links")))
        self.cards = [Card(clickable=True) for _ in range(_WORST)]
        self._shown: list[str] = [""] * _WORST
        for number, card in enumerate(self.cards):
            card.clicked.connect(partial(self._go, number))
            self.weak.body.addWidget(card)
        body.addWidget(self.weak)
        part = Section(tr(msg("What holds everywhere")))
        rows = Facts()
        self.fields: dict[str, NumberField] = {}
        for key, words, unit, low, high in (
            ("area.canopy_m", msg("Trees"), "m", 0, 80),
            ("demand.mbps_per_home", msg("Speed a home"), "Mbit/s", 1, 10_000),
            ("demand.antenna_height_m", msg("Roof antenna"), "m", 0.5, 50),
        ):
            made = NumberField(tr(words), low=low, high=high, unit=unit, decimals=1)
            made.committed.connect(partial(self._set, key))
            self.fields[key] = made
            rows.add(tr(words), made)
        part.body.addWidget(rows)
        self.trees = Elided(kind="label")
        part.body.addWidget(self.trees)
        body.addWidget(part)
        body.addStretch(1)
        desk.state.serviceChanged.connect(self.show_plan)
        desk.linksChanged.connect(self._show_weak)

    def show_plan(self) -> None:
        """Show the plan; again after an edit."""
        if not self.isVisibleTo(self.parentWidget()):
            return
        plan, project = self.desk.plan, self.desk.state.project
        self.setEnabled(project is not None)
        self.name.show_value(plan.info.name)
        towers = len(plan.used_sites)
        now = self.desk.state.computed.service
        if not plan.households:
            self.lead.setText(tr(msg("No homes yet: import a list, or place them on the map.")))
        elif now is None:
            self.lead.setText(tr(msg("Who is reached is not computed yet.")))
        else:
            self.lead.setText(
                tr(
                    counted(
                        "{reached:,.0f} of {count:,.0f} home is reached.",
                        "{reached:,.0f} of {count:,.0f} homes are reached.",
                        now.total,
                        reached=now.reached_weight,
                    )
                )
            )
        pairs = [
            (tr(msg("Places")), tr(msg("{count} of which {towers} with a mast", count=len(plan.sites), towers=towers))),
            (tr(msg("Links")), sayings.number(float(len(plan.links)))),
        ]
        if now is not None:
            pairs.append(
                (
                    tr(msg("Connected")),
                    tr(
                        counted(
                            "{count:,.0f} home in this plan", "{count:,.0f} homes in this plan", now.connected_weight
                        )
                    ),
                )
            )
        if project is not None and towers:
            total = capital(plan, project.catalogue).total.total
            pairs.append((tr(msg("Cost")), self.desk.money(total)))
            homes = sum(home.weight for home in plan.households.values() if home.server is not None)
            if homes:
                pairs.append((tr(msg("A home")), self.desk.money(total / homes)))
        self.facts.show_texts(pairs)
        self.fields["area.canopy_m"].show_value(plan.area.assumed_canopy_m)
        self.fields["demand.mbps_per_home"].show_value(plan.demand.mbps_per_home)
        self.fields["demand.antenna_height_m"].show_value(plan.demand.antenna_height_m)
        self.trees.say(tr(msg("Nobody said yet how tall the trees are.")) if plan.area.canopy_m is None else "")
        self.trees.setVisible(plan.area.canopy_m is None)
        self._show_weak()

    def _show_weak(self) -> None:
        plan = self.desk.plan
        ranked = sorted(
            (key for key in plan.links if key in self.desk.links), key=lambda key: _strength(self.desk, key)
        )[:_WORST]
        self.weak.setVisible(bool(ranked))
        self._shown = [*ranked, *[""] * (_WORST - len(ranked))]
        for card, key in zip(self.cards, self._shown, strict=True):
            card.setVisible(bool(key))
            if key:
                budget = self.desk.links[key]
                symbol, _, kind = sayings.verdict(budget.verdict)
                name = plan_edits.name_of(plan, "links", key)
                card.say(f"{name}  {self.desk.distance(budget.distance_m)}", sayings.link_line(budget), symbol, kind)

    def _go(self, number: int) -> None:
        self.desk.go("link", self._shown[number])

    def _rename(self, name: str) -> None:
        label = msg("rename the plan to {name}", name=name)
        self.desk.edit(lambda plan: edits.change_section(plan, "info", label, name=name))

    def _set(self, key: str, value: float) -> None:
        section, field = key.split(".")
        words = {
            "canopy_m": msg("trees of {value:g} m", value=value),
            "mbps_per_home": msg("{value:g} Mbit/s a home", value=value),
            "antenna_height_m": msg("roof antennas at {value:g} m", value=value),
        }[field]
        changed: dict[str, Any] = {field: value}
        if not self.desk.edit(lambda plan: edits.change_section(plan, section, words, **changed)):
            self.show_plan()


def _strength(desk: Desk, key: str) -> tuple[int, float, str]:
    from cn_planner.links.verdict import Verdict

    order = {Verdict.BLOCKED: 0, Verdict.NO_DATA: 1, Verdict.CHECK_ON_SITE: 2, Verdict.LIKELY: 3}
    budget = desk.links[key]
    margin = budget.fade_margin_db
    return order[budget.verdict], -1e9 if margin is None else margin, key
