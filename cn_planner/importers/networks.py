"""What lists of nodes of community networks have in common: what stands, its antennas, and links as links of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.importers.fields import normal
from cn_planner.importers.kinds import _STATUSES
from cn_planner.message import counted, msg
from cn_planner.model.plan import Link, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cn_planner.importers.table import ListedLink
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan, Site

STANDS_NO_MORE = frozenset(
    {"dropped", "abandoned", "removed", "invalid", "dupe", "nn assigned", "not interested", "no reply"}
)
"""Of guifi.net and NYC Mesh, in small letters: nodes that were given up, or that are another one's entry."""
_HIGHEST_M = 150.0  # as Site.mast_height_m
_MOST_ANTENNAS = 6
_TAKEN = counted("{count} link between them was taken.", "{count} links between them were taken.", 0)
_HAD = counted("{count} link was in the plan already.", "{count} links were in the plan already.", 0)
_LOOSE = counted(
    "{count} link was left out: one of its ends is not among the sites taken.",
    "{count} links were left out: one of their ends is not among the sites taken.",
    0,
)
_CABLES = counted(
    "{count} link by cable or over the Internet was left out: it is no radio link.",
    "{count} links by cable or over the Internet were left out: they are no radio links.",
    0,
)


def mast_height(said: object) -> float | None:
    """Return a height above the ground, m; None where none is given that a mast can have, as those above the sea."""
    try:
        height = float(str(said))
    except ValueError:
        return None
    return height if 0.0 < height <= _HIGHEST_M else None


def antennas_note(antennas: Iterable[Sequence[object]]) -> str:
    """Return the antennas of a node as a note: gain, beam width and azimuth, as far as they are said, each kind once.

    They are no sectors of the plan: the list does not say which equipment of the shelf they are.
    """
    words: dict[str, None] = {}
    for gain, width, azimuth in antennas:
        parts = ((gain, "{} dBi"), (width, "{}° wide"), (azimuth, "azimuth {}°"))
        said = " ".join(form.format(str(value)[:12]) for value, form in parts if value not in (None, ""))
        if said:
            words[said] = None
    kept = list(words)[:_MOST_ANTENNAS]
    return f"antennas: {', '.join(kept)}" if kept else ""


def cables_left_out(count: int) -> list[Message]:
    """Return the words for links that are no radio links."""
    return [_CABLES.about(count)] if count else []


def taken_links(
    plan: Plan, listed: Sequence[ListedLink], sites: Mapping[str, Site]
) -> tuple[list[Link], list[Message]]:
    """Return the links of a list as links of a plan, and what is to be said of them.

    Parameters
    ----------
    plan : Plan
        As it was; a link between two sites that it has already, in either direction, stays as it is.
    listed : sequence of ListedLink
        As the file has them.
    sites : mapping of str to Site
        Those that are taken, by id: a link is taken where both its ends are.
    """
    there = {frozenset((one.from_site, one.to_site)) for one in plan.links.values()}
    both = [one for one in listed if one.ends[0] in sites and one.ends[1] in sites]
    new = [one for one in both if frozenset(one.ends) not in there]
    links = []
    for one in new:
        a, b = sorted(one.ends)
        status = Status(str(_STATUSES.get(normal(one.status), Status.IDEA)))
        links.append(Link(f"L-{a}-{b}", a, b, status=status, note=one.note))
    said = [
        word.about(count)
        for word, count in ((_TAKEN, len(new)), (_HAD, len(both) - len(new)), (_LOOSE, len(listed) - len(both)))
        if count
    ]
    if any(link.status is Status.BUILT and _has_no_mast(link, sites) for link in links):
        said.append(msg("Some built sites have no height of a mast: their links are judged when they have one."))
    return links, said


def _has_no_mast(link: Link, sites: Mapping[str, Site]) -> bool:
    return any(sites[end].mast_height_m is None for end in (link.from_site, link.to_site))
