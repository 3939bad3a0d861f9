"""What is wrong with a plan, or not yet answered, as far as the plan alone can tell; each with its fix."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cn_planner.message import Message, counted, in_a_row, msg
from cn_planner.model.clients import HOME_KIND_OF, hotspots_on, who_may_want_it_now
from cn_planner.model.gateways import bar_of, is_gateway, offer_of
from cn_planner.model.owners import owner_agreed
from cn_planner.model.plan import Choice, PowerSource, Priority, SiteRole, Status
from cn_planner.model.propagation_models import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.items import Items
    from cn_planner.model.plan import Household, Plan, Site


_SAME_M = 25.0
"""A school among the homes and one among the public places so near are one."""


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """No plan can be made, or the plan contradicts itself."""
    WARNING = "warning"
    """A plan can be made, and something in it is probably not meant."""
    QUESTION = "question"
    """Only the people of the place can answer it."""


class Action(StrEnum):
    """What settles a problem. The window has a place for each, the command line a command."""

    LOOK = "look"
    """See what it is about, and decide."""
    ANSWER = "answer"
    """Fill in the field that ``answer`` names."""
    REMOVE = "remove"
    """Take away what it is about; ``answer`` is its table."""
    ADD_TERRAIN = "add_terrain"
    ADD_HOMES = "add_homes"
    CHOOSE_GATEWAY = "choose_gateway"
    PLAN_AGAIN = "plan_again"
    GIVE_CHANNELS = "give_channels"


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """One thing that was found.

    Attributes
    ----------
    severity : Severity
    what : Message
    fix : Message
        In words that hold wherever they are read: how it is done there is said by who shows ``action``.
    where : str
        The id of what it is about, empty for the whole plan.
    answer : str
        What settles it, as ``section.field`` or ``table.field``; empty where it is more than one thing.
    action : Action
    """

    severity: Severity
    what: Message
    fix: Message
    where: str = ""
    answer: str = ""
    action: Action = Action.LOOK


def problems(plan: Plan) -> tuple[PlanProblem, ...]:
    """Return what the plan alone shows, errors first."""
    found = [
        *_missing(plan),
        *_models(plan),
        *_sites(plan),
        *_links(plan),
        *_radios(plan),
        *_homes(plan),
        *_public_places(plan),
        *_questions(plan),
    ]
    order = list(Severity)
    return tuple(sorted(found, key=lambda problem: order.index(problem.severity)))


def _missing(plan: Plan) -> Iterator[PlanProblem]:
    if not plan.elevation:
        yield PlanProblem(
            Severity.ERROR,
            msg("The plan has no terrain."),
            msg("Add elevation files."),
            action=Action.ADD_TERRAIN,
        )
    if not plan.households:
        yield PlanProblem(
            Severity.ERROR,
            msg("The plan has no homes."),
            msg("Import a list of them."),
            action=Action.ADD_HOMES,
        )
    if not any(site.role in (SiteRole.GATEWAY, SiteRole.GATEWAY_OPTION) for site in plan.sites.values()):
        yield PlanProblem(
            Severity.ERROR,
            msg("No site is a gateway, where the Internet enters."),
            msg("Say which site is the gateway."),
            action=Action.CHOOSE_GATEWAY,
        )
    elif _all_barred(plan):
        for key, site in plan.sites.items():
            bar = bar_of(site)
            if bar is not None:
                yield PlanProblem(
                    Severity.ERROR,
                    in_a_row(bar.what, msg("No site that may be used is a gateway, where the Internet enters.")),
                    bar.fix,
                    key,
                    bar.answer,
                    Action.ANSWER,
                )


def _all_barred(plan: Plan) -> bool:
    """Return whether there are gateways, and none of them may be used: the planner then makes no plan."""
    doors = [site for site in plan.sites.values() if site.role in (SiteRole.GATEWAY, SiteRole.GATEWAY_OPTION)]
    return bool(doors) and all(bar_of(site) is not None for site in doors)


def _models(plan: Plan) -> Iterator[PlanProblem]:
    model = plan.rules.link_model
    if not known(model):
        yield PlanProblem(
            Severity.WARNING,
            msg("Links between towers are to be predicted by {model}, which is not here: P.526 is used.", model=model),
            msg("Install the package that brings it, or choose another model."),
            answer="rules.link_model",
            action=Action.ANSWER,
        )


def _sites(plan: Plan) -> Iterator[PlanProblem]:
    places: dict[tuple[float, float], list[str]] = defaultdict(list)
    barred = _all_barred(plan)  # told as what keeps the plan from being made
    for key, site in plan.sites.items():
        # Five decimals are a metre: two masts do not stand nearer.
        places[round(site.latitude, 5), round(site.longitude, 5)].append(key)
        if site.choice is Choice.LOCKED and site.status is Status.REJECTED:
            yield PlanProblem(
                Severity.ERROR,
                msg("{site} is locked into the plan and rejected at once.", site=site.name or key),
                msg("Unlock it, or give it another status."),
                key,
            )
        yield from _wishes(site)
        if site.mast_height_m is not None and site.mast_height_m > site.max_height_m:
            yield PlanProblem(
                Severity.ERROR,
                msg(
                    "The mast of {site} is {height:g} m high; at most {most:g} m are allowed there.",
                    site=site.name or key,
                    height=site.mast_height_m,
                    most=site.max_height_m,
                ),
                msg("Lower the mast, or raise the site's greatest height."),
                key,
            )
        if site.role is SiteRole.GATEWAY and site.uplink is None:
            yield PlanProblem(
                Severity.WARNING,
                msg("Nothing is said of the Internet connection at gateway {site}.", site=site.name or key),
                msg("Ask the provider. Until it is said, it counts as enough and free."),
                key,
                "sites.uplink",
                Action.ANSWER,
            )
        elif is_gateway(site) and site.uplink is not None and site.uplink.mbps <= 0.0:
            yield PlanProblem(
                Severity.WARNING,
                msg("Nobody said yet how fast the Internet connection at gateway {site} is.", site=site.name or key),
                msg("Ask the provider. Until it is said, it counts as enough."),
                key,
                "sites.uplink",
                Action.ANSWER,
            )
        if site.uplink is not None and site.role not in (SiteRole.GATEWAY, SiteRole.GATEWAY_OPTION):
            yield PlanProblem(
                Severity.WARNING,
                msg("An Internet connection is written at {site}, which is no gateway: it does not count.",
                    site=site.name or key),
                msg("Say which site is the gateway."),
                key,
                "sites.role",
                Action.ANSWER,
            )  # fmt: skip
        bar = None if barred else bar_of(site)
        if bar is not None and bar.answer == "sites.uplink.offer":
            yield PlanProblem(Severity.WARNING, bar.what, bar.fix, key, bar.answer, Action.ANSWER)
    for keys in places.values():
        if len(keys) > 1:
            yield PlanProblem(
                Severity.WARNING,
                msg("Sites {sites} stand at the same place.", sites=", ".join(keys)),
                msg("Keep one of them."),
                keys[-1],
                "sites",
                Action.REMOVE,
            )


def _links(plan: Plan) -> Iterator[PlanProblem]:
    pairs: dict[frozenset[str], list[str]] = defaultdict(list)
    names = {key: site.name or key for key, site in plan.sites.items()}
    for key, link in plan.links.items():
        pairs[frozenset((link.from_site, link.to_site))].append(key)
        called = " – ".join(names.get(end, end) for end in (link.from_site, link.to_site))
        for end in (link.from_site, link.to_site):
            if end not in plan.sites:
                yield PlanProblem(
                    Severity.ERROR,
                    msg("Link {link} ends at {site}, which is not a site.", link=called, site=end),
                    msg("Remove the link, or import the site."),
                    key,
                )
            elif not plan.sites[end].in_network:
                yield PlanProblem(
                    Severity.ERROR,
                    msg("Link {link} ends at {site}, where no mast is planned.", link=called, site=names[end]),
                    msg("Give the site a mast height, or remove the link."),
                    key,
                )
    for keys in pairs.values():
        if len(keys) > 1:
            yield PlanProblem(
                Severity.WARNING,
                msg("Links {links} join the same two sites.", links=", ".join(keys)),
                msg("Keep one of them."),
                keys[-1],
                "links",
                Action.REMOVE,
            )


def radios_without_channel(plan: Plan) -> tuple[str, ...]:
    """Return the links and sectors without a channel, in a plan where others have one or that the planner made.

    It chooses them last: of a plan that was stopped before, nobody knows what it carries. By hand they are given when
    one wants them.
    """
    radios = [(link.id, link.freq_mhz) for link in plan.standing_links.values()]
    radios += [(one.id, one.freq_mhz) for site in plan.used_sites.values() for one in site.sectors]
    bare = tuple(key for key, freq_mhz in radios if freq_mhz is None)
    return bare if len(bare) < len(radios) or plan.outcome is not None else ()


def no_channel_words(count: int) -> tuple[Message, Message]:
    """Return that so many links and sectors have no channel, and what to do."""
    return (
        counted(
            "{count} link or sector has no channel yet.",
            "{count} links and sectors have no channel yet.",
            count,
        ),
        msg("Give channels: who hears whom is known then."),
    )


def has_channels(plan: Plan) -> bool:
    """Return whether links and sectors have channels, every one: else nobody knows yet who hears whom."""
    radios = [link.freq_mhz for link in plan.standing_links.values()]
    radios += [one.freq_mhz for site in plan.used_sites.values() for one in site.sectors]
    return bool(radios) and None not in radios


def _radios(plan: Plan) -> Iterator[PlanProblem]:
    bare = radios_without_channel(plan)
    if bare:
        yield PlanProblem(
            Severity.WARNING,
            *no_channel_words(len(bare)),
            bare[0],
            action=Action.GIVE_CHANNELS,
        )


def _homes(plan: Plan) -> Iterator[PlanProblem]:
    for key, home in plan.households.items():
        if home.server is None and plan.outcome is None:
            continue
        server = plan.sites.get(home.server) if home.server is not None else None
        if home.server is not None and (server is None or not server.in_network):
            yield PlanProblem(
                Severity.ERROR,
                msg("Home {home} is served by {site}, where no mast is planned.", home=key, site=home.server),
                msg("Make the plan again, or give the site a mast height."),
                key,
                action=Action.PLAN_AGAIN,
            )
        if plan.outcome is not None and home.server is None and home.priority is Priority.MUST:
            yield PlanProblem(
                Severity.WARNING,
                msg("{home} must be reached and is not.", home=home.name or key),
                msg("See its reason and its cheapest fix in the list of homes."),
                key,
            )
    doubled, example = _DOUBLES.of(plan.households)
    if doubled:
        yield PlanProblem(
            Severity.WARNING,
            counted(
                "{count} home lies where another one does already: {example}.",
                "{count} homes lie where another one does already, {example} for one.",
                doubled,
                example=example,
            ),
            msg("Remove the doubles, or give one of them the weight of all."),
            example,
            "households",
            Action.REMOVE,
        )


def _public_places(plan: Plan) -> Iterator[PlanProblem]:
    if not plan.places:
        return
    near = _HOMES_NEAR.of(plan)
    for key, place in plan.places.items():
        name, server = place.name or key, plan.sites.get(place.server or "")
        if place.server is not None and (server is None or not server.in_network):
            yield PlanProblem(
                Severity.ERROR,
                msg("{place} is served by {site}, where no mast is planned.", place=name, site=place.server),
                msg("Make the plan again, or give the site a mast height."),
                key,
                action=Action.PLAN_AGAIN,
            )
        if plan.outcome is not None and place.must and place.server is None:
            yield PlanProblem(
                Severity.WARNING,
                msg("{place} must be connected, and no tower of the plan does.", place=name),
                msg("Add a place for a tower that sees it, ask for less at its busy hour, or say that it need not be."),
                key,
                "places.must",
                Action.ANSWER,
            )
        homes, away = near[key]
        if hotspots_on(plan) and not place.people and away > plan.phones.walk_m:
            yield PlanProblem(
                Severity.WARNING,
                msg(
                    "A hotspot at {place} would reach nobody: no home is within {walk:g} m, and no people are counted "
                    "there.",
                    place=name,
                    walk=plan.phones.walk_m,
                ),
                msg("Say how many people come there, or move it."),
                key,
                "places.people",
                Action.ANSWER,
            )
        if place.must and place.left_out:
            yield PlanProblem(
                Severity.WARNING,
                msg("{place} must be connected and is left out at once: no plan connects it.", place=name),
                msg("Say which of the two it is."),
                key,
            )
        twice = [home.id for home in homes if home.kind is HOME_KIND_OF.get(place.kind)]
        if twice:
            yield PlanProblem(
                Severity.WARNING,
                msg("{place} is a public place and stands among the homes too, as {home}.", place=name, home=twice[0]),
                msg("Keep one of them: it would be connected and counted twice."),
                key,
                "places",
                Action.REMOVE,
            )
    for key, site in plan.sites.items():
        if site.hotspot and not hotspots_on(plan):
            yield PlanProblem(
                Severity.WARNING,
                msg("{site} has a hotspot, and the plan has none: its rules allow none, or it has no public place.",
                    site=site.name or key),
                msg("Allow hotspots and add a public place, or take it off the tower."),
                key,
                "rules.hotspots",
                Action.ANSWER,
            )  # fmt: skip


def _wishes(site: Site) -> Iterator[PlanProblem]:
    """Yield what is wished of a place and cannot be kept."""
    name = site.name or site.id
    if site.uplink_choice is Choice.LOCKED and offer_of(site) is None:
        yield PlanProblem(
            Severity.WARNING,
            msg("The connection at {site} is to be opened, and it has no price: it is not counted on.", site=name),
            msg("Make it a possible gateway, and say what it costs to open or a month."),
            site.id,
        )
    if site.keep_mast_m is not None and site.keep_mast_m > site.max_height_m:
        yield PlanProblem(
            Severity.WARNING,
            msg("{site} is to have a mast of {height:g} m; at most {most:g} m are allowed there.",
                site=name, height=site.keep_mast_m, most=site.max_height_m),
            msg("Allow it as high, or let the planner choose the height."),
            site.id,
        )  # fmt: skip


class _Doubles:
    """Homes that lie where another one does, of the homes that were looked at last: most edits leave all of them."""

    def __init__(self) -> None:
        self._last: tuple[Items[Household] | None, int, str] = (None, 0, "")

    def of(self, homes: Items[Household]) -> tuple[int, str]:
        """Return how many do, and the id of the first of them."""
        last = self._last
        if last[0] is not homes:
            seen: set[tuple[float, float]] = set()
            count, example = 0, ""
            for key, home in homes.items():
                place = (round(home.latitude, 6), round(home.longitude, 6))
                if place in seen:
                    count, example = count + 1, example or key
                seen.add(place)
            last = self._last = (homes, count, example)  # at once: other threads ask as well
        return last[1:]


class _HomesNear:
    """Who lives where a public place stands, and how far the nearest home is; of what was looked at last."""

    def __init__(self) -> None:
        self._last: tuple[Any, Any, dict[str, tuple[tuple[Household, ...], float]]] = (None, None, {})

    def of(self, plan: Plan) -> dict[str, tuple[tuple[Household, ...], float]]:
        """Return for each public place the homes within `_SAME_M`, and the distance of the nearest home, m."""
        import numpy as np  # late: the help of the commands needs neither this nor pyproj

        from cn_planner.geo import rough_distances_m

        last = self._last
        if last[0] is not plan.households or last[1] is not plan.places:
            homes = tuple(plan.households.values())
            lat, lon = (np.array([getattr(one, name) for one in homes]) for name in ("latitude", "longitude"))
            found = {}
            for key, place in plan.places.items():
                away = rough_distances_m(place.latitude, place.longitude, lat, lon)
                same = tuple(homes[n] for n in np.flatnonzero(away <= _SAME_M).tolist())
                found[key] = same, float(away.min(initial=math.inf))
            last = self._last = (plan.households, plan.places, found)  # at once: other threads ask as well
        return last[2]


_DOUBLES, _HOMES_NEAR = _Doubles(), _HomesNear()


def _questions(plan: Plan) -> Iterator[PlanProblem]:
    if plan.area.canopy_m is None:
        yield PlanProblem(
            Severity.QUESTION,
            msg("How tall are the trees? Until this is answered, {height:g} m are assumed.", height=10.0),
            msg("Look, then say it."),
            answer="area.canopy_m",
            action=Action.ANSWER,
        )
    if not plan.info.country:
        yield PlanProblem(
            Severity.QUESTION,
            msg("Which country's rules hold? Until this is answered, no legal limit is known."),
            msg("Choose the country."),
            answer="info.country",
            action=Action.ANSWER,
        )
    for key, site in plan.sites.items():
        if not site.in_network:
            continue
        if not site.consent.strip() and not owner_agreed(site):
            yield PlanProblem(
                Severity.QUESTION,
                msg("Whose land is {site}, and do they agree?", site=site.name or key),
                msg("Ask, and write down what was said."),
                key,
                "sites.consent",
                Action.ANSWER,
            )
        if site.power is PowerSource.UNKNOWN:
            yield PlanProblem(
                Severity.QUESTION,
                msg("What feeds {site}: the mains or the sun?", site=site.name or key),
                msg("Say mains or sun."),
                key,
                "sites.power",
                Action.ANSWER,
            )
    for key in who_may_want_it_now(plan):
        yield PlanProblem(
            Severity.QUESTION,
            msg(
                "{home} did not want it, somebody was there again since, and it still counts for no home.",
                home=plan.households[key].name or key,
            ),
            msg("Say for how many homes it counts, if they want it now."),
            key,
        )
