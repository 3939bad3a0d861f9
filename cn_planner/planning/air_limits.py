"""What the next plan may not choose where the channels of one before leave homes unserved."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.planning.result import order_of
from cn_planner.progress import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from cn_planner.planning.result import Design
    from cn_planner.solver.instance import Solution
    from cn_planner.spectrum.channel_plan import ChannelPlan

SPARSE = 0.6
"""Share of the homes asked for of which fewer are heard where the air of all the place is too full."""
_CLOSE = 0.95
"""What is so near another share is the same."""
_MORE = 1.3
"""So many more homes are asked for where all of a plan for fewer hear."""
_NEARLY = 0.9
"""A plan that so large a share of those hear who hear the best is worth mending, too."""
_FEW_LEFT = 0.85
"""Where more than so large a share is heard, the few for whom nothing is left may hang elsewhere at the same price."""
_AGAIN = 0.6
"""A round is begun where so many times the last one's time is left."""
_LEAST_RADIOS = 3
"""A mast with fewer carries nobody on: a link up, a link on, a sector."""
_FEWER = 0.75
"""Share of the radios of the fullest mast that the next plan has, where it is not known how many are heard."""


class OnAir(NamedTuple):
    """A design with the channels of its plan, None where there was no time for them; and the design before them.

    ``fewer``: the same with the channels on which more homes are heard where some sectors and links are left out.
    """

    design: Design
    channels: ChannelPlan | None
    before: Design
    fewer: OnAir | None = None


