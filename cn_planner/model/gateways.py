"""Where the Internet enters, and where it may: at a gateway, and at a place that becomes one where the plan pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.message import Message, msg
from cn_planner.model.plan import Choice, SiteRole, Status, Uplink

if TYPE_CHECKING:
    from cn_planner.model.plan import Site

NOT_SAID = Uplink(kind="", mbps=0.0)
"""A connection of which nobody has said anything yet: what is written of it is all that is known."""
UPLINK_KINDS = ("fibre", "cellular", "satellite", "neighbour")
"""The words that tables of sites use; another word is kept as it is."""


_SATELLITE = ("satel", "starlink", "vsat")
"""What kinds of uplink are called that come from the sky, in the languages that people write them in."""


def uplink_kind(uplink: Uplink) -> str:
    """Return which of the usual kinds a connection is, as people write it; their own word where it is none."""
    kind = uplink.kind.strip().casefold()
    return "satellite" if any(word in kind for word in _SATELLITE) else kind


def is_gateway(site: Site) -> bool:
    """Return whether the Internet enters at a site, once it stands: of a possible gateway, where the plan buys it.

    Its role says so: what is written of a connection at any other place is neither planned with nor paid for.
    """
    return site.role is SiteRole.GATEWAY or (site.role is SiteRole.GATEWAY_OPTION and site.uplink_bought)


def connection_of(site: Site) -> Uplink | None:
    """Return the connection that a plan pays for at a site; None where it pays for none, or nothing is said of it."""
    return site.uplink if is_gateway(site) else None


def offer_of(site: Site) -> Uplink | None:
    """Return the connection that a plan may buy at a possible gateway; None where there is none, or it has no price.

    What costs nothing, neither once nor each month, is no price: nobody has said it yet.
    """
    one = site.uplink if site.role is SiteRole.GATEWAY_OPTION and site.uplink_choice is not Choice.FORBIDDEN else None
    return None if one is None or (one.open_cost <= 0.0 and one.monthly_cost <= 0.0) else one


def keeps_connection(site: Site) -> bool:
    """Return whether the connection of a possible gateway is in each plan: chosen so, or bought where it is locked."""
    kept = site.uplink_choice is Choice.LOCKED or (site.uplink_bought and site.choice is Choice.LOCKED)
    return kept and offer_of(site) is not None


def may_be_gateway(site: Site) -> bool:
    """Return whether a plan can let the Internet in at a site: a gateway, or a possible one with its price."""
    return offer_of(site) is not None or (is_gateway(site) and site.uplink_choice is not Choice.FORBIDDEN)


class GatewayBar(NamedTuple):
    """Why no plan may let the Internet in at a site that is to be a gateway, and what settles it."""

    what: Message
    fix: Message
    answer: str
    """The field to be answered, as ``sites.field``."""


_OR_ANOTHER = msg("Allow it, or say which other site is the gateway.")


def bar_of(site: Site) -> GatewayBar | None:
    """Return what stands in the way of a gateway or a possible one; None where nothing does, or it is neither."""
    if site.role not in (SiteRole.GATEWAY, SiteRole.GATEWAY_OPTION):
        return None
    name = site.name or site.id
    if site.status is Status.REJECTED:
        return GatewayBar(msg("Gateway {site} was rejected.", site=name), _OR_ANOTHER, "sites.status")
    if site.choice is Choice.FORBIDDEN:
        return GatewayBar(msg("Gateway {site} is forbidden.", site=name), _OR_ANOTHER, "sites.choice")
    if site.uplink_choice is Choice.FORBIDDEN:
        said = msg("The Internet connection at {site} is forbidden.", site=name)
        return GatewayBar(said, _OR_ANOTHER, "sites.uplink_choice")
    if may_be_gateway(site):
        return None
    return GatewayBar(
        msg("Nobody said what the Internet connection at {site} would cost.", site=name),
        msg("Ask the provider what it costs to open and a month. Until then the planner does not count on it."),
        "sites.uplink.offer",
    )
