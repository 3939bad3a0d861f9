"""The decisions of a plan in words: what each is, and why, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import counted, msg
from cn_planner.planning.deciding import decision_name
from cn_planner.planning.decisions import DecisionKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.decisions import Decision

_FORBIDDEN = msg("You left it out.")
_IDLE = msg("Nothing hangs on it while all else works.")


def decision_title(one: Decision, proposed: Plan, height: Callable[[float], Message]) -> Message:
    """Return what a decision is about."""
    name = decision_name(proposed, one)
    if one.kind is DecisionKind.MAST:
        return msg("Mast of {height}", height=height(one.height_m or 0.0))
    titles = {
        DecisionKind.TOWER: msg("Tower at {name}", name=name),
        DecisionKind.RELAY: msg("Relay at the home {name}", name=name),
        DecisionKind.GATEWAY: msg("Internet connection here"),
        DecisionKind.HOTSPOT: msg("Hotspot on the mast"),
        DecisionKind.PLACE: msg("Connect {name}", name=name),
        DecisionKind.LINK: msg("Link {name}", name=name),
    }
    return titles[one.kind]


def decision_reason(one: Decision, height: Callable[[float], Message]) -> Message:
    """Return why it is so, in one sentence: what was found in the plan, and nothing else."""
    if not one.taken:
        return _why_not(one)
    if one.kind is DecisionKind.MAST:
        return _of_mast(one, height)
    if one.kind is DecisionKind.GATEWAY:
        return counted(
            "The Internet enters here for {count:,g} home.", "The Internet enters here for {count:,g} homes.",
            one.homes,
        )  # fmt: skip
    if one.kind is DecisionKind.HOTSPOT:
        return _on_foot(one.people)
    if one.kind is DecisionKind.PLACE:
        return _on_foot(one.people) if one.people else msg("A tower of the plan sees it.")
    if one.kind is DecisionKind.LINK:
        if one.homes > 0.0:
            return counted("{count:,g} home reaches the Internet over it.",
                           "{count:,g} homes reach the Internet over it.", one.homes)  # fmt: skip
        return msg("Nothing needs it while all else works: it is a second way.") if one.links else _IDLE
    return _of_tower(one)


def _of_tower(one: Decision) -> Message:
    if one.alone > 0.0:
        return counted(
            "It connects {serves:,g} of the homes; {count:,g} of them no other tower of the plan sees.",
            "It connects {serves:,g} of the homes; {count:,g} of them no other tower of the plan sees.",
            one.alone, serves=one.serves,
        )  # fmt: skip
    if one.serves > 0.0:
        return counted("It connects {count:,g} home.", "It connects {count:,g} homes.", one.serves)
    if one.homes > 0.0:
        return counted(
            "It carries the signal on to towers that connect {count:,g} home.",
            "It carries the signal on to towers that connect {count:,g} homes.",
            one.homes,
        )  # fmt: skip
    return _IDLE


def _of_mast(one: Decision, height: Callable[[float], Message]) -> Message:
    if one.lower_m is None:
        return msg("It is the lowest mast that may stand here.")
    lower = height(one.lower_m)
    homes = counted("{count:,g} home", "{count:,g} homes", one.alone)
    links = counted("{count} link", "{count} links", one.links)
    if one.alone > 0.0 and one.links:
        return msg("With {lower}, {homes} and {links} would not hold.", lower=lower, homes=homes, links=links)
    if one.alone > 0.0 or one.links:
        return msg("With {lower}, {what} would not hold.", lower=lower, what=homes if one.alone > 0.0 else links)
    return msg("All that hangs on it holds with {lower} too, each looked at alone.", lower=lower)


def _on_foot(people: float) -> Message:
    return counted("{count:,.0f} person reaches it on foot.", "{count:,.0f} people reach it on foot.", people)


def _why_not(one: Decision) -> Message:
    if one.forbidden:
        return _FORBIDDEN
    if one.kind is DecisionKind.GATEWAY:
        if one.cost is None:
            return msg("Nobody said what the connection costs here: the planner does not count on it.")
        return msg("The planner weighed it and does without.")
    if one.kind is DecisionKind.PLACE:
        return msg("The plan does not connect it.")
    return msg("The plan does without it.")