class Narrowed(NamedTuple):
    """What a plan may not choose: more radios on a mast than so many, dishes smaller than its own, far paths.

    ``share``: of the homes that are asked for, so many are asked of it. ``carries``: the load of homes that links
    between two sites carry at most, as they do on the channels of a plan before. ``apart``: homes that do not hang on
    towers (tower, home) from which nothing came to them on the channels of a plan before. ``full``: likewise of
    those for whom nothing was left there. ``masts``, ``joined``: the towers of a plan before that stay, each with its
    height in m, and who of them is joined.
    """

    most_radios: int | None = None
    own_dish: bool = False
    near: bool = False
    share: float = 1.0
    carries: tuple[tuple[str, str, float], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    full: tuple[tuple[str, str], ...] = ()
    masts: tuple[tuple[str, float], ...] = ()
    joined: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AirTasks:
    """What the loop asks for.

    Attributes
    ----------
    plan : callable
        A design with less to choose from, within a share of what is left of the time, from what was found before.
    channels : callable
        The same design with second ways and channels.
    dishes : callable, optional
        A design with these kits on these links; None where that changes nothing. Not given where there is one kit.
    kits : tuple of str
        The kits that links are bought with, the dearest first.
    near : bool
        Whether further plans are made without far paths.
    begin : Narrowed
        What the first plan could not choose already: where it is for some of the homes, what follows adds to it.
    borne : int, optional
        So many radios the mast of a gateway bears, where that is why all of the homes are not asked for.
    reached_from : mapping of str to set of str, optional
        The towers that reach each home; empty where homes are not planned one by one.
    fill : callable, optional
        A design with homes that it leaves out and would serve, and whether that was cut short. Not given where homes
        are not planned one by one, nor where sectors of further kits come after.
    clock : Clock
        Of the whole job.
    """

    plan: Callable[[Narrowed, float, Solution | None], Design]
    channels: Callable[[Design], OnAir]
    dishes: Callable[[Design, Mapping[str, str]], Design | None] | None = None
    kits: tuple[str, ...] = ()
    near: bool = False
    begin: Narrowed = field(default_factory=Narrowed)
    borne: int | None = None
    reached_from: Mapping[str, Collection[str]] = field(default_factory=dict)
    fill: Callable[[Design], tuple[Design, bool]] | None = None
    clock: Clock = field(default_factory=Clock)


def lacking(on_air: OnAir) -> bool:
    """Return whether some homes of a plan are not served on its channels."""
    return on_air.channels is not None and bool(on_air.channels.not_served)


def time_for(clock: Clock, lasted: float) -> bool:
    """Return whether the time that is left does for what lasted so many seconds the last time."""
    left = clock.left()
    return left is None or left > _AGAIN * lasted


def served_on_air(on_air: OnAir, asked: float) -> float:
    """Return the weight of homes that are served on the channels, no more than is asked for."""
    plan = None if on_air.design.edit is None else on_air.design.edit.plan
    if plan is None or on_air.channels is None:
        return 0.0
    gone = math.fsum(plan.households[key].weight for key in sorted(on_air.channels.not_served))
    return min(on_air.design.served - gone, asked)


def order_on_air(on_air: OnAir, asked: float) -> tuple[float, ...]:
    """Return what is least of the plan that serves most homes on its channels, then costs least."""
    return order_of(served_on_air(on_air, asked), on_air.design.value, asked)


def fewer_radios(on_air: OnAir, limits: Narrowed) -> Narrowed | None:
    """Return how many radios a mast may have next; None where those of one mast are not what is wrong.

    As many as stay on the air there at most where most homes are heard; a part where that is not known.
    """
    crowded = crowded_masts(on_air)
    fewest, fullest = min(crowded.values(), default=0), max(crowded.values(), default=0)
    found = math.floor(_FEWER * fullest)
    if on_air.fewer is not None:
        borne = radios_on_air(on_air.fewer)
        found = min(fullest - 1, max((borne.get(key, 0) for key in crowded), default=0))
    found = max(_LEAST_RADIOS, found)
    if limits.most_radios is not None:
        found = min(limits.most_radios - 1, found)
    forbids = limits.most_radios is not None or limits.own_dish or found < fullest
    return limits._replace(most_radios=found) if forbids and found >= _LEAST_RADIOS and fewest > 1 else None


def heard_share(on_air: OnAir, asked: float) -> float:
    """Return the share of the homes asked for that are heard, with fewer on the air where that is more."""
    fewer = 0.0 if on_air.fewer is None else served_on_air(on_air.fewer, asked)
    return 1.0 if math.isinf(asked) else max(served_on_air(on_air, asked), fewer) / max(asked, 1e-9)


def _all_again(first: OnAir, limits: Narrowed) -> Narrowed | None:
    """Return what a plan for all homes once more may not choose, after plans for fewer; None where it had its turn.

    With fewer radios on a mast: what a few channels bear there, plans for fewer homes do not tell.
    """
    if limits.share >= 1.0 or limits.most_radios is not None:
        return None
    return fewer_radios(first, limits._replace(share=1.0, carries=(), apart=(), full=()))


@dataclass(slots=True)
class Rounds:
    """What was tried, round by round.

    Attributes
    ----------
    asked : float
        The weight of homes that is asked for.
    reached_from : mapping of str to set of str, optional
        The towers that reach each home. Empty where homes are not planned one by one: none is kept from a tower.
    last, best : (OnAir, Narrowed)
        What came out of the last round, and of the one of whose plan most are heard, with fewer on the air where that
        is more; with what it could not choose.
    tried : set of Narrowed
        What plans could not choose already.
    vain : int
        So many rounds since the best.
    """

    asked: float
    reached_from: Mapping[str, Collection[str]]
    last: tuple[OnAir, Narrowed]
    best: tuple[OnAir, Narrowed]
    tried: set[Narrowed] = field(default_factory=set)
    vain: int = 0

    def take(self, found: OnAir | None, limits: Narrowed) -> None:
        """Take what came out of a round; None where no plan did."""
        self.tried.add(limits)
        self.vain += 1
        if found is None:
            return
        self.last = found, limits
        now, before = (order_on_air(heard_most(one, self.asked), self.asked) for one in (found, self.best[0]))
        if now <= before:
            self.best, self.vain = self.last, 0 if now < before else self.vain

    def following(self, seen: Sequence[OnAir], *, final: bool) -> Narrowed | None:
        """Return what the next plan may not choose; None where that is not known.

        After plans for fewer homes all are asked for once more, at the latest in the last of the usual rounds
        (``final``). Else links that are too full come first, then masts with too many radios, then homes of the best
        plan so far that another tower may reach, and of the last where that is nearly as good; after a round in vain
        those few homes, too, for whom a sector has nothing left. Where few of the homes are heard, or nothing of that
        is left, it is the air of all the place that is too full: towers that bring little drown those that bring
        much. A plan for fewer homes at least cost has those that bring most. Where a plan for fewer is heard by
        nearly all of them, more are asked for.
        """
        last, limits = self.last
        heard, here = max(heard_share(one, self.asked) for one in seen), heard_share(last, self.asked)
        again = _all_again(seen[0], limits)
        ways: list[Narrowed | None] = [again] if final else []
        if heard > SPARSE:
            cut = cut_by(*self.best, self.asked, self.reached_from)
            full = cut is not None and cut.carries != self.best[1].carries
            ways += [again, cut if full else None, fewer_radios(last, limits), cut]
            near = here > _NEARLY * heard_share(self.best[0], self.asked)
            ways += [cut_by(*self.last, self.asked, self.reached_from)] if near else []
            if self.vain and heard > _FEW_LEFT:
                ways += [cut_by(*of, self.asked, self.reached_from, sectors=True) for of in (self.best, self.last)]
        share = min((limits.share + heard) / 2.0, 2.0 * heard)
        if here > _CLOSE * limits.share:
            share = min(1.0, _MORE * limits.share)
        ways += [limits._replace(share=share)] if abs(share - limits.share) > (1.0 - _CLOSE) * limits.share else []
        ways += [again]
        return next((one for one in ways if one is not None and one not in self.tried), None)


def cut_by(
    of: OnAir, limits: Narrowed, asked: float, reached_from: Mapping[str, Collection[str]], *, sectors: bool = False
) -> Narrowed | None:
    """Return what the channels of a plan show of its links and homes, with its limits; None where that is nothing new.

    A plan of which most is silent says nothing of its links. ``sectors`` as in `shown`.
    """
    on_air = heard_most(of, asked)
    channels = on_air.channels
    full = channels is not None and len(channels.silent) <= len(channels.crowded_out)
    found = shown(on_air, limits, reached_from, links=full, sectors=sectors)
    return found if found != limits else None


def heard_most(found: OnAir, asked: float) -> OnAir:
    """Return a plan with fewer on the air where more homes are heard so."""
    return found if found.fewer is None else min(found, found.fewer, key=lambda one: order_on_air(one, asked))


def shown(
    on_air: OnAir, limits: Narrowed, reached_from: Mapping[str, Collection[str]], *, links: bool, sectors: bool = False
) -> Narrowed:
    """Return what a plan may not choose with what the channels of one before show of its links and homes.

    Homes to which nothing comes, or whose path does not hold, do not hang on their tower where another may reach them:
    which of several a home hangs on is all the same to a search that knows prices, and much to a few channels.
    ``links``: those that are too full carry what they do on these channels. ``sectors``: for whom nothing is left there
    goes elsewhere, too.
    """
    plan = None if on_air.design.edit is None else on_air.design.edit.plan
    if plan is None or on_air.channels is None:
        return limits
    carries = {(a, b): most for a, b, most in limits.carries}
    crowded = set[str]()
    for home, one in on_air.channels.crowded_out.items():
        kind, _, key = one.user
        if kind == "link" and links:
            link = plan.links[key]
            a, b = sorted((link.from_site, link.to_site))
            carries[a, b] = one.rate_mbps / max(plan.demand.busy_hour_mbps, 1e-9)
        elif kind != "link" and sectors:
            crowded.add(home)
    apart, full = set(limits.apart), set(limits.full)
    for homes, pairs in ((on_air.channels.silent | on_air.channels.unheld.keys(), apart), (crowded, full)):
        for key in sorted(homes):
            server, towers = plan.households[key].server, reached_from.get(key, ())
            # Who hangs on a mast by a cable, or on the last that reaches him, cannot go elsewhere.
            if (
                server is not None
                and server in towers
                and any(other != server and (other, key) not in apart | full for other in towers)
            ):
                pairs.add((server, key))
    return limits._replace(
        carries=tuple((a, b, most) for (a, b), most in sorted(carries.items())),
        apart=tuple(sorted(apart)),
        full=tuple(sorted(full)),
    )


def radios_on_air(on_air: OnAir) -> Counter[str]:
    """Return how many sectors and links each mast has on the air."""
    plan = None if on_air.design.edit is None else on_air.design.edit.plan
    found = Counter[str]()
    for use in () if plan is None or on_air.channels is None else on_air.channels.uses:
        link = plan.links[use.id] if plan is not None and use.kind == "link" else None
        found.update([use.site] if link is None else [link.from_site, link.to_site])
    return found


def crowded_masts(on_air: OnAir) -> dict[str, int]:
    """Return the masts whose own radios disturb each other, with how many they have; none where all are served."""
    plan = None if on_air.design.edit is None else on_air.design.edit.plan
    if plan is None or on_air.channels is None or not on_air.channels.not_served:
        return {}
    ends = {link.id: (link.from_site, link.to_site) for link in plan.standing_links.values()}
    shared = set[str]()
    for one in on_air.channels.conflicts:
        mine, other = (set(ends.get(key, (site,))) for _, site, key in (one.victim, one.by))
        shared |= mine & other
    radios = radios_on_air(on_air)
    return {key: radios[key] for key in sorted(shared)}
