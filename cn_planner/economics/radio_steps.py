"""What the steps of switches, injectors and power take beyond their line, by the radios of a tower.

`LeastCosts` counts what feeds a tower, and what its radios hang on, as a line under all steps. A tower with so many
radios costs what that line says and at least what stands here, whatever they are and however high it is. So the sum of
both is still never more than `costs.capital` of a plan, and nearer to it (docs/planning.md, "Steps").
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import accumulate, combinations_with_replacement, pairwise
from typing import TYPE_CHECKING

from cn_planner.economics.power_ladder import STEPS_W, ladder_of
from cn_planner.economics.solar_sets import parts_of_set
from cn_planner.economics.tower_gear import (
    Hung,
    box_of,
    by_satellite_w,
    chosen_set,
    feeds_itself,
    injector_of,
    items_w,
    load_of,
)
from cn_planner.model.equipment import Part
from cn_planner.model.gateways import is_paid_gateway, offer_of
from cn_planner.model.plan import PowerSource, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.economics.least_costs import LeastCosts
    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Site

_EXACT = 9
"""Radios of a tower up to which each number has an amount of its own; few towers have more."""
_MOST, _MOST_OF_MANY = 48, 16
"""Radios up to which what is bought is worked out, and where there are more than two kinds of them; beyond, large sets
and switches are counted by the radio."""
_HAIR = 1e-6
_ENDLESS = 5_000
"""More radios than a tower can have."""
_ROUNDED_CENTS = 12
"""What is rounded here by itself is rounded in a plan with more beside it: it is off by less than this."""


class RadioSteps:
    """The steps of a plan's towers; those of one kind are worked out once."""

    def __init__(self, least: LeastCosts, kits: Iterable[Kit]) -> None:
        """Prepare for towers whose radios are of some kits."""
        self.least, catalogue = least, least.costs.catalogue
        kinds: dict[tuple[str, bool], Kit] = {}
        for kit in kits:
            injector = injector_of(catalogue, kit)
            kinds.setdefault(("" if injector is None else injector.id, feeds_itself(catalogue, kit)), kit)
        self._kinds = tuple(kinds.values())
        self._known: dict[tuple[object, ...], tuple[int, ...]] = {}

    def of(self, site: Site) -> tuple[float, ...]:
        """Return what a site with 0, 1, 2, ... radios costs at least beyond `LeastCosts`.

        With more radios the amounts go on as the last two say (`InstanceSite.radio_steps`). Empty where there are none.
        From `_EXACT` radios on it is a convex line under the steps.
        """
        if site.status is Status.BUILT:
            return ()
        doors = [site] if offer_of(site) is None else [replace(site, uplink_bought=one) for one in (False, True)]
        years = self.least.years
        each = zip(*(self._beyond(one) for one in doors), strict=True)
        steps = [min(row) / 100.0 * (1.0 if years is None else years.powered) for row in each]
        return tuple(steps) if any(steps) else ()

    def _beyond(self, site: Site) -> tuple[int, ...]:
        """Return the same in hundredths, of a site whose connection is bought or not."""
        plan = self.least.costs.plan
        own = site.id if any(one.site == site.id for one in plan.power.sets) else ""
        key = own, site.power, is_paid_gateway(site), by_satellite_w(plan, site)
        if key not in self._known:
            self._known[key] = self._worked_out(site)
        return self._known[key]

    def _worked_out(self, site: Site) -> tuple[int, ...]:
        bought, count = _Bought(self.least, site, self._kinds), len(self._kinds)
        most = _MOST if count <= 2 else _MOST_OF_MANY
        # From many radios to few: a plan has more than the optimiser counts where it has second ways.
        many = {some: bought.line(some) + bought.far(some) for some in _mixes(count, most)}
        beyond = [min(bought.far(some) for some in many)]
        for radios in range(most - 1, -1, -1):
            fewer = {
                some: min(bought.cents(some), *(many[tuple(sorted((*some, n)))] for n in range(count)))
                for some in _mixes(count, radios)
            }
            more = min(cents - bought.line(some) for some, cents in fewer.items())
            beyond.append(max(0, more - _ROUNDED_CENTS))
            many = fewer
        beyond.reverse()
        tail = [*enumerate(beyond), (_ENDLESS, beyond[-1] + (_ENDLESS - most) * bought.rise(most))][_EXACT:]
        under = [_under(tail, radios) for radios in range(_EXACT, most + 1)]
        # Whole rises: rounded one by one they would not be convex.
        rises = (math.floor(b - a + _HAIR) for a, b in pairwise(under))
        return *beyond[:_EXACT], *accumulate(rises, initial=math.floor(under[0]))


