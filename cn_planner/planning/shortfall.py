"""Why a plan reaches fewer homes than were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.left_out import UnservedKind

NOT_KNOWN = msg("It can be reached; the plan leaves it out.")


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
        return msg(
            "{reason} The network's own radios disturb each other: on the channels that they may use {served:g} of "
            "the homes asked for are reached.",
            reason=self._most(served), served=served,
        )  # fmt: skip

    def _most(self, served: float) -> Message:
        said = msg(
            "{goal:g} homes were asked for; {served:g} are the most for which a plan was found.",
            goal=self.goal, served=max(self.most, served),
        )  # fmt: skip
        return said if self.why is None else msg("{most} {why}", most=said, why=self.why)
