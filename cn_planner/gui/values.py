"""What the parts of the window tell each other: notices, what is selected, what was computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QModelIndex, QPersistentModelIndex

from cn_planner.gui.words import tr
from cn_planner.jobs import failure_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.errors import PlannerError
    from cn_planner.jobs import Failure
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.suggestions import Suggestion
    from cn_planner.service.now import ServiceNow
    from cn_planner.service.path_view import LinkView
    from cn_planner.session.figures_in_hand import FiguresInHand
    from cn_planner.session.live import LiveCoverage
    from cn_planner.session.scenarios import Scenario


class Level(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know: what, where, what to do, and what can be copied for those who help."""

    level: Level
    what: Message
    where: str = ""
    fix: Message | None = None
    details: str = ""


AnyIndex = QModelIndex | QPersistentModelIndex
"""What Qt asks models and delegates by."""
Offer = tuple["Message", "Callable[[], object]"]
"""What can be done at once: the words of its button, and what does it."""


class Say(Protocol):
    """Shows a notice, and what can be done at once."""

    def __call__(self, notice: Notice, action: Offer | None = None) -> Callable[[], object]:
        """Show it; returns what takes it away where it still stands."""


def notice_about(error: PlannerError, level: Level = Level.ERROR) -> Notice:
    """Return what a person is told of something that was not taken."""
    details = failure_of(error).report if level is Level.ERROR else ""
    return Notice(level, error.what, error.where, error.fix, details)


def told_of(what: Notice | PlannerError, *, place: bool = True) -> str:
    """Return what happened, where, and what to do, as one text."""
    where = f"{what.where}: " if place and what.where else ""
    return where + " ".join(tr(one) for one in (what.what, what.fix) if one is not None)


def notice_of(failure: Failure) -> Notice:
    """Return what a person is told of a job or an edit that failed."""
    error = failure.error
    return Notice(Level.ERROR, error.what, error.where, error.fix, failure.report)


@dataclass(slots=True)
class Computed:
    """What was computed of the plan as it stands, and stays until something newer takes its place."""

    service: ServiceNow | None = None
    live: LiveCoverage | None = None
    in_hand: FiguresInHand | None = None
    """Homes and cost with the tower that is carried where the hand is; None where none is."""
    coverage: dict[str, LiveCoverage] = field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()
    suggested_for: Plan | None = None
    """The plan that they were looked for in."""
    scenarios: tuple[Scenario, ...] = ()
    path: LinkView | None = None
