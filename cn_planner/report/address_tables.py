"""The tables of addresses, names of devices and security."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report import words
from cn_planner.report.columns import Column, Kind, number, table_of, text, word

if TYPE_CHECKING:
    from cn_planner.report.columns import Table
    from cn_planner.report.deployment import DeploymentPlan


def addresses_table(plan: DeploymentPlan) -> Table:
    """Return which range and address belongs to what."""
    return table_of(
        "addresses",
        msg("Addresses"),
        (
            text("site", msg("Site")),
            word("kind", msg("What it is"), lambda r: words.ADDRESS_KINDS[r.kind]),
            text("part", msg("Id")),
            text("name", msg("Host name")),
            text("ipv4", msg("IPv4")),
            text("ipv6", msg("IPv6")),
            number("homes", msg("Homes")),
            number("room", msg("Room for")),
            word("note", msg("Note"), lambda r: r.note, wide=True),
        ),
        plan.addresses,
        (
            msg(
                "Each tower's block is cut in eighths: the first is the tower's own, each sector has one or more with "
                "room beside them. Numbers come from ids: what is added later changes none of them, for sure once they "
                "are kept. Keep them when the first device is set."
            ),
        )
        if plan.addresses
        else (),
    )


def home_addresses_table(plan: DeploymentPlan) -> Table:
    """Return the address and the prefix of each home."""
    return table_of(
        "addresses_of_homes",
        msg("Addresses of homes"),
        (
            text("home", msg("Home")),
            text("name", msg("Host name")),
            text("site", msg("Site")),
            text("sector", msg("Sector")),
            text("ipv4", msg("IPv4")),
            text("ipv6", msg("IPv6 prefix")),
        ),
        plan.home_addresses,
    )


def names_table(plan: DeploymentPlan) -> Table:
    """Return every device by its name, and where it is looked after."""
    return table_of(
        "names",
        msg("Names of devices"),
        (
            text("name", msg("Host name")),
            word("kind", msg("What it is"), lambda r: words.DEVICE_KINDS[r.kind]),
            text("site", msg("Site")),
            text("part", msg("Id")),
            text("radio", msg("Radio")),
            text("management_ipv4", msg("Management, IPv4")),
            text("management_ipv6", msg("Management, IPv6")),
            text("vlan", msg("VLAN of its data")),
        ),
        plan.names,
    )


def security_table(plan: DeploymentPlan) -> Table:
    """Return what is to be done so that the network harms nobody and is not taken over."""
    return table_of(
        "security",
        msg("Security"),
        (
            word("topic", msg("Topic"), lambda r: words.SECURITY_TOPICS[r.topic]),
            word("what", msg("What to do"), lambda r: r.what, wide=True),
            word("where", msg("Where"), lambda r: r.where),
            word("who", msg("Who"), lambda r: r.who),
            text("source", msg("Source")),
            (Column("done", msg("Done"), kind=Kind.BOX), lambda _: None),
        ),
        plan.security,
        (
            msg(
                "The four actions are those of MANRS, manrs.org/netops: here by its Implementation Guide 1.1 "
                "of 25 January 2017 (BCOP series). Who has no number of an autonomous system asks the upstream for its "
                "part."
            ),
        )
        if plan.security
        else (),
    )
