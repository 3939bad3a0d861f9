"""``cn-planner link``: one path, both ways."""

from __future__ import annotations

from datetime import date as day
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cn_planner.cli.console import as_command, failing_in_words, show, show_json
from cn_planner.cli.options import (
    AIM,
    N0,
    CableLoss,
    Canopy,
    ClassHeights,
    Climate,
    CountryOption,
    Date,
    DeltaN,
    Dem,
    Json,
    K,
    LandCover,
    LocationPct,
    OneOf,
    RxGain,
    TimePct,
    TreesOption,
    TxGain,
    TxPower,
    Width,
    aim,
    check_class_heights,
    check_radio,
    finite,
    given_or_today,
    other_models,
    position_option,
)
from cn_planner.i18n import say
from cn_planner.links.spare import spare_words
from cn_planner.message import joined
from cn_planner.model.propagation_models import MODELS, P526
from cn_planner.units import rate_words

if TYPE_CHECKING:
    from cn_planner.links.budget import LinkBudget


class Polarisation(StrEnum):
    """Of both antennas."""

    V = "V"
    H = "H"


_PLACE = "LAT,LON,HEIGHT"
_NOT_SAID: tuple[float | None, float | None] = (None, None)


@as_command("link", adds=other_models)
def _link(
    dem: Dem,
    start: Annotated[str, typer.Option("--from", metavar=_PLACE, help="First end; height above ground, m.")],
    end: Annotated[str, typer.Option("--to", metavar=_PLACE, help="Second end.")],
    freq_mhz: Annotated[float, typer.Option("--freq-mhz", metavar="F", help="Frequency, MHz.")],
    k: K = "4/3",  # type: ignore[assignment] # the text goes through the parser
    canopy_m: Canopy = 0.0,
    trees: TreesOption = None,
    land_cover: LandCover = None,
    heights: ClassHeights = "",
    model: Annotated[
        str, typer.Option("--model", click_type=OneOf(MODELS.names), help="What predicts the loss.")
    ] = P526,
    pol: Annotated[Polarisation, typer.Option("--pol", help="Polarisation.")] = Polarisation.V,
    time_pct: TimePct = 50.0,
    location_pct: LocationPct = 50.0,
    n0: N0 = 301.0,
    delta_n: DeltaN = 40.0,
    climate: Climate = 5,
    rain: Annotated[
        float | None,
        typer.Option(
            "--rain-rate", callback=finite, min=0, max=250, metavar="R", help="Rain exceeded 0.01 % of the year, mm/h."
        ),
    ] = None,
    kit: Annotated[str | None, typer.Option("--kit", metavar="NAME", help="Kit at both ends.")] = None,
    country: CountryOption = None,
    tx_power_dbm: TxPower = None,
    tx_gain_dbi: TxGain = None,
    rx_gain_dbi: RxGain = None,
    cable_loss_db: CableLoss = None,
    width_mhz: Width = None,
    aim_from: Annotated[
        str | None,
        typer.Option("--aim-from", metavar=AIM, help="Where the first antenna points, if not at the other."),
    ] = None,
    aim_to: Annotated[str | None, typer.Option("--aim-to", metavar=AIM, help="And the second.")] = None,
    pattern_from: Annotated[
        Path | None, typer.Option("--pattern-from", metavar="FILE", help="Measured pattern of the first antenna.")
    ] = None,
    pattern_to: Annotated[Path | None, typer.Option("--pattern-to", metavar="FILE", help="And of the second.")] = None,
    pol_to: Annotated[
        Polarisation | None, typer.Option("--pol-to", help="Polarisation of the second antenna, if another.")
    ] = None,
    date: Date = None,
    as_json: Json = False,
) -> None:
    """Judge one path: line of sight, clearance, losses, levels both ways, and what to do."""
    check_class_heights(heights, land_cover=bool(land_cover))
    check_radio(kit, tx_power_dbm, (tx_gain_dbi, rx_gain_dbi), cable_loss_db)
    places = position_option(start), position_option(end)
    at_from: tuple[float | None, float | None] = _NOT_SAID if aim_from is None else aim(aim_from)
    at_to: tuple[float | None, float | None] = _NOT_SAID if aim_to is None else aim(aim_to)

    from cn_planner.gis.worker import warm_for_elevation

    warm_for_elevation(dem)
    from cn_planner.links.conditions import Conditions
    from cn_planner.links.weather import Weather
    from cn_planner.session.link import Figures, Mount, link_between
    from cn_planner.terrain.asked import trees_given

    with failing_in_words():
        budget = link_between(
            dem,
            *places,
            freq_mhz,
            conditions=Conditions(
                k_factor=k,
                canopy_m=canopy_m,
                time_pct=time_pct,
                location_pct=location_pct,
                n0=n0,
                delta_n=delta_n,
                climate=climate,
                model=model,
                weather=Weather() if rain is None else Weather(rain_rate_mm_h=rain, rain_known=True),
            ),
            trees=trees_given(trees or (), land_cover or (), heights),
            pol=pol.value,
            kit=kit,
            width_mhz=width_mhz,
            figures=None
            if tx_power_dbm is None or tx_gain_dbi is None or rx_gain_dbi is None
            else Figures(tx_power_dbm, tx_gain_dbi, rx_gain_dbi, cable_loss_db or 0.0, width_mhz or 20.0),
            mounts=(Mount(*at_from, pattern_from), Mount(*at_to, pattern_to)),
            crossed=pol_to is not None and pol_to is not pol,
            country=country,
            day=day.fromisoformat(given_or_today(date)),
        )
    if as_json:
        show_json(budget.fields(joined(*map(say, budget.said))))
    else:
        _show(budget)


