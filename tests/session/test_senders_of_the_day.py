"""A level keeps what sent it when it came in: what is built or bought later does not change what was heard."""

from __future__ import annotations

import math
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from plan_examples import village
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.geo import destination, geodesic
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.measurement import Measurement, Quantity, measured_basis
from cn_planner.model.plan import Sector
from cn_planner.service.calibrate import calibrate
from cn_planner.service.measured import measured_paths
from cn_planner.session.measured import keeping_senders
from cn_planner.session.project import Project


def brought_in(network: Project, tmp_path: Path, text: str, *more: str) -> str:
    path = tmp_path / "levels.csv"
    path.write_text(text)
    done = CliRunner().invoke(app, ["import", str(network.path), str(path), "--as", "measurements", *more])
    assert done.exit_code == 0, done.output
    return done.output


def table(network: Project, ids: bool = True) -> str:
    """Eight homes, by their positions and a level alone."""
    homes = list(network.plan.households.values())[::9][:8]
    freq = network.catalogue.kit(network.plan.kits.access).freq_mhz
    head = "id," if ids else ""
    rows = [f"m{n}," * ids + f"{one.latitude},{one.longitude},{freq},{-70 - n},5\n" for n, one in enumerate(homes)]
    return f"{head}latitude,longitude,freq_mhz,level_dbm,height_m\n" + "".join(rows)


def hand_eirp_dbm(project: Project) -> float:
    """Of the radio's strongest mode at the kit's width with its antenna, no more than the law's EIRP, in whole dBm."""
    catalogue = project.catalogue
    kit = catalogue.kit(project.plan.kits.access)
    antenna = catalogue.antennas[kit.antenna]
    most = max(one.tx_power_dbm for one in catalogue.radios[kit.radio].modes if one.width_mhz == kit.width_mhz)
    limit = project.country_rules.limit_of(kit, antenna) if project.country_rules is not None else None
    if limit is not None and limit.eirp:
        cap = limit.power_dbm(antenna.gain_dbi, kit.width_mhz) - antenna.gain_dbi + kit.cable_loss_db
        most = most if most <= cap else math.floor(cap + 1e-9)
    return most + antenna.gain_dbi - kit.cable_loss_db


def built_since(project: Project) -> None:
    """Raise the mast, hang sectors on it, and take another kit for the village."""
    plan = project.plan
    other = next(
        one.id for one in project.catalogue.kits.values()
        if one.task == project.catalogue.kit(plan.kits.access).task and one.id != plan.kits.access
    )  # fmt: skip
    sectors = tuple(Sector(f"s{n}", plan.kits.access, 120.0 * n) for n in range(3))
    site = replace(plan.sites["C01"], mast_height_m=28.0, sectors=sectors)
    project.apply(edits.put(plan, [site]))
    project.change_settings({"access": other})


def test_what_was_heard_of_a_mast_is_held_against_that_mast_for_good(network: Project, tmp_path: Path) -> None:
    text = table(network)
    eirp = hand_eirp_dbm(network)
    before = network.plan
    said = brought_in(network, tmp_path, text, "--fill", "site=C01")
    assert "8 levels say no height or power of their sender" in said
    with Project.open(network.path) as project:
        rows = list(project.plan.measurements.values())
        assert {(row.tx_height_m, row.from_plan) for row in rows} == {(12.0, "tx_height_m eirp_dbm")}
        assert [row.eirp_dbm for row in rows] == pytest.approx([eirp] * 8)
        # As it was read until now: with the mast and the kit of the plan as it stands.
        bare = [replace(row, tx_height_m=None, eirp_dbm=None, from_plan="") for row in rows]
        then = measured_paths(project.snapshot().study, bare).level_dbm
        first = calibrate(project.snapshot().study)
        built_since(project)
        assert np.nanmax(np.abs(measured_paths(project.snapshot().study, bare).level_dbm - then)) > 3.0
        assert measured_paths(project.snapshot().study, rows).level_dbm == pytest.approx(then, abs=1e-9)
        assert calibrate(project.snapshot().study).calibration.residuals == first.calibration.residuals
    assert before.measurements == Items()


def test_the_same_table_again_after_the_mast_was_raised_changes_nothing(network: Project, tmp_path: Path) -> None:
    for ids in (True, False):
        text = table(network, ids)
        brought_in(network, tmp_path, text, "--fill", "site=C01")
        with Project.open(network.path) as project:
            kept = project.plan.measurements
            built_since(project)
        brought_in(network, tmp_path, text, "--fill", "site=C01")
        with Project.open(network.path) as project:
            assert project.plan.measurements == kept
            while project.history.undo_label is not None and project.plan.measurements:
                project.undo()


@pytest.mark.parametrize("ids", [True, False])
def test_what_somebody_says_later_takes_the_place_of_what_was_taken(
    network: Project, tmp_path: Path, ids: bool
) -> None:
    text = table(network, ids)
    brought_in(network, tmp_path, text, "--fill", "site=C01")
    with Project.open(network.path) as project:
        kept = project.plan.measurements
        built_since(project)
    brought_in(network, tmp_path, text, "--fill", "site=C01", "--fill", "tx_height_m=18")
    with Project.open(network.path) as project:
        now = project.plan.measurements
        assert list(now) == list(kept)
        assert now == Items(replace(one, tx_height_m=18.0, from_plan="eirp_dbm") for one in kept.values())
    brought_in(network, tmp_path, text, "--fill", "site=G01")
    with Project.open(network.path) as project:
        heard = [one for one in project.plan.measurements.values() if one.site == "G01"]
        assert len(heard) == 8
        if ids:  # of another tower nothing was said, nor taken
            assert {(one.tx_height_m, one.from_plan) for one in heard} == {(18.0, "eirp_dbm")}


