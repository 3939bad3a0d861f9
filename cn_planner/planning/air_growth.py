"""Where few of many homes are heard on a plan's channels: what is heard stays, and the next plan adds to it.

Many radios that all hear each other are heard or drowned together: of two trees of one price one may carry most homes
and the other few. What is heard already is kept therefore, tower by tower and link by link, and some homes more are
asked for: first of the towers that stand, where they have room, then of towers that come to them. What the channels
show is told to the next plan; where it brings nothing, masts get fewer radios, then fewer homes are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cn_planner.planning.air_limits import Narrowed, fewer_radios, heard_most, served_on_air, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cn_planner.model.plan import Plan
    from cn_planner.planning.air_limits import OnAir

_STEP, _LEAST_STEP = 0.15, 0.02
"""Share of the homes asked for that the next plan adds: at first, and so few that it ends."""
_MORE, _FLOOR = 0.5, 0.25
"""It adds so large a share of those heard at most; and of the step at least, where nearly nobody hears."""
_WORTH = 0.002
"""Share of the homes asked for by which a plan is better than one before."""


@dataclass(slots=True)
class Growth:
    """What is known of a plan that grows.

    Attributes
    ----------
    asked : float
        The weight of homes that is asked for.
    reached_from : mapping of str to set of str
        The towers that reach each home; empty where homes are not planned one by one.
    limits : Narrowed
        What no plan may choose, but for its towers and its share.
    step : float
        Share of the homes asked for that the next plan adds.
    heard : float
        The weight that hears the best plan so far.
    """

    asked: float
    reached_from: Mapping[str, Collection[str]]
    limits: Narrowed
    step: float = _STEP
    heard: float = field(default=0.0, init=False)

    def begin(self, found: OnAir) -> None:
        """Take the plan that it begins from."""
        self._show(found)
        self.heard = self._weight(found)

    def following(self, best: Plan) -> Narrowed | None:
        """Return what the next plan may not choose: what is built for those who hear the best stays. None at the end.

        Nobody who does not hear it is served by that plan, and nothing stands for them.
        """
        if self.step < _LEAST_STEP or self.heard >= self.asked:
            return None
        masts = sorted(
            (key, site.mast_height_m) for key, site in best.used_sites.items() if site.mast_height_m is not None
        )
        joined = sorted((link.from_site, link.to_site) for link in best.standing_links.values())
        heard = self.heard / self.asked
        return self.limits._replace(
            share=min(1.0, heard + min(self.step, max(_MORE * heard, _FLOOR * self.step))),
            masts=tuple(masts),
            joined=tuple(joined),
        )

    def take(self, found: OnAir | None, limits: Narrowed) -> None:
        """Take what came out of a plan that might not choose so much; None where none did."""
        if found is not None and self._weight(found) > self.heard + _WORTH * self.asked:
            self.begin(found)
            return
        less = None if found is None else fewer_radios(found, limits)
        if less is not None and self.limits.most_radios is None:
            self.limits = self.limits._replace(most_radios=less.most_radios)
        else:
            self.step /= 2.0

    def _show(self, found: OnAir) -> None:
        most = heard_most(found, self.asked)
        self.limits = shown(most, self.limits, self.reached_from, links=True, sectors=True)

    def _weight(self, found: OnAir) -> float:
        return served_on_air(heard_most(found, self.asked), self.asked)
