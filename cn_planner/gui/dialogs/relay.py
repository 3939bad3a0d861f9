"""A tower between two others: a link is split where somebody points, or a place is looked for that both ends see."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame

from cn_planner.gui import theme
from cn_planner.gui.dialogs.job_dialog import JobDialog
from cn_planner.gui.kinds import SITE, site_name
from cn_planner.gui.panels.decisions import signed_money
from cn_planner.gui.panels.formatters import verdict
from cn_planner.gui.panels.parts import STRETCH, button, caption, empty, fill_box, hbox, vbox
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.words import tr
from cn_planner.jobs import run_on
from cn_planner.message import Message, counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.kinds import LatLon
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Job, Report
    from cn_planner.planning.between import LinkSplit, RelayOption, RelaySearch
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot

_KEY = "relay"


def split_here(state: AppState, link: str, share: float) -> Job[LinkSplit] | None:
    """Put a tower on a link's path, at a part of its length, and make two links of it: one edit."""
    row = state.plan.links.get(link)
    if row is None:
        return None
    name = tr(msg("Tower {number}", number=len(state.plan.sites) + 1))

    def work(snapshot: Snapshot, _report: Report, _cancel: CancelToken) -> LinkSplit:
        from cn_planner.planning.between import split_link

        return split_link(snapshot.study, link, share, name)

    def done(found: LinkSplit) -> None:
        if state.apply(found.edit):
            state.select(SITE, found.site.id)
            state.say(Notice(Level.INFO, found.note))

    return state.ask("split", msg("Looking along both halves"), work, done, said=True)


class RelayDialog(JobDialog):
    """Places from which both of two towers are seen, the best first; they are numbered on the map.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    ends : (str, str)
        The two towers.
    go_to : callable of (latitude, longitude)
        Shows a place on the map.
    mark : callable of places
        Marks them on the map.
    """

    def __init__(
        self,
        parent: QWidget,
        state: AppState,
        ends: tuple[str, str],
        go_to: Callable[..., object],
        mark: Callable[[Sequence[LatLon]], None],
    ) -> None:
        super().__init__(parent, state, msg("Find a relay"), _KEY, width=460, height=620)
        self.ends, self._go_to, self._mark = ends, go_to, mark
        self.found: RelaySearch | None = None
        self.cards: list[QFrame] = []
        self._rows = vbox()
        fill_box(self.column, self._rows, STRETCH)
        self.add_job()
        self.add_close()
        self.look()

    def look(self) -> None:
        """Look for places in the plan as it stands."""
        ends, name = self.ends, tr(msg("Tower {number}", number=len(self._state.plan.sites) + 1))

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> RelaySearch:
            from cn_planner.planning.between import find_relays

            return find_relays(snapshot.study, *ends, name=name, run=run_on(report, cancel))

        self.found = None
        self._fill()
        self.ask(msg("Looking for a relay"), work, self._take)

    def _take(self, found: RelaySearch) -> None:
        self.found = found
        self._fill()
        self.show_state()

    def show_state(self) -> None:
        """Say how it stands."""
        found, plan = self.found, self._state.plan
        self.again.setVisible(not self.busy and (self.outdated or found is None))
        names = {"a": site_name(plan, self.ends[0]), "b": site_name(plan, self.ends[1])}
        warns = self.outdated
        if self.outdated:
            words = msg("The plan was changed since. This is how it was before.")
        elif self.busy:
            words = msg("Places are looked for that {a} and {b} both see.", **names)
        elif found is None:
            self.said.setText(self.fault or tr(msg("It was stopped. Nothing was changed.")))
            theme.mark(self.said, "warn" if self.fault else "")
            return
        elif found.options:
            words = counted(
                "{count} place sees both {a} and {b}: it is numbered on the map.",
                "{count} places see both {a} and {b}: they are numbered on the map, the best first.",
                len(found.options), **names,
            )  # fmt: skip
        else:
            words = msg(
                "No place sees both {a} and {b}; {count} were looked at. {miss}",
                count=found.looked, miss=found.miss or Message(""), **names,
            )  # fmt: skip
            warns = True
        self.said.setText(tr(words))
        theme.mark(self.said, "warn" if warns else "")

    def _fill(self) -> None:
        empty(self._rows)
        options = () if self.found is None else self.found.options
        self.cards = [self._card(number, one) for number, one in enumerate(options, 1)]
        for card in self.cards:
            self._rows.addWidget(card)
        self._mark([(one.site.latitude, one.site.longitude) for one in options])

    def _card(self, number: int, one: RelayOption) -> QFrame:
        plan = self._state.plan
        symbol, word, kind = verdict(one.verdict)
        where = one.site.name if one.known else tr(msg("New place"))
        head = f"{number}  {where or one.site.id}"
        cost = signed_money(one.cost, plan.info.currency)
        if one.unpriced:
            cost = tr(msg("{cost} or more", cost=cost))
        warning = "" if one.warning is None else f"▲ {tr(one.warning)}"
        card = QFrame()
        theme.mark(card, "card")
        card.setAccessibleName(" ".join(filter(None, (f"{head}. {word}. {tr(one.words)}", warning, cost))))
        take = button(msg("Take it"), name=msg("Take place {number}", number=number), act=partial(self.take, one))
        show = partial(self._go_to, one.site.latitude, one.site.longitude)
        look = button(msg("Show"), "flat", name=msg("Show place {number} on the map", number=number), act=show)
        lines = [caption(f"{symbol} {word}", kind), caption(one.words, "label")]
        if warning:
            lines.append(caption(warning, "warn"))
        vbox(
            hbox((caption(head, "head"), 1), caption(cost, "value", wraps=False)),
            *lines,
            hbox(take, look, STRETCH),
            on=card, gap=4, margin=12,
        )  # fmt: skip
        return card

    def take(self, one: RelayOption) -> None:
        """Take one: the tower stands and the link leads over it, in one edit."""
        if self.outdated or not self._state.apply(one.edit):
            return
        self._state.select(SITE, one.site.id)
        self.close()

    def end(self) -> None:
        """Look no further, and leave the map as it was."""
        super().end()
        self._mark([])
