"""``cn-planner bands`` and ``masts``: where the shelf that ships with the program is empty, and what masts cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from cn_planner.cli.console import as_command, failing_in_words, show, show_json
from cn_planner.cli.options import Json
from cn_planner.i18n import say
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.links.catalogue_overview import BandCell


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: BandCell) -> str:
    parts = [str(cell.free)]
    if cell.asked:
        parts.append(say(msg("{count} asked", count=cell.asked)))
    if cell.indoors:
        parts.append(say(msg("{count} indoors", count=cell.indoors)))
    return say(msg("{known} of {count}", known=" + ".join(parts), count=cell.countries))


@as_command("bands")
def _bands(as_json: Json = False) -> None:
    """Show radios and antennas of the shelf by band, and in how many countries of a continent the law is known."""
    from cn_planner.links.catalogue_overview import bands_by_continent

    with failing_in_words():
        rows = bands_by_continent()
    if as_json:
        show_json({"bands": [asdict(row) for row in rows]})
        return
    head = [say(msg("Band")), say(msg("Radios")), say(msg("Antennas"))]
    show(_line([*head, *(cell.continent for cell in rows[0].cells)]))
    show(_line(["---"] * (3 + len(rows[0].cells))))
    for row in rows:
        radios = say(msg("none: empty shelf")) if row.empty else str(row.radios)
        show(_line([row.band, radios, str(row.antennas), *map(_cell, row.cells)]))
    show("")
    show(
        say(
            msg(
                "By continent: countries in which a rule that was read allows the band outdoors, of all that it has. "
                "asked: with a licence or a data base of white spaces. Of the others nothing was read."
            )
        )
    )


@as_command("masts")
def _masts(as_json: Json = False) -> None:
    """Show what masts, cable, grounding and power cost, by height, at the example prices."""
    from cn_planner.links.catalogue_overview import mast_costs, site_costs

    with failing_in_words():
        rows, sites = mast_costs(), site_costs()
    if as_json:
        show_json({"masts": [asdict(row) | {"total": row.total} for row in rows], "site": sites._asdict()})
        return
    head = [
        msg("Mast"),
        msg("Mast parts"),
        msg("Grounding"),
        msg("Safety"),
        msg("Cable"),
        msg("Sum"),
        msg("Days of work"),
    ]
    show(_line([say(one) for one in head]))
    show(_line(["---"] * len(head)))
    for row in rows:
        amounts = (row.mast, row.grounding, row.safety, row.cable, row.total)
        show(_line([row.name, *(f"{one:.0f}" for one in amounts), f"{row.labour_days:g}"]))
    show("")
    for name, amount in zip(
        (msg("Every tower"), msg("Power from the sun"), msg("Power from the mains")), sites, strict=True
    ):
        show(say(msg("{what}: {amount:.0f}", what=say(name), amount=amount)))
    first = rows[0]
    prices = msg(
        "In {currency}, example prices of {date}: confirm them with your supplier.",
        currency=first.currency,
        date=first.date,
    )
    show(say(prices))