def _under(points: Sequence[tuple[int, int]], at: int) -> float:
    """Return the greatest convex function under some points, at a place among them."""
    left, right = ([one for one in points if one[0] <= at], [one for one in points if one[0] >= at])
    return min(
        a[1] if a[0] == b[0] else a[1] + (b[1] - a[1]) * (at - a[0]) / (b[0] - a[0]) for a in left for b in right
    )


class _Bought:
    """What is bought for the radios of a tower beside themselves, by the numbers of their kinds; in hundredths."""

    def __init__(self, least: LeastCosts, site: Site, kinds: Sequence[Kit]) -> None:
        self._costs, self._site = least.costs, site
        self._radios, self._watts = [Hung(one, 0.0) for one in kinds], [least.light_w(one) for one in kinds]
        self._drawn = [least.drawn_cents(one, site) for one in kinds]
        catalogue, gear = least.costs.catalogue, least.costs.catalogue.gear
        box = box_of(least.costs, site, ())
        self._base = least.power_cents(site, load_of(least.costs, site, ()))
        self._beside = load_of(least.costs, site, (), to_feed=True) - items_w(catalogue, box.parts)
        self._bare = self._cents(box.parts)
        # A switch of p ports has p - 2 for radios, but for one more in all: n of them need (n - 1) / (p - 2) switches.
        ports = [(self._cents([Part(key, 1.0)]), catalogue.items[key].ports) for key in gear.switches]
        self._port = min((cents / max(count - 2, 1) for cents, count in ports), default=0.0)
        self._router = self._cents([Part(gear.router, 1.0)]) if gear.router else 0
        self._from, slope = least.power_line(site)
        steps = ladder_of(least.costs).steps if site.power is not PowerSource.GRID else ()
        self._steps = [(load, self._cents(parts_of_set(catalogue, one))) for load, one in steps]
        most, dearest = self._steps[-1] if self._steps else (1.0, 0)
        self._watt = max(0.0, dearest / most - slope) if self._steps and slope > 0.0 else 0.0

    def line(self, some: tuple[int, ...]) -> int:
        """Return what the optimiser counts for box and power, less the box of no radio."""
        return self._base + sum(self._drawn[n] for n in some)

    def cents(self, some: tuple[int, ...]) -> int:
        """Return what box and power cost at least, less the box of no radio."""
        box = box_of(self._costs, self._site, [self._radios[n] for n in some])
        watts = self._beside + items_w(self._costs.catalogue, box.parts) + sum(self._watts[n] for n in some)
        return self._cents(box.parts) - self._bare + self._power(watts)

    def far(self, some: tuple[int, ...]) -> int:
        """Return what many radios take beyond the line at least: further ones take no less, and `rise` each.

        Beyond the greatest load that a set keeps there are several, which cost as much for each watt as one does.
        """
        watts = sum(self._watts[n] for n in some)
        power = max(0.0, self._watt * watts - self._from) if watts > STEPS_W[-1] else 0.0
        return int(max(0.0, self._router - self._bare + (len(some) - 1) * self._port + power))

    def rise(self, most: int) -> int:
        """Return what each radio beyond so many takes more at least."""
        least, watts = min(self.far((n,) * most) for n in range(len(self._radios))), min(self._watts)
        sets = watts * most > STEPS_W[-1] and self._watt * watts * most > self._from
        return int(self._port + (self._watt * watts if sets else 0.0)) if least > 0 else 0

    def _cents(self, parts: Iterable[Part]) -> int:
        return self._costs.of(parts).least_cents

    def _power(self, load_w: float) -> int:
        """Return what feeds a load at least, or any greater one; what the mains need is the same for all."""
        catalogue = self._costs.catalogue
        if self._site.power is PowerSource.GRID:
            return 0
        if not self._steps:
            return self._cents(catalogue.solar_parts)
        most, dearest = self._steps[-1]
        over = math.ceil(load_w / most - 1e-9) * dearest
        found = min([over, *(cents for load, cents in self._steps if load >= load_w - 1e-9)])
        chosen = chosen_set(self._costs, self._site, load_w)
        return found if chosen is None else min(found, self._cents(parts_of_set(catalogue, chosen)))


def _mixes(kinds: int, count: int) -> Iterable[tuple[int, ...]]:
    return combinations_with_replacement(range(kinds), count)
