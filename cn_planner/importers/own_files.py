"""Files that the program wrote itself, as they come back: what a row is, and where what is wanted stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LAYER = "layer"
"""The column in which maps that the program wrote say what a row is."""
OWN_LAYER = {"sites": "site", "households": "home"}
"""By the kind of an import: what its rows are called there."""
OWN_TABLE = {"sites": "sites", "households": "homes", "measurements": "measurements"}
"""By the kind of an import: the table of a workbook, and the layer of a GeoPackage, that holds it."""
GPX_PREFIX = "cn_"
"""Begins the columns that GDAL makes of the program's own extensions of a GPX file."""
_LAYERS = frozenset({"site", "home", "link", "sector", "coverage"})
_ONLY_HERE, _OF_HOMES = "homes_lost_if_fails", {"weight", "priority", "antenna_height_m"}
_TOLD = frozenset({"title", "description", "desc", "sym", "type"})


def own_columns(columns: Collection[str]) -> bool:
    """Return whether columns are those of a map of the program's own: other programs have one called `LAYER`, too."""
    return LAYER in columns and (_ONLY_HERE in columns or set(columns) >= _OF_HOMES)


def written_here(layers: Iterable[object]) -> bool:
    """Return whether cells of a column `LAYER` are those of a map that the program wrote."""
    said = {one for one in layers if one not in (None, "")}
    return bool(said) and said <= _LAYERS


def figured_out(columns: Collection[str]) -> set[str]:
    """Return columns of the program's own table of sites that look like what people say of a place, and are none.

    What a tower costs there is all that is spent on it; what is imported is what a place costs beside mast and radios.
    """
    return {"cost"} & set(columns) if _ONLY_HERE in columns else set()


def told_again(columns: Collection[str]) -> set[str]:
    """Return the columns of a map of the program's own that tell in words what other columns hold.

    The name stays where no other column holds one.
    """
    names = {name.casefold() for name in columns}
    told = {name for name in columns if name.casefold() in _TOLD}
    return told if "name" in names else {name for name in told if name.casefold() != "title"}


def something_else(cell: object, kind: str) -> bool:
    """Return whether the cell in `LAYER` says that its row is none of a kind: a link, and no home."""
    wanted = OWN_LAYER.get(kind)
    return wanted is not None and cell in _LAYERS and cell != wanted
