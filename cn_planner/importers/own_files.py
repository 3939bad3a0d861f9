"""Files that the program wrote itself, as they come back: what a row is, and where what is wanted stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LAYER = "layer"
"""The column in which maps that the program wrote say what a row is."""
OWN_LAYER = {"sites": "site", "households": "home", "places": "place"}
"""By the kind of an import: what its rows are called there."""
OWN_TABLE = {"sites": "sites", "households": "homes", "places": "places", "measurements": "measurements"}
"""By the kind of an import: the table of a workbook, and the layer of a GeoPackage, that holds it."""
GPX_PREFIX = "cn_"
"""Begins the columns that GDAL makes of the program's own extensions of a GPX file."""
_LAYERS = frozenset({"site", "home", "place", "link", "sector", "coverage"})
_ONLY_HERE, _OF_HOMES = "homes_lost_if_fails", {"weight", "priority", "antenna_height_m"}
_TOLD = frozenset({"title", "description", "desc", "sym", "type"})


def own_columns(columns: Collection[str]) -> bool:
    """Return whether columns are those of a map of the program's own: other programs have one called `LAYER`, too."""
    return LAYER in columns and (_ONLY_HERE in columns or set(columns) >= _OF_HOMES)


def needless_columns(columns: Collection[str], layers: Iterable[object]) -> set[str]:
    """Return the columns of a map of the program's own that an import would misread.

    What a tower costs there is all that is spent on it; what is imported is what a place costs beside mast and radios.
    Titles and descriptions tell in words what other columns hold; a title stays where no other column is a name.
    ``layers``: the cells of the column `LAYER`, asked for only where the columns are the program's own.
    """
    found = {"cost"} & set(columns) if _ONLY_HERE in columns else set[str]()
    if own_columns(columns):
        said = {one for one in layers if one not in (None, "")}
        if said and said <= _LAYERS:
            told = _TOLD if "name" in {name.casefold() for name in columns} else _TOLD - {"title"}
            found |= {name for name in columns if name.casefold() in told}
    return found


def something_else(cell: object, kind: str) -> bool:
    """Return whether the cell in `LAYER` says that its row is none of a kind: a link, and no home."""
    wanted = OWN_LAYER.get(kind)
    return wanted is not None and cell in _LAYERS and cell != wanted
