"""Channels: each sector and link is given one; who still disturbs whom, and what to do about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cn_planner.gui import theme
from cn_planner.gui.dialogs.job_dialog import JobDialog
from cn_planner.gui.kinds import LINK
from cn_planner.gui.panels.parts import STRETCH, button, caption, empty, fill_box, told_card, vbox
from cn_planner.gui.words import tr
from cn_planner.jobs import run_on
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QFrame, QWidget

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Report
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot
    from cn_planner.spectrum.channel_plan import ChannelConflict, ChannelPlan

_KEY = "channels"
_FELT = 0.0005
"""A smaller share of the capacity is printed as none."""
_MOST = 30


class ChannelsDialog(JobDialog):
    """The dialog; it gives channels when it is made, to those that have none.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    show : callable of str
        Shows a site or link by its id.
    """

    def __init__(self, parent: QWidget, state: AppState, show: Callable[[str], object]) -> None:
        super().__init__(parent, state, msg("Channels"), _KEY, width=560, height=480)
        self._show_thing = show
        self.found: ChannelPlan | None = None
        self.cards: list[QFrame] = []
        self.lost = caption(kind="label")
        self._rows = vbox()
        self.notes = caption(kind="label")
        fill_box(self.column, self.lost, self._rows, self.notes, STRETCH)
        self.add_job()
        self.fresh = self.add_button(msg("Give all anew"), lambda: self.look(fresh=True))
        self.fresh.setToolTip(tr(msg("Also those that have a channel are given one anew.")))
        self.add_close()
        self.look()

    def look(self, *, fresh: bool = False) -> None:
        """Give channels to the plan as it stands, as one edit where any changes."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> ChannelPlan:
            from cn_planner.session.tasks import give_channels

            return give_channels(snapshot, fresh=fresh, run=run_on(report, cancel))

        self.found = None
        self._fill()
        self.ask(msg("Giving channels"), work, self._take)

    def _take(self, found: ChannelPlan) -> None:
        if found.edit is not None:
            self.given.append(found.edit.plan)
            if not self._state.apply(found.edit):
                return
        self.found = found
        self._fill()
        self.show_state()

    def show_state(self) -> None:
        """Say how it stands."""
        found = self.found
        self.again.setVisible(not self.busy and (self.outdated or found is None))
        self.fresh.setVisible(not self.busy and not self.outdated and found is not None and bool(found.uses))
        if self.outdated:
            self.said.setText(tr(msg("The plan was changed since. This is how it was before.")))
        elif found is not None:
            self.said.setText(_summary(found))
        elif self.busy:
            self.said.setText(tr(msg("Each sector and link is given the channel on which it is disturbed least.")))
        else:
            self.said.setText(self.fault or tr(msg("It was stopped. No channel was given.")))
        theme.mark(self.said, "warn" if self.outdated else "")

    def _fill(self) -> None:
        empty(self._rows)
        found = self.found
        self.cards = [self._card(one) for one in found.conflicts[:_MOST]] if found is not None else []
        for card in self.cards:
            self._rows.addWidget(card)
        lost = found is not None and bool(found.conflicts) and found.lost >= _FELT
        self.lost.setVisible(lost)
        if lost and found is not None:
            self.lost.setText(tr(found.lost_words))
        self.notes.setVisible(found is not None and bool(found.uses))
        self.notes.setText("" if found is None else "\n".join(tr(one) for one in found.notes))

    def _card(self, one: ChannelConflict) -> QFrame:
        kind, site, key = one.victim
        text, shows = tr(one.text), tr(msg("Show on the map"))
        act = partial(self._show_thing, key if kind == LINK else site)
        return told_card(text, [tr(one.fix)], button(shows, name=f"{shows}: {text}", act=act), warns=True)


def _summary(found: ChannelPlan) -> str:
    """Return how many have a channel, and how many of them are disturbed."""
    if not found.uses:
        return tr(msg("The plan has no sectors and links yet: make a plan first, or place them on the map."))
    count = len(found.uses)
    have = counted("{count} sector or link has a channel.", "{count} sectors and links have a channel.", count)
    if not found.conflicts:
        none = msg("None of them is slower because of another.")
        return f"{tr(have)} {tr(none)}"
    worse = counted(
        "{count} of them is slower because of another:", "{count} of them are slower because of others:",
        len(found.conflicts),
    )  # fmt: skip
    return f"{tr(have)} {tr(worse)}"