def _show(budget: LinkBudget) -> None:
    signs = {"likely": "✓", "check_on_site": "▲", "blocked": "✕", "no_data": "?"}
    names = {"likely": "Likely", "check_on_site": "Check on site", "blocked": "Blocked", "no_data": "No data"}
    words = joined(*map(say, (budget.explanation, *(() if budget.fix is None else (budget.fix,)))))
    show(f"{signs[budget.verdict.value]} {names[budget.verdict.value]}: {words}")
    show(f"  {budget.distance_m / 1000:.2f} km, azimuth {budget.azimuth_deg:.1f}°, back {budget.back_azimuth_deg:.1f}°")
    lines = (
        ("loss", budget.losses.total_db, "dB"),
        ("  free space", budget.losses.free_space_db, "dB"),
        ("  ground", budget.losses.diffraction_db, "dB"),
        ("  trees", budget.losses.vegetation_db, "dB"),
        ("  gases", budget.losses.gas_db, "dB"),
        ("  rain", budget.losses.rain_db, "dB"),
        ("level there", budget.rsl_to_dbm, "dBm"),
        ("level back", budget.rsl_from_dbm, "dBm"),
        ("over the noise there", budget.snr_to_db, "dB"),
        ("over the noise back", budget.snr_from_db, "dB"),
        ("error of the prediction, sigma", budget.sigma_db, "dB"),
    )
    if budget.clearance_m is not None and budget.clearance_least_at_m is not None:
        show(f"  least clearance: {budget.clearance_m:.1f} m, at {budget.clearance_least_at_m / 1000:.2f} km")
    if budget.clearance_f1 is not None and budget.clearance_at_m is not None and budget.worst_clear_m is not None:
        there = f"{budget.clearance_f1:.2f} F1, which is {budget.worst_clear_m:.1f} m"
        show(f"  worst place: {there}, at {budget.clearance_at_m / 1000:.2f} km")
    for name, value, unit in lines:
        if value is not None:
            show(f"  {name}: {value:.1f} {unit}")
    for name, speed in (("rate there", budget.rate_down_mbps), ("rate back", budget.rate_up_mbps)):
        if speed is not None:
            show(f"  {name}: {say(rate_words(speed))}")
    spare = spare_words(budget)
    if spare is not None:
        show(f"  {budget.mode}: {say(spare)}")
    if budget.ack_timeout_us is not None:
        show(f"  wait for an answer (ACK timeout of Wi-Fi): {budget.ack_timeout_us:.0f} µs")
    if budget.availability_pct is not None:
        show(f"  works but for fading: {budget.availability_pct:.4f} % of the year")
    for warning in budget.warnings:
        show(f"  ! {say(warning)}")
