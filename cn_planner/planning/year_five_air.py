"""Year five on air: the network as it is then, on channels of the law of today, by the search and judge of today.

Then a home takes what it grows to, masts have the sectors that are bought later, and links are on their wider channels.
Where one of these finds none beside the network's own radios, it stays as it is, and carries those whom it can. What
others send in five years nobody knows: here there is nobody else.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.links.pointing import sector_towards
from cn_planner.links.throughput import airtime_share
from cn_planner.model import edits
from cn_planner.planning.link_kits import wider_kits
from cn_planner.planning.loads import standing_kit, standing_mbps
from cn_planner.planning.year_five import YearFive, YearFiveAir, beams_then
from cn_planner.progress import ALONE, Run
from cn_planner.service.hanging import sectors_of_clients
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network
from cn_planner.spectrum.silence import crowded_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Link, Site
    from cn_planner.service.now import ServiceNow
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.study import Study

_SEARCHES = 4
"""At most: first what has a channel today keeps it, then all is free, then links stay that found no wider channel."""
_FULL = 1.0 + 1e-9


def year_five_on_air(study: Study, now: ServiceNow, later: YearFive, *, run: Run = ALONE) -> YearFive:
    """Return what a plan adds in five years with who gets on its own channels then what is promised.

    Nothing of that where it cannot be said, as where two radios that should talk have no mode in common.

    Parameters
    ----------
    study : Study
        Of the plan as it stands.
    now : ServiceNow
        Its homes.
    later : YearFive
        What it adds, as `year_five` has it.

    Raises
    ------
    CancelledError
    """
    try:
        return replace(later, air=_air_of(study, now, later, run))
    except InputError:  # the plan's channels of today say which
        return later


def network_then(study: Study, now: ServiceNow, later: YearFive, narrow: Collection[str] = ()) -> Study:
    """Return the study of the network of year five: sectors added and turned, links widened but for some, demand grown.

    A link that widens has a kit whose own channel is the wider one, so that its narrower ones are not taken for it.
    """
    plan, shelf = study.plan, study.catalogue
    if not plan.demand.grow_later:
        return study
    links: list[Link] = []
    kits: dict[str, Kit] = {}
    for one in later.links:
        if one.link in narrow:
            continue
        link = plan.links[one.link]
        kit = next(wide for wide in wider_kits(study, standing_kit(study, link)) if wide.width_mhz == one.to_mhz)
        kit = replace(kit, id=f"{kit.id} {kit.width_mhz:g} MHz")
        kits[kit.id] = kit
        links.append(replace(link, kit=kit.id, freq_mhz=None, width_mhz=None))
    plan = edits.put(plan, [*_grown_sites(study, now), *links]).plan
    plan = replace(plan, demand=replace(plan.demand, grow_later=False))
    return replace(study, plan=plan, catalogue=replace(shelf, kits={**shelf.kits, **kits}))


class _Try(NamedTuple):
    """Channels for year five: whom they lose, by id and by weight, and which links are not on a wider one."""

    lost: float
    silent: frozenset[str]
    links: frozenset[str]


def _air_of(study: Study, now: ServiceNow, later: YearFive, run: Run) -> YearFiveAir:
    weight = {key: float(now.homes.weight[n]) for key, n in now.homes.number.items() if now.connected[n]}
    tries, narrow = list[_Try](), frozenset[str]()
    then = network_then(study, now, later)
    network = radio_network(then, run=run.part(0.0, 0.2))
    for done in range(_SEARCHES):
        here, fresh = run.part(0.2 + 0.2 * done, 0.4 + 0.2 * done), done > 0
        found = plan_channels(then, fresh=fresh, fewer=fresh, network=network, run=here)
        wide = {one.link for one in later.links} - narrow
        new = [_tried(study, then, one, wide, narrow, weight) for one in (found, found.fewer) if one is not None]
        tries += new
        if not study.plan.demand.grow_later or not all(one.silent for one in new):
            break
        if fresh and new[0].links <= narrow:
            break
        if fresh and done < _SEARCHES - 1:
            narrow |= new[0].links
            then = network_then(study, now, later, narrow)
            network = radio_network(then, run=run.silently())
    run.progress(1.0)
    best = min(tries, key=lambda one: one.lost)
    return YearFiveAir(math.fsum(weight.values()), best.lost, tuple(sorted(best.silent)), tuple(sorted(best.links)))


def _tried(
    study: Study, then: Study, found: ChannelPlan, wide: Collection[str], narrow: Collection[str],
    weight: Mapping[str, float],
) -> _Try:  # fmt: skip
    """Return whom channels lose, and those for whom nothing is left on links that stay as narrow as they are."""
    rates = {key: standing_mbps(study, study.plan.links[key]) for key in sorted(narrow)}
    carry = {key: rate for key, rate in rates.items() if rate is not None}
    gone = found.not_served
    gone |= {key for one in crowded_out(then.plan, gone, (), {}, carry) for key in one.homes}
    silent = gone & weight.keys()
    short = {one.user[2] for one in found.short if one.user[0] == "link"}
    return _Try(math.fsum(weight[key] for key in sorted(silent)), silent, frozenset(narrow) | (short & set(wide)))


def _grown_sites(study: Study, now: ServiceNow) -> Iterator[Site]:
    """Yield the towers whose sectors do not do as they are, with those added that are bought later, and turned."""
    for key, site in study.plan.used_sites.items():
        beams = beams_then(study, now, key, site) if site.sectors else {}
        have = {kit: [one for one in site.sectors if one.kit == kit] for kit in beams}
        more = any(len(row) > len(have[kit]) for kit, row in beams.items())
        if not beams or (not more and _fit(study, now, key, site)):
            continue
        rows, later = [], 0
        for kit, row in beams.items():
            for n, beam in enumerate(row):
                like = have[kit][min(n, len(have[kit]) - 1)]
                new = n >= len(have[kit])
                azimuth = round(beam.azimuth_deg, 1) % 360.0
                rows.append(
                    replace(
                        like, id=f"{key}-later-{later}" if new else like.id, azimuth_deg=azimuth,
                        tilt_deg=_tilt_towards(site, kit, azimuth), freq_mhz=None, width_mhz=None,
                    )
                )  # fmt: skip
                later += new
            rows += have[kit][len(row) :]
        yield replace(site, sectors=tuple(rows))


def _fit(study: Study, now: ServiceNow, key: str, site: Site) -> bool:
    """Return whether the sectors of a tower carry its homes in five years as they point today."""
    used = dict.fromkeys((one.id for one in site.sectors), 0.0)
    homes, rows = now.homes, tuple(study.plan.households.values())
    hung_on = sectors_of_clients(study, (one for one in rows if one.server == key))
    for n in np.flatnonzero(now.connected & (now.site == now.sites.index(key)) & (now.down_mbps > 0.0)).tolist():
        if geodesic(site.latitude, site.longitude, homes.latitude[n], homes.longitude[n])[2] > 0.0:
            share = airtime_share(study.plan.demand.later_mbps * homes.load[n], now.down_mbps[n])
            used[hung_on[rows[n].id]] += float(share)
    return all(one <= _FULL for one in used.values())


def _tilt_towards(site: Site, kit: str, azimuth_deg: float) -> float:
    alike = tuple(one for one in site.sectors if one.kit == kit)
    nearest = sector_towards(replace(site, sectors=alike), azimuth_deg)
    return next(one.tilt_deg for one in alike if one.id == nearest)
