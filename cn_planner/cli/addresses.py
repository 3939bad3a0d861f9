"""``cn-planner addresses``: which address belongs to what, by tower, sector, link and home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell
from cn_planner.cli.options import Json, PlanPath
from cn_planner.i18n import say
from cn_planner.message import msg
from cn_planner.report import words

if TYPE_CHECKING:
    from collections.abc import Iterable


@as_command("addresses")
def _addresses(
    plan: PlanPath,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write numbers and names down, so that nothing added later changes one.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the address plan: IPv4 and IPv6 by tower, sector, link and home, and the names of devices."""
    from cn_planner.report.address_pages import address_records, home_address_records, name_records
    from cn_planner.report.addresses import address_plan
    from cn_planner.report.addresses import keep_addresses as kept
    from cn_planner.report.network import network
    from cn_planner.session.hung import clients_hang_on

    with opened(plan) as project:
        net = network(project.plan, {})
        if not net.sites:
            tell(msg("The plan has no network yet: make a plan first."))
        found = address_plan(project.plan, net, clients_hang_on(project.snapshot()))
        rows = address_records(found) if net.sites else ()
        homes, names = home_address_records(found), name_records(project.plan, net, project.catalogue, found)
        if keep and net.sites:
            project.apply(kept(project.plan, found))
    if as_json:
        show_json({"addresses": _dicts(rows, "note"), "homes": _dicts(homes), "names": _dicts(names)})
        return
    for row in rows:
        parts = (row.site, say(words.ADDRESS_KINDS[row.kind]), row.part, row.name, row.ipv4, row.ipv6)
        show("\t".join(parts).rstrip())
    for one in names:
        kind = say(words.DEVICE_KINDS[one.kind])
        show("\t".join((one.site, kind, one.part, one.name, one.management_ipv4, one.management_ipv6)))
    for home in homes:
        show("\t".join((home.site, say(msg("home")), home.home, home.name, home.ipv4, home.ipv6)))
    if keep and rows:
        tell(msg("Kept: what is added later changes none of these."))


def _dicts(rows: Iterable[Any], *left_out: str) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in row.__slots__ if name not in left_out} for row in rows]
