"""``cn-planner coverage``: a map of what towers reach, as a GeoTIFF, a picture or areas."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, failing_in_words, show_json, tell, working
from cn_planner.cli.link import Polarisation
from cn_planner.cli.options import (
    AIM,
    N0,
    CableLoss,
    Canopy,
    Climate,
    CountryOption,
    DeltaN,
    Dem,
    Json,
    K,
    LocationPct,
    OneOf,
    RxGain,
    Threads,
    TimePct,
    TxGain,
    TxPower,
    Width,
    aim,
    check_radio,
    finite,
    other_models,
    position_option,
)
from cn_planner.coverage.map_models import map_models
from cn_planner.message import msg


class _Shown(StrEnum):
    """What a loss map is shown as."""

    LOSS = "loss"
    LEVEL = "level"
    MARGIN = "margin"
    PROBABILITY = "probability"


class Combination(StrEnum):
    """How several towers become one band."""

    COUNT = "count"
    BEST = "best"


@as_command("coverage", adds=other_models)
def _coverage(
    dem: Dem,
    rx_height: Annotated[float, typer.Option("--rx-height", metavar="H", help="Receiver above its ground, m.")],
    radius_km: Annotated[float, typer.Option("--radius-km", metavar="R", help="How far the map reaches.")],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            click_type=OneOf(map_models),
            help="los: what is seen. fresnel: how clear the way is, in first Fresnel radii; 0.6 is clear. min-height: "
            "least height of the receiver, m. The others: loss on the way, dB, by that model.",
        ),
    ],
    out: Annotated[
        list[Path],
        typer.Option(
            "--out",
            metavar="FILE",
            help=".tif: the values, for a GIS. .svg: a sheet to look at and print, with relief, legend, scale. .png: a "
            "picture that a GIS puts in its place. .geojson: its classes as areas. .qml: colours of the .tif in QGIS. "
            "May be repeated.",
        ),
    ],
    site: Annotated[
        list[str] | None, typer.Option("--site", metavar="LAT,LON,HEIGHT", help="A tower; height above ground, m.")
    ] = None,
    sites: Annotated[
        Path | None, typer.Option("--sites", metavar="FILE.csv", help="Towers: latitude,longitude,height_m, and id.")
    ] = None,
    freq_mhz: Annotated[
        float | None, typer.Option("--freq-mhz", metavar="F", help="Frequency, MHz; only los does without.")
    ] = None,
    k: K = "4/3",  # type: ignore[assignment] # the text goes through the parser
    pol: Annotated[Polarisation, typer.Option("--pol", help="Polarisation.")] = Polarisation.V,
    canopy_m: Canopy = 0.0,
    time_pct: TimePct = 50.0,
    location_pct: LocationPct = 50.0,
    n0: N0 = 301.0,
    delta_n: DeltaN = 40.0,
    climate: Climate = 5,
    cell_m: Annotated[
        float | None,
        typer.Option("--cell-m", metavar="C", help="Width of a cell, m; default: the terrain's, or a third of it."),
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Every cell on its own profile: slower.")] = False,
    show: Annotated[
        _Shown,
        typer.Option(
            "--show",
            help="Of a loss map: loss, dB; with a radio: level received, dBm; margin, dB; probability that it works.",
        ),
    ] = (_Shown.LOSS),
    kit: Annotated[
        str | None,
        typer.Option(
            "--kit", metavar="NAME", help="Kit of the towers: village-sector-5ghz, ...; any other word lists them."
        ),
    ] = None,
    client_kit: Annotated[
        str | None, typer.Option("--client-kit", metavar="NAME", help="Kit of the receivers; by default the same.")
    ] = None,
    country: CountryOption = None,
    tx_power_dbm: TxPower = None,
    tx_gain_dbi: TxGain = None,
    rx_gain_dbi: RxGain = None,
    cable_loss_db: CableLoss = None,
    width_mhz: Width = None,
    aims: Annotated[
        list[str] | None, typer.Option("--aim", metavar=AIM, help="Where an antenna points; may be repeated.")
    ] = None,
    pattern: Annotated[
        Path | None, typer.Option("--pattern", metavar="FILE", help="Measured pattern of the antennas.")
    ] = None,
    combine: Annotated[
        Combination | None,
        typer.Option("--combine", help="One map of all towers: how many reach a place, or which is best there."),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option("--threshold", callback=finite, metavar="T", help="What still counts as reached.")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Map what towers see, how clear it is, how high a mast must be, or how much is lost on the way.

    Such as: coverage --dem N42E001.hgt --site 42.51,1.53,25 --rx-height 5 --radius-km 10 --model los --out seen.svg
    """
    places = sites if sites is not None else [position_option(one) for one in site or []]
    if (site is None) == (sites is None):
        raise typer.BadParameter("give --site or --sites")
    check_radio(kit, tx_power_dbm, (tx_gain_dbi, rx_gain_dbi), cable_loss_db)
    pointed = tuple(map(aim, aims or ()))

    from cn_planner.gis.worker import warm_for_elevation

    warm_for_elevation(dem)
    from cn_planner.coverage.coverage_map import Combine
    from cn_planner.coverage.map_models import model_named
    from cn_planner.coverage.received import Quantity
    from cn_planner.export.coverage_output import MapRequest
    from cn_planner.links.conditions import Conditions
    from cn_planner.session.coverage import Antennas, peak_mb, write_coverage

    figures = None
    if tx_power_dbm is not None and tx_gain_dbi is not None and rx_gain_dbi is not None:
        from cn_planner.session.link import Figures

        figures = Figures(tx_power_dbm, tx_gain_dbi, rx_gain_dbi, cable_loss_db or 0.0, width_mhz or 20.0)
    with failing_in_words(), working(threads) as run:
        asked = MapRequest(
            model_named(model), Quantity(show.value), None if combine is None else Combine(combine.value), threshold,
            rx_height, radius_km * 1000.0, freq_mhz,
            Conditions(
                k_factor=k, canopy_m=canopy_m, time_pct=time_pct, location_pct=location_pct, n0=n0, delta_n=delta_n,
                climate=climate,
            ), kit or "",
        )  # fmt: skip
        timed = write_coverage(
            dem,
            places,
            out,
            asked,
            vertical=pol is Polarisation.V,
            cell_m=cell_m,
            exact=exact,
            antennas=Antennas(kit, client_kit, figures, country, pointed, pattern, width_mhz),
            run=run,
        )
    result = timed.result
    for warning in result.warnings:
        tell(warning)
    for name in result.missing:
        tell(msg("No terrain: {name}. It is left out of the map, not taken as sea level.", name=name))
    if as_json:
        grid = timed.grid
        show_json(
            {
                "seconds": {"read": timed.read_s, "compute": timed.compute_s, "write": timed.write_s},
                "cells": result.cells,
                "grid": {"crs": grid.crs, "transform": grid.transform, "rows": grid.shape[0], "columns": grid.shape[1]},
                "peak_mb": peak_mb(),
            }
        )
    else:
        tell(msg("{cells} cells, written to {path}.", cells=result.cells, path=", ".join(map(str, out))))
