"""A plan as a proposal over the plan that stands: who is won and lost, what it costs, what can be taken of it."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import capital
from cn_planner.errors import MissingTerrainError
from cn_planner.model.clients import hotspots_on
from cn_planner.planning.decisions import decisions_of
from cn_planner.planning.proposal import alone, parts_of, taken
from cn_planner.planning.result import NOT_PROVEN, bound_words
from cn_planner.progress import ALONE, Run
from cn_planner.service.hotspots import people_reached
from cn_planner.service.now import with_reached
from cn_planner.session.service import service_now

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.planning.decisions import Decision
    from cn_planner.planning.proposal import ProposalPart
    from cn_planner.session.workspace import Snapshot


@dataclass(frozen=True, eq=False)
class Proposal:
    """What would change, and nothing of it is in the plan yet; what is painted at each frame is found out once.

    Attributes
    ----------
    before : Plan
        As it stood when this was looked at.
    edit : Edit
        What taking all of it does.
    parts : tuple of ProposalPart
        Priced: their costs add up to what the capital grows by.
    reached_before, reached_after : frozenset of str
        Homes that have the Internet, by the judge.
    cost_before, cost_after : float
        Capital, in the plan's currency.
    bound : Message or None
        What is proven of it.
    gap : float or None
        What share of its cost could be saved at most; None where nothing is proven.
    notes : tuple of Message
        What is to be known of it.
    """

    before: Plan
    edit: Edit
    parts: tuple[ProposalPart, ...]
    reached_before: frozenset[str]
    reached_after: frozenset[str]
    cost_before: float
    cost_after: float
    bound: Message | None = None
    gap: float | None = None
    notes: tuple[Message, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)

    @cached_property
    def won(self) -> frozenset[str]:
        """The homes that get the Internet by it."""
        return self.reached_after - self.reached_before

    @cached_property
    def lost(self) -> frozenset[str]:
        """The homes that lose it."""
        return self.reached_before - self.reached_after

    @cached_property
    def won_by(self) -> dict[str, tuple[str, ...]]:
        """The homes that each tower wins."""
        return self._by_tower(self.won, {})

    @cached_property
    def lost_by(self) -> dict[str, tuple[str, ...]]:
        """The homes that are lost with each part: those that it lets go, and its own that nobody reaches then."""
        return self._by_tower(self.lost, {key: one.id for one in self.parts for key in one.loses})

    def _by_tower(self, homes: frozenset[str], owners: dict[str, str]) -> dict[str, tuple[str, ...]]:
        rows = self.edit.plan.households
        found: dict[str, list[str]] = defaultdict(list)
        for key in sorted(homes):
            owner = owners.get(key, rows[key].server if key in rows else None)
            if owner is not None:
                found[owner].append(key)
        return {owner: tuple(keys) for owner, keys in found.items()}

    @cached_property
    def weight_won(self) -> dict[str, float]:
        """How many homes each tower wins."""
        return {key: self.weight(homes) for key, homes in self.won_by.items()}

    @cached_property
    def heirs(self) -> dict[str, frozenset[str]]:
        """The towers that take over homes of each."""
        rows = self.edit.plan.households
        found: dict[str, set[str]] = defaultdict(set)
        for key, home in self.before.households.items():
            server = rows[key].server if key in rows else None
            if home.server is not None and server is not None and server != home.server:
                found[home.server].add(server)
        return {key: frozenset(servers) for key, servers in found.items()}

    @property
    def cost(self) -> float:
        """What the capital grows by."""
        return round(self.cost_after - self.cost_before, 2)

    def weight(self, homes: Collection[str]) -> float:
        """Return how many homes these stand for."""
        return sum(self.weights.get(key, 1.0) for key in homes)

    def plan_of(self, chosen: Collection[str]) -> Plan:
        """Return the plan in which some parts were taken."""
        return taken(self.before, self.edit.plan, self.parts, chosen)


@dataclass(frozen=True, slots=True, eq=False)
class ProposalCount:
    """What some parts of a proposal amount to: homes by weight, and what the capital grows by."""

    chosen: frozenset[str]
    plan: Plan
    won: float
    lost: float
    cost: float


def look_at(snapshot: Snapshot, edit: Edit, notes: tuple[Message, ...] = (), *, run: Run = ALONE) -> Proposal:
    """Return an edit as a proposal over the plan that stands; nothing is changed.

    Raises
    ------
    InputError
        Where a kit that one of both plans names is not on its shelf.
    CancelledError
    """
    before, after = snapshot.plan, edit.plan
    then = snapshot.workspace.snapshot(after)
    was, paid_before = _reached(snapshot, run=run.part(0.0, 0.4))
    now, paid_after = _reached(then, run=run.part(0.4, 0.8))
    stands, whole = _capital(snapshot, paid_before), _capital(snapshot, paid_after)
    parts = _priced(snapshot, (paid_before, paid_after), parts_of(before, after), stands, run=run.part(0.8, 1.0))
    homes = {**before.households, **after.households}
    proven = None if after.outcome is before.outcome else after.outcome
    return Proposal(
        before, edit, parts, was, now, stands, whole,
        bound=None if proven is None else bound_words(proven, after.info.currency) or NOT_PROVEN,
        gap=None if proven is None else proven.gap,
        notes=notes,
        weights={key: home.weight for key, home in homes.items()},
    )  # fmt: skip


def decisions_in(snapshot: Snapshot, proposal: Proposal, *, run: Run = ALONE) -> tuple[Decision, ...]:
    """Return each decision of a proposed plan; what homes need, and who walks to a hotspot, is not said without ground.

    The whole bill is counted anew for each: of eighty towers that takes half a minute of the processor.

    Raises
    ------
    CancelledError
    """
    there = snapshot.workspace.snapshot(proposal.edit.plan)
    plan = there.plan
    now, people, down = None, dict[str, float](), None
    with suppress(MissingTerrainError):
        now = service_now(there, run=run.silently())
        down = now.nothing_over
    if hotspots_on(plan):
        with suppress(MissingTerrainError):
            ground = there.study if plan.elevation else there.bare_study
            found = people_reached(ground, down=down, run=run.silently())
            people = {one.hotspot.id: one.people for one in found.hotspots}
    return decisions_of(there.study if plan.elevation else there.bare_study, now, people, run=run)


def count_parts(snapshot: Snapshot, proposal: Proposal, chosen: Collection[str], *, run: Run = ALONE) -> ProposalCount:
    """Return what some parts of a proposal amount to, judged anew: shares of homes do not add up.

    Raises
    ------
    CancelledError
    """
    plan = proposal.plan_of(chosen)
    there = snapshot.workspace.snapshot(plan)
    now, paid = _reached(there, run=run)
    won, lost = now - proposal.reached_before, proposal.reached_before - now
    cost = round(_capital(snapshot, paid) - proposal.cost_before, 2)
    return ProposalCount(frozenset(chosen), plan, proposal.weight(won), proposal.weight(lost), cost)


def _capital(snapshot: Snapshot, plan: Plan) -> float:
    return capital(plan, snapshot.workspace.snapshot(plan).catalogue).total.total


def _priced(
    snapshot: Snapshot, paid: tuple[Plan, Plan], parts: tuple[ProposalPart, ...], stands: float, *, run: Run
) -> tuple[ProposalPart, ...]:
    """Return the parts, each with what it adds to the capital when those before it alone are taken: they add up.

    ``paid``: before and after, as `with_reached` has them; ``stands``: the capital of the first.
    """
    found: list[ProposalPart] = []
    for number, one in enumerate(parts, start=1):
        run.check()
        run.progress((number - 1) / len(parts))
        total = _capital(snapshot, alone(paid[0], parts[:number]) if number < len(parts) else paid[1])
        found.append(replace(one, cost=round(total - stands, 2)))
        stands = total
    return tuple(found)


def _reached(snapshot: Snapshot, *, run: Run) -> tuple[frozenset[str], Plan]:
    """Return the homes that have the Internet, and the plan whose bill counts with them (`with_reached`).

    Where there is no ground to judge by: those that the plan gives a tower, and the plan as it is. Where a plan gives
    no home a tower yet, those that a tower of it reaches: as its figures count them.
    """
    plan = snapshot.plan
    try:
        now = service_now(snapshot, run=run)
    except MissingTerrainError:
        return frozenset(key for key, home in plan.households.items() if home.server is not None), plan
    mine = np.flatnonzero(now.has_internet(plan))
    return frozenset(now.homes.ids[n] for n in mine.tolist()), with_reached(plan, now)
