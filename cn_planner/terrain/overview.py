"""Which data a ground stands on: every source with what is known of it, its holes, and how the sources agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.gis.filling import SHORE_M
from cn_planner.message import Message, msg
from cn_planner.model.ground import FileKind, Holds, TerrainFile
from cn_planner.terrain.land_cover import HEIGHTS_FROM, SCHEMES, CoverClass, row_heights
from cn_planner.terrain.tree_files import FORESTS

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.terrain.seams import Seam
    from cn_planner.terrain.surface import Surface

LARGE_SEAM_M = 10.0
"""Where 95 % of the differences along a seam are not below this, a check warns. SRTM's makers promise 16 m at 90 %
(Rodriguez et al. 2006 found 6 to 9 m), Copernicus GLO-30 4 m at 90 %: two good sources differ by less."""

_KIND_WORDS = {
    FileKind.ELEVATION: msg("elevation"),
    FileKind.TREES: msg("tree heights"),
    FileKind.LAND_COVER: msg("land cover"),
}
HOLDS_WORDS = {
    Holds.UNKNOWN: msg("ground or treetops: not known"),
    Holds.GROUND: msg("bare ground"),
    Holds.SURFACE: msg("surface: tops of trees and houses"),
}


@dataclass(frozen=True, slots=True)
class DataRow:
    """One source.

    Attributes
    ----------
    id : str
        Of the file in the plan; that of the forests of the map is `FORESTS`.
    kind : FileKind
    name : Message or str
        What it is called.
    source, date, licence, datum : str
        As far as they are known.
    cell_m : float
        Its resolution.
    missing_pct : float
        How much of it has no height.
    holds : Holds
        Of elevation: what its heights stand for.
    notes : tuple of Message
        What else is to be known of it.
    """

    id: str
    kind: FileKind
    name: Message | str
    source: str
    date: str
    licence: str
    datum: str
    cell_m: float
    missing_pct: float
    holds: Holds
    notes: tuple[Message, ...] = ()

    @property
    def said(self) -> tuple[Message, ...]:
        """What is said of it beside its name, in the order of weight."""
        parts = [msg("{kind}", kind=_KIND_WORDS[self.kind]), msg("cells of {cell:.0f} m", cell=self.cell_m)]
        parts.append(msg("{missing:.1f} % without height", missing=self.missing_pct))
        if self.kind is FileKind.ELEVATION:
            parts.append(msg("above {datum}", datum=self.datum) if self.datum else msg("zero of heights not said"))
            parts.append(HOLDS_WORDS[self.holds])
        return (*parts, *self.notes)


@dataclass(frozen=True, slots=True)
class GroundData:
    """All of it: rows in the order in which they answer, elevation first; and the seams."""

    rows: tuple[DataRow, ...]
    seams: tuple[Seam, ...]
    notes: tuple[Message, ...] = ()


def data_of(plan: Plan, surface: Surface) -> GroundData:
    """Return which data a plan's ground stands on."""
    elevation = plan.elevation
    rows = [
        _elevation(elevation[number], surface.missing_pct(number), zeros_missing=surface.sources[number].zeros_missing)
        for number in surface.order
    ]
    others = {row.id: row for row in plan.terrain.values() if row.kind is not FileKind.ELEVATION}
    for raster in () if surface.trees is None else surface.trees.rasters:
        row = others.get(raster.row)
        if row is not None:
            rows.append(_cover(row, raster.missing_pct, raster.cell_m))
        else:
            height = msg("forests are {height:g} m high, as the plan says", height=plan.area.forest_m or 0.0)
            rows.append(
                DataRow(FORESTS, FileKind.TREES, msg("Forests of the base map"), raster.source, "", raster.licence, "",
                        raster.cell_m, raster.missing_pct, Holds.UNKNOWN, (height,))
            )  # fmt: skip
    return GroundData(tuple(rows), surface.seams, _notes(plan, elevation, trees=surface.trees is not None))


def _elevation(row: TerrainFile, missing_pct: float, *, zeros_missing: bool) -> DataRow:
    notes = [msg("priority {priority}", priority=row.priority)] if row.priority else []
    if zeros_missing:
        notes.append(
            msg("its zeros are taken for missing, not for the sea: all other ground is above {shore:.0f} m",
                shore=SHORE_M)
        )  # fmt: skip
    if row.crs:
        notes.append(msg("coordinates taken as {crs}", crs=row.crs))
    if row.unit:
        notes.append(msg("heights taken as {unit}", unit=row.unit))
    return DataRow(
        row.id, row.kind, row.id, row.source, row.date, row.licence, row.vertical_datum, row.cell_m, missing_pct,
        row.holds, tuple(notes),
    )  # fmt: skip


def _cover(row: TerrainFile, missing_pct: float, cell_m: float) -> DataRow:
    notes = [msg("priority {priority}", priority=row.priority)] if row.priority else []
    if row.crs:
        notes.append(msg("coordinates taken as {crs}", crs=row.crs))
    if row.kind is FileKind.LAND_COVER:
        notes.append(msg("a height for each class ({source})", source=HEIGHTS_FROM))
    return DataRow(
        row.id, row.kind, row.id, row.source, row.date, row.licence, "", cell_m, missing_pct, Holds.UNKNOWN,
        tuple(notes),
    )  # fmt: skip


def _notes(plan: Plan, elevation: tuple[TerrainFile, ...], *, trees: bool) -> tuple[Message, ...]:
    tops = [row.id for row in elevation if row.holds is Holds.SURFACE]
    if not (trees and tops):
        return ()
    files = ", ".join(tops)
    if plan.area.trees_on_surfaces:
        return (msg("Trees are added to {files}, which holds treetops already: you asked for it.", files=files),)
    return (
        msg("Trees are not added to {files}: its heights are those of treetops already.", files=files),
    )  # fmt: skip


def classes_of(row: TerrainFile) -> tuple[tuple[int, Message | None, float, bool], ...]:
    """Return the classes of land cover of a file: number, name, height in m, whether that is the plan's own."""
    scheme = next((one for one in SCHEMES if one.name == row.source), None)
    table: dict[int, CoverClass] = {} if scheme is None else dict(scheme.classes)
    heights = row_heights(row, scheme)
    return tuple(
        (number, table[number].name if number in table else None, height,
         number not in table or height != table[number].height_m)
        for number, height in sorted(heights.items())
    )  # fmt: skip


def seam_words(seam: Seam) -> Message:
    """Return how two sources agree where they meet."""
    if seam.band_m > 0.0:
        return msg(
            "Where {first} ends and {second} goes on they differ by {median:+.1f} m (median), 95 % by less than "
            "{most:.1f} m; heights pass from one to the other over {band:.0f} m.",
            first=seam.first, second=seam.second, median=seam.median_m, most=seam.most_m, band=seam.band_m,
        )  # fmt: skip
    return msg(
        "Where {first} and {second} meet they differ by {median:+.1f} m (median), 95 % by less than {most:.1f} m.",
        first=seam.first, second=seam.second, median=seam.median_m, most=seam.most_m,
    )  # fmt: skip
