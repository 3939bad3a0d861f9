"""What is said of a plan for fewer homes than were asked for."""

from __future__ import annotations

import math
from dataclasses import replace

from cn_planner.message import msg
from cn_planner.model.clients import REFUSED_WORDS
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import Plan, PlanStatus
from cn_planner.planning.explain import Unserved
from cn_planner.planning.left_out_told import told_left
from cn_planner.planning.result import Design
from cn_planner.planning.shortfall import NOT_KNOWN, ShortOfHomes
from cn_planner.solver.instance import StoppedBy

LINKS = ShortOfHomes(UnservedKind.SHORT_LINKS, 494.0, 350.0, msg("Links carry no more."))


def _design(served: float, **more) -> Design:
    left = (
        Unserved("a", UnservedKind.LEFT_OUT, msg("It is not among the share."), None, None),
        Unserved("b", UnservedKind.FAR, msg("Far."), None, None),
    )
    return Design(
        PlanStatus.FEASIBLE, Edit(msg("x"), Plan()), 538.0, served, 520.0, 1.0, None, None, None, None, 1.0,
        StoppedBy.DONE, unserved=left, **more,
    )  # fmt: skip


def test_the_number_that_holds_on_the_channels_is_said():
    """350 stood beside 286 that the plan serves."""
    assert str(LINKS.words(350.0)) == (
        "494 homes were asked for; 350 are the most for which a plan was found. Links carry no more."
    )
    assert str(LINKS.words(286.0)) == (
        "494 homes were asked for; 350 are the most for which a plan was found. Links carry no more. The network's own "
        "radios disturb each other: on the channels that they may use 286 of the homes asked for are reached."
    )
    assert "; 360 are the most" in str(LINKS.words(360.0))  # a plan that was found later
    assert LINKS.words(494.0) == LINKS.why


def test_the_share_leaves_nobody_out_where_fewer_are_reached():
    found = told_left(_design(286.0, reason=LINKS.words(286.0), shortfall=LINKS), 494.0)
    assert [(one.kind, one.reason) for one in found.unserved] == [
        (UnservedKind.SHORT_LINKS, found.reason), (UnservedKind.FAR, msg("Far.")),
    ]  # fmt: skip
    unknown = told_left(_design(286.0), 494.0)
    assert (unknown.unserved[0].kind, unknown.unserved[0].reason) == (UnservedKind.SHORT, NOT_KNOWN)
    refused = Unserved("c", UnservedKind.LEFT_OUT, REFUSED_WORDS, None, None)
    stays = told_left(replace(_design(286.0), unserved=(refused,)), 494.0)
    assert stays.unserved == (refused,)  # whoever refused is not asked for
    for asked in (286.0, math.inf):  # as many as asked for; as many as the money does for
        assert told_left(_design(286.0), asked).unserved[0].kind is UnservedKind.LEFT_OUT
