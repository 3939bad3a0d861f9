"""The program as a library: few functions, numpy in and out; see docs/library.md.

Places are given as window and command line give them: latitude, longitude in degrees WGS 84, height above ground in m.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.links.conditions import Conditions
from cn_planner.message import msg
from cn_planner.progress import Run
from cn_planner.session.link import Figures, link_over
from cn_planner.session.project import Project
from cn_planner.terrain.profile import PathProfile, path_profile
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    import geopandas
    import xarray
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.coverage.coverage_map import CoverageResult
    from cn_planner.links.budget import LinkBudget
    from cn_planner.planning.result import Design
    from cn_planner.solver.instance import Solution

__all__ = [
    "Conditions", "CoverageMap", "Radio", "coverage_map", "design", "export_plan", "link_budget", "new_plan",
    "open_plan", "open_surface", "optimise", "path", "to_geodataframe",
]  # fmt: skip

Radio = Figures
"""The radio of either end by its figures, in place of a kit of the catalogue."""
Place = tuple[float, float, float]
"""Latitude, longitude, height above ground, m."""
_MEDIAN = Conditions()
_TABLES = ("households", "sites", "links")


def open_surface(*files: str | Path) -> Surface:
    """Open elevation files as one surface.

    Parameters
    ----------
    *files : str or Path
        .hgt, also zipped or gzipped, and GeoTIFF in any projection. Where several hold a place the first answers.

    Returns
    -------
    Surface
        `heights(latitude, longitude)` gives metres above sea level for arrays, NaN where terrain is missing.

    Raises
    ------
    PlannerError
        Where a file cannot be read, or none is given.
    """
    if not files:
        raise InputError(msg("No elevation file is given."))
    return Surface.open([Path(file) for file in files])


def path(
    surface: Surface, start: tuple[float, float], end: tuple[float, float], *, canopy_m: float = 0.0
) -> PathProfile:
    """Return the ground along the geodesic between two places.

    Parameters
    ----------
    surface : Surface
        The ground.
    start, end : (float, float)
        Latitude, longitude, degrees WGS 84.
    canopy_m : float
        Height of assumed trees, m; none within 200 m of either end.

    Returns
    -------
    PathProfile
        `distance_m`, `ground_m`, `cover_m`, `latitude`, `longitude`: float64 arrays of one length.
    """
    return path_profile(surface, start, end, canopy_m=canopy_m)


def link_budget(
    surface: Surface,
    start: Place,
    end: Place,
    freq_mhz: float,
    *,
    radio: str | Radio | None = None,
    country: str | None = None,
    conditions: Conditions = _MEDIAN,
    pol: str = "V",
) -> LinkBudget:
    """Return the budget of one link, as the command `link` gives it.

    Parameters
    ----------
    surface : Surface
        The ground.
    start, end : (float, float, float)
        Latitude, longitude, antenna height above ground, m.
    freq_mhz : float
        Frequency, MHz.
    radio : str or Radio, optional
        A kit of the catalogue by its id, or figures; without one clearance and loss alone are said.
    country : str, optional
        Two letters; its limits cap the power of a kit.
    conditions : Conditions
        Model, air and assumed trees: ``Conditions(model="p1812", canopy_m=10.0)``.
    pol : {"V", "H"}
        Polarisation.

    Returns
    -------
    LinkBudget
        `losses.total_db`, `clearance_m`, `clearance_f1`, `rsl_to_dbm`, `fade_margin_db`, `rate_down_mbps`, `verdict`,
        and more; None for what cannot be said. `fields("")`: as `link --json`.
    """
    kit, figures = (radio, None) if isinstance(radio, str) else (None, radio)
    return link_over(
        surface, start, end, freq_mhz, conditions=conditions, pol=pol, kit=kit, figures=figures, country=country
    )


@dataclass(frozen=True, eq=False)
class CoverageMap:
    """Maps of what towers reach, on one grid.

    Attributes
    ----------
    values : array of (bands, rows, columns)
        One band a tower, or one of all; north up where the grid is. What its numbers say: see `coverage_map`.
    x, y : float64 arrays
        Coordinates of the centres of columns and rows in `crs`, m.
    crs : str
        Of the grid: an EPSG code, a PROJ string or WKT.
    nodata : float or None
        The value of cells outside the radius or without terrain; NaN in maps of floating-point numbers.
    bands : tuple of str
    missing : tuple of str
        Terrain that was missing.
    """

    values: NDArray[Any]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    crs: str
    nodata: float | None
    bands: tuple[str, ...]
    missing: tuple[str, ...]

    def to_xarray(self) -> xarray.DataArray:
        """Return it as a DataArray with dimensions band, y, x and the attribute crs; needs ``cn-planner[notebook]``."""
        import xarray

        return xarray.DataArray(
            self.values,
            dims=("band", "y", "x"),
            coords={"band": list(self.bands), "y": self.y, "x": self.x},
            attrs={"crs": self.crs, "nodata": self.nodata},
        )


def coverage_map(
    surface: Surface,
    sites: Iterable[Sequence[float]] | ArrayLike,
    *,
    radius_km: float,
    rx_height_m: float,
    model: str = "los",
    freq_mhz: float | None = None,
    conditions: Conditions = _MEDIAN,
    cell_m: float | None = None,
    combine: str | None = None,
    threshold: float | None = None,
) -> CoverageMap:
    """Map what towers see, how clear it is, how high a receiver must be or what is lost, as `coverage` does.

    Parameters
    ----------
    surface : Surface
        The ground.
    sites : array of (n, 3)
        Latitude, longitude, antenna height above ground, m.
    radius_km, rx_height_m : float
        How far round each tower, and the receiver's height above the ground of its cell.
    model : str
        "los" (uint8: 1 seen, 0 not, 255 no answer), "fresnel" (least clearance in F1), "min-height" (m), or a model of
        loss such as "p526" (dB).
    freq_mhz : float, optional
        "los" does without.
    conditions : Conditions
        Air and assumed trees.
    cell_m : float, optional
        Width of a cell; by default the source's own where that is metric, else a third of it.
    combine : {"count", "best"}, optional
        All towers in one band: how many reach a cell, or the index of the best, -1 for none.
    threshold : float, optional
        What counts as reached.
    """
    from cn_planner.coverage.coverage_map import coverage_map as mapped
    from cn_planner.coverage.grid import CoverageSite
    from cn_planner.jobs import tile_pool
    from cn_planner.progress import Run

    places = np.asarray([*sites] if isinstance(sites, Iterable) else sites, np.float64).reshape(-1, 3)
    towers = [CoverageSite(str(number), *row) for number, row in enumerate(places.tolist())]
    return _as_map(
        mapped(
            surface,
            towers,
            rx_height_m=rx_height_m,
            radius_m=radius_km * 1000.0,
            model=model,
            freq_mhz=freq_mhz,
            air=conditions,
            cell_m=cell_m,
            combine=combine,
            threshold=threshold,
            run=Run(tile_pool(None)),
        )
    )


def _as_map(result: CoverageResult) -> CoverageMap:
    a, _, c, _, e, f = result.grid.transform
    rows, columns = result.grid.shape
    return CoverageMap(
        result.bands,
        np.float64(c) + a * np.arange(columns, dtype=np.float64),
        np.float64(f) + e * np.arange(rows, dtype=np.float64),
        result.grid.crs,
        result.nodata,
        result.descriptions,
        result.missing,
    )


def new_plan(file: str | Path, *, name: str, country: str) -> Project:
    """Make an empty plan file ``NAME.cnplan.gpkg`` and open it.

    Parameters
    ----------
    file : str or Path
        Where it is to be.
    name : str
        What the place is called.
    country : str
        Two letters of ISO 3166, "" where it is not known yet.

    Returns
    -------
    Project
        `add_terrain`, `import_file`, `change_settings`, `undo`; every edit is on the disk when it is done. `plan` is
        the plan as it stands. It is a context manager: the file is closed at its end.
    """
    return Project.new(Path(file), name=name, country=country)


def open_plan(file: str | Path) -> Project:
    """Open a plan file; see `new_plan`."""
    return Project.open(Path(file))


def design(
    project: Project,
    *,
    cover: float | None = None,
    budget: float | None = None,
    objective: str | None = None,
    time_limit_s: float | None = None,
) -> Design:
    """Choose towers, masts and links, and put them into the plan as one edit.

    Parameters
    ----------
    project : Project
        An open plan.
    cover : float, optional
        Share of the homes that are to be reached, at the least cost.
    budget : float, optional
        Or money for which as many as possible are reached.
    objective : str, optional
        What is least: ``capital``, or ``five_years``, with what five years cost to run. It becomes the plan's rule; not
        given, that rule stands.
    time_limit_s : float, optional
        Seconds.

    Returns
    -------
    Design
        `status`, `served`, `capex`, `value` (what is least), `lower_bound` (of that), `sites`, `links`, `unserved`.
    """
    from cn_planner.jobs import run_on
    from cn_planner.model.aims import Objective

    if objective is not None and objective not in set(Objective):
        raise InputError(
            msg("{objective} is not what a plan can be least in.", objective=objective),
            fix=msg("Give capital or five_years."),
        )
    least = None if objective is None else Objective(objective)
    return project.make_plan(cover=cover, budget=budget, objective=least, time_limit_s=time_limit_s, run=run_on())


def export_plan(
    project: Project, folder: str | Path, formats: Sequence[str] | None = None, *, blur_homes_m: float | None = None
) -> tuple[Path, ...]:
    """Write the plan as files, each whole or not at all.

    Parameters
    ----------
    project : Project
        An open plan.
    folder : str or Path
        Where they go.
    formats : sequence of str, optional
        Such as ("pdf", "xlsx", "geojson"); by default all.
    blur_homes_m : float, optional
        Homes are moved by up to so much.

    Returns
    -------
    tuple of Path
    """
    from cn_planner.jobs import run_on

    today = datetime.now(UTC).astimezone().date().isoformat()
    chosen = None if formats is None else tuple(formats)
    return project.export(Path(folder), chosen, date=today, blur_homes_m=blur_homes_m, run=run_on())


def optimise(
    instance: dict[str, Any] | str | Path, *, budget: float | None = None, time_limit_s: float | None = None
) -> Solution:
    """Solve an abstract planning instance.

    Parameters
    ----------
    instance : dict or path
        As docs/planning.md describes it, or a file of it (.json, .json.gz).
    budget : float, optional
        Money for which as many homes as possible are reached; else the instance's share at the least cost.
    time_limit_s : float, optional
        Seconds.

    Returns
    -------
    Solution
        With its cost and bound; `as_dict()` gives what the command `optimise` writes.
    """
    from cn_planner.solver.instance import parse_instance, read_instance
    from cn_planner.solver.optimise import optimise as solve

    problem = parse_instance(instance) if isinstance(instance, dict) else read_instance(Path(instance))
    return solve(problem, budget=budget, time_limit_s=time_limit_s, run=Run(threads=min(2, os.cpu_count() or 1)))


def to_geodataframe(project: Project, table: str = "households") -> geopandas.GeoDataFrame:
    """Return a table of a plan with its geometry in WGS 84; needs ``cn-planner[notebook]``.

    Parameters
    ----------
    project : Project
        An open plan.
    table : {"households", "sites", "links"}
        A row a thing, a column a field; links are lines between their towers.
    """
    import geopandas
    from shapely import Point

    from cn_planner.export.geometry import line_between

    if table not in _TABLES:
        raise InputError(
            msg("{table} is no table of the plan.", table=table),
            fix=msg("There are {tables}.", tables=", ".join(_TABLES)),
        )
    plan = project.plan
    things = list(getattr(plan, table).values())
    if table == "links":
        ends = [(plan.sites[one.from_site], plan.sites[one.to_site]) for one in things]
        geometry: list[Any] = [line_between(*((s.longitude, s.latitude) for s in pair)) for pair in ends]
    else:
        geometry = [Point(one.longitude, one.latitude) for one in things]
    names = [one.name for one in fields(things[0])] if things else ["id"]
    rows = {name: [getattr(one, name) for one in things] for name in names}
    return geopandas.GeoDataFrame(rows, geometry=geometry, crs="EPSG:4326")
