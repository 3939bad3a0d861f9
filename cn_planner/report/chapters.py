"""The chapters of the printed plan, in the order of a plan that is decided on, funded and built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.report.columns import Table


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: its number, its title, and the keys of the tables that stand in it, in their order.

    A key stands for tables whose keys begin with it and an underscore, too.
    """

    number: int
    title: Message
    tables: tuple[str, ...] = ()


ASSEMBLY, MAPS, LINKS, WORK, FIELD_SHEETS, CHECKLISTS = 0, 2, 5, 12, 15, 16
CHAPTERS = (
    Chapter(ASSEMBLY, msg("For the assembly"), ("missing", "risks", "actions")),
    Chapter(1, msg("Aim and assumptions"), ("assumptions", "sources")),
    Chapter(MAPS, msg("Maps")),
    Chapter(3, msg("Sites"), ("sites",)),
    Chapter(4, msg("Antennas"), ("antennas",)),
    Chapter(LINKS, msg("Links"), ("links",)),
    Chapter(6, msg("Homes"), ("hamlets", "unserved", "homes", "places", "hotspots")),
    Chapter(7, msg("Capacity"), ("capacity",)),
    Chapter(8, msg("Channel plan"), ("channels", "conflicts")),
    Chapter(9, msg("Power"), ("power",)),
    Chapter(10, msg("Bill of materials"), ("bom", "bom_by_site")),
    Chapter(11, msg("Budget"), ("budget", "monthly", "fees", "cash")),
    Chapter(WORK, msg("Phases and work plan"), ("phases", "work")),
    Chapter(13, msg("Addresses and security"), ("addresses", "names", "security")),
    Chapter(14, msg("Risks, single points of failure, spares"), ("failures", "spares")),
    Chapter(FIELD_SHEETS, msg("Field sheets"), ("measurements",)),
    Chapter(CHECKLISTS, msg("Checklists")),
    Chapter(17, msg("Change log"), ("changes",)),
)


def by_chapter(tables: Iterable[Table]) -> dict[int, tuple[Table, ...]]:
    """Return the tables of each chapter: in its order, and what no chapter names after the table that it follows."""
    found: dict[int, list[tuple[int, Table]]] = {chapter.number: [] for chapter in CHAPTERS}
    at = (1, 0)
    for table in tables:
        at = _place(table.key) or at
        found[at[0]].append((at[1], table))
    return {
        number: tuple(table for _, table in sorted(pairs, key=lambda pair: pair[0])) for number, pairs in found.items()
    }


def _place(key: str) -> tuple[int, int] | None:
    """Return the chapter of a table, and its place there: of two keys that fit, the longer one's."""
    fits = [
        (len(name), chapter.number, place)
        for chapter in CHAPTERS
        for place, name in enumerate(chapter.tables)
        if key == name or key.startswith(f"{name}_")
    ]
    return max(fits)[1:] if fits else None