def test_a_sector_is_kept_as_it_pointed(network: Project) -> None:
    """Straight before the sector it is the EIRP of the kit, behind it much less."""
    site, kit = network.plan.sites["C01"], network.plan.kits.access
    network.apply(edits.put(network.plan, [replace(site, sectors=(Sector("a", kit, 90.0),))]))
    study = network.snapshot().study
    before, behind = (destination(site.latitude, site.longitude, azimuth, 900.0) for azimuth in (90.0, 270.0))
    ground = float(study.surface.heights(site.latitude, site.longitude))
    level = [ground + 12.0 - float(study.surface.heights(*one)) for one in (before, behind)]  # at the mast's own height
    freq = float(network.catalogue.kit(kit).freq_mhz)
    rows = [
        Measurement(f"m{n}", *one, freq, -70.0, site="C01", height_m=min(max(up, 0.0), 150.0))
        for n, (one, up) in enumerate(zip((before, behind), level, strict=True))
    ]
    edit = keeping_senders(network.snapshot(), edits.put(network.plan, rows))
    sent = [one.eirp_dbm for one in edit.plan.measurements.values()]
    antenna = network.catalogue.antennas[network.catalogue.kit(kit).antenna]
    slope = abs(math.degrees(math.atan2(level[0] - rows[0].height_m, 900.0)))
    assert slope < antenna.beamwidth_el_deg / 4.0, "the place is before the beam"
    assert sent[0] == pytest.approx(hand_eirp_dbm(network), abs=1.0)
    assert sent[1] < sent[0] - 15.0
    assert geodesic(site.latitude, site.longitude, *behind)[0] == pytest.approx(270.0, abs=0.1)


def test_the_width_of_a_telephones_channel_is_kept_and_said(network: Project, tmp_path: Path) -> None:
    """RSRP is of one of 12 subcarriers in each block: by TS 36.104 50 of them in 10 MHz, 25 in 5 MHz."""
    text = table(network).replace("level_dbm", "rsrp")
    brought_in(network, tmp_path, text, "--fill", "site=C01")
    with Project.open(network.path) as project:
        row = next(iter(project.plan.measurements.values()))
        assert (row.quantity, row.width_mhz) == (Quantity.RSRP, 10.0)
        assert row.from_plan == "tx_height_m eirp_dbm width_mhz"
        rows = [replace(row, width_mhz=width) for width in (10.0, 5.0)]
        ten, five = measured_paths(project.snapshot().study, rows).level_dbm
        assert five - ten == pytest.approx(10.0 * math.log10(2.0), abs=1e-9)


@pytest.mark.parametrize(("sectors", "kept"), [(True, "tx_height_m"), (False, "tx_height_m eirp_dbm")])
def test_where_no_ground_or_no_such_kit_is_known_levels_come_in_all_the_same(
    tmp_path: Path, sectors: bool, kept: str
) -> None:
    """The sectors of the example are of a kit that is on no shelf."""
    plan = village()
    hill = plan.sites["hill"] if sectors else replace(plan.sites["hill"], sectors=())
    path = tmp_path / "village.cnplan.gpkg"
    Project.create(path, edits.put(replace(plan, measurements=Items(), terrain=Items()), [hill]).plan).close()
    file = tmp_path / "levels.csv"
    file.write_text(
        "latitude,longitude,freq_mhz,level_dbm,site\n-1.41,36.51,5500,-71,hill\n-1.41,36.52,5500,-72,moon\n"
    )
    done = CliRunner().invoke(app, ["import", str(path), str(file), "--as", "measurements"])
    assert done.exit_code == 0, done.output
    with Project.open(path) as project:
        here, stranger = project.plan.measurements.values()
        assert here.from_plan == kept
        assert here.tx_height_m == (hill.mast_height_m or 10.0)
        assert (stranger.tx_height_m, stranger.eirp_dbm, stranger.from_plan) == (None, None, "")


def test_a_plan_that_was_calibrated_before_is_not_asked_to_learn_again() -> None:
    """The digest as it was made when measurements had no more than these fields."""
    rows = [
        Measurement("b", 1.5, 2.5, 415.0, -90.0, "hill", date="2026-11-03"),
        Measurement("a", 1.0, 2.0, 415.0, -80.0),
    ]
    names = (
        *("id", "latitude", "longitude", "freq_mhz", "level_dbm", "site", "height_m", "date"),
        *("tx_height_m", "eirp_dbm", "rx_gain_dbi", "floor_dbm", "quantity"),
    )
    digest = sha256()
    for row in reversed(rows):
        digest.update(repr([getattr(row, name) for name in names]).encode())
    assert measured_basis(rows) == digest.hexdigest()[:16]
