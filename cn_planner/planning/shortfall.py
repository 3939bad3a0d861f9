"""Why a plan reaches fewer homes than were asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.message import Message, Value, msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.model.left_out import UnservedKind

_MOST_NAMED = 5
NOT_KNOWN = msg("It can be reached; the plan leaves it out.")
_DISTURBED = msg(
    "{reason} The network's own radios disturb each other: on the channels that they may use {served:,g} of the homes "
    "asked for are reached."
)


def must_missed(homes: Sequence[str]) -> Message:
    """Return that homes must be reached and are not."""
    return msg(
        "Must be reached and are not: {homes}.",
        homes=", ".join(homes[:_MOST_NAMED]) + (", …" if len(homes) > _MOST_NAMED else ""),
    )


class ShortOfHomes(NamedTuple):
    """Why fewer homes are reached than were asked for.

    Attributes
    ----------
    kind : UnservedKind
    goal : float
        The weight of homes that was asked for.
    most : float
        The most for which a plan was found, without regard to channels.
    why : Message or None
        The rule that binds.
    """

    kind: UnservedKind
    goal: float
    most: float
    why: Message | None

    def words(self, served: float) -> Message | None:
        """Return in words why so many are reached on the plan's own channels."""
        if served >= self.goal - 1e-9:
            return self.why
        return self._most(served) if served >= self.most - 1e-9 else self.disturbed(served)

    def disturbed(self, served: float) -> Message:
        """Return in words that more would be reached if the network's own radios did not disturb each other."""
        return replace(_DISTURBED, values=(("reason", self._most(served)), ("served", served)))

    def _most(self, served: float) -> Message:
        said = msg(
            "{goal:,g} homes were asked for; {served:,g} are the most for which a plan was found.",
            goal=self.goal, served=max(self.most, served),
        )  # fmt: skip
        return said if self.why is None else msg("{most} {why}", most=said, why=self.why)


class PlacesBeside(NamedTuple):
    """The public places that stand among the homes while a plan is sought: what counts them says it of homes alone.

    Attributes
    ----------
    asked : float
        The weight of those that are asked for beside the share of the homes.
    reached : float
        The weight of those that the plan connects.
    served : float
        The weight of homes and places that the plan reaches.
    """

    asked: float
    reached: float
    served: float

    def homes(self, weight: float) -> float:
        """Return how many homes are among so much that a plan reaches; of another plan than this one: at least."""
        return max(self.served - self.reached, weight - (self.asked if weight > self.served + 1e-9 else self.reached))

    def shortfall(self, short: ShortOfHomes | None) -> ShortOfHomes | None:
        """Return why fewer homes are reached; None where all that were asked for are, and only places are lacking."""
        if short is None or self._lacking(short.goal) <= 0.0:
            return None
        return short._replace(goal=short.goal - self.asked, most=self.homes(short.most), why=self.said(short.why))

    def said(self, words: Message | None) -> Message | None:
        """Return a sentence with its counts; None where it says that homes are lacking, and none are."""
        if words is None:
            return None
        given = dict(words.values)
        goal, served, more, carried = (given.get(name) for name in ("goal", "served", "more", "carried"))
        counts: dict[str, Value] = {}
        if isinstance(goal, float | int) and isinstance(carried, float | int):
            wanted = goal - self.asked
            if wanted <= carried:
                return None
            counts["goal"] = wanted
        if isinstance(served, float | int) and (isinstance(goal, float | int) or words.key == _DISTURBED.key):
            counts["served"] = self.homes(served)
            if isinstance(goal, float | int):
                lacking, counts["goal"] = self._lacking(goal), goal - self.asked
                if lacking <= 0.0:
                    return None
                if isinstance(more, float | int):
                    counts["more"] = min(more, lacking)
        for name, value in given.items():
            if isinstance(value, Message):
                within = self.said(value)
                if within is None:  # of two sentences the other may be true
                    rest = given.get("most" if name == "why" else "why")
                    return self.said(rest) if isinstance(rest, Message) else None
                counts[name] = within
        return replace(words, values=tuple((name, counts.get(name, value)) for name, value in words.values))

    def _lacking(self, goal: float) -> float:
        """Return how many homes are lacking of so much that was asked for; nought where rounding alone is."""
        lacking = goal - self.asked - (self.served - self.reached)
        return lacking if lacking > 1e-9 else 0.0
