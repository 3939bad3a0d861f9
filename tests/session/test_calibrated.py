"""Measurements count where homes are judged: five levels that are weaker than predicted take homes off the list."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import gpxpy
import numpy as np
import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.coverage.grid import CoverageSite, lay_ground
from cn_planner.coverage.received import Quantity
from cn_planner.geo import WGS84, transform
from cn_planner.links.count_range import COMMON_SD_DB, count_range
from cn_planner.links.known_place import known_place
from cn_planner.links.sight import Sight
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.evidence import Evidence, Seen
from cn_planner.model.history import Edit
from cn_planner.model.items import Items
from cn_planner.model.learned import calibration_is_old, paths_are_others
from cn_planner.model.measurement import Calibration, Measurement
from cn_planner.model.measurement import Quantity as Measured
from cn_planner.model.plan import Obstacle, Plan
from cn_planner.report.build import build_report
from cn_planner.service.calibrate import calibrate
from cn_planner.service.homes import service
from cn_planner.service.measured import measured_paths, predict_levels
from cn_planner.service.outlines import outlines
from cn_planner.service.roofs import HomeArrays
from cn_planner.service.tower import around, judged, tower_coverage
from cn_planner.session.check import check_project
from cn_planner.session.project import Project
from cn_planner.session.service import home_now, service_now
from cn_planner.session.tower_maps import groups_of, signal_bands

OFFSET_DB = -26.0
NOISE = (1.5, -2.0, 0.5, 2.5, -1.0, 0.0, -2.5, 1.0)


def command(*words: object, status: int = 0) -> str:
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == status, done.output
    return done.stdout


def some_homes(project: Project, count: int) -> list[Measurement]:
    """Measurements at homes that are seen from C01, spread over them, without their levels."""
    site = project.plan.sites["C01"]
    freq = float(project.catalogue.kit(project.plan.kits.access).freq_mhz)
    seen = [one.home for one in service(project.snapshot().study) if one.site == site.id and one.works]
    keys = seen[:: max(len(seen) // count, 1)][:count]
    homes = [project.plan.households[key] for key in keys]
    return [
        Measurement(f"m{n}", home.latitude, home.longitude, freq, -90.0, site=site.id, height_m=5.0)
        for n, home in enumerate(homes)
    ]


def with_levels(project: Project, rows: list[Measurement], offset_db: float) -> None:
    """Put measurements into the plan: levels as predicted, off by an offset, and a little noise."""
    told = measured_paths(project.snapshot().study, rows).level_dbm
    assert np.isfinite(told).all()
    levels = [float(level) + offset_db + NOISE[n % len(NOISE)] for n, level in enumerate(told)]
    rows = [replace(row, level_dbm=max(level, -199.0)) for row, level in zip(rows, levels, strict=True)]
    project.apply(edits.put(project.plan, rows))


@pytest.fixture
def measured(network: Project) -> Project:
    with_levels(network, some_homes(network, 8), OFFSET_DB)
    return network


def test_predicted_levels_are_those_of_the_budget(network: Project) -> None:
    """EIRP by hand from the catalogue, the loss of `link`: nothing of the room that is tried."""
    (row,) = some_homes(network, 1)
    home = next(one for one in network.plan.households.values() if one.latitude == row.latitude)
    found = home_now(network.snapshot(), home.id)
    budget = found.budget
    loss = budget.losses.total_db
    (told,) = predict_levels(network.snapshot().study, [replace(row, eirp_dbm=30.0, rx_gain_dbi=3.0, height_m=5.0)])
    assert told.level_dbm == pytest.approx(30.0 - loss + 3.0, abs=1e-6)
    assert told.clearance_f1 == pytest.approx(budget.clearance_f1, abs=1e-6)
    assert not told.calibrated
    assert told.common_sd_db >= COMMON_SD_DB


def test_rsrp_is_a_subcarrier_of_the_plans_own_lte_or_else_of_the_usual_one(network: Project) -> None:
    """12 subcarriers in each of 50 blocks, by TS 36.104 those of 10 MHz; a channel of Wi-Fi of 20 MHz has none."""
    (row,) = some_homes(network, 1)
    both = [row, replace(row, id="rsrp", quantity=Measured.RSRP)]
    whole, part = measured_paths(network.snapshot().study, both).level_dbm
    assert whole - part == pytest.approx(10.0 * math.log10(600.0), abs=1e-9)


def test_weaker_levels_take_homes_away_and_undo_brings_them_back(measured: Project) -> None:
    before = service_now(measured.snapshot())
    report = calibrate(measured.snapshot().study)
    assert report.used == 8
    assert report.place.offset_db + dict(report.sites)["C01"].offset_db == pytest.approx(OFFSET_DB, abs=8.0)
    measured.apply(report.edit(measured.plan))
    after = service_now(measured.snapshot())
    assert after.works_weight < before.works_weight
    seen = np.isfinite(after.level_dbm) & np.isfinite(before.level_dbm) & (after.site == before.site)
    assert np.median((after.fallback_db - before.fallback_db)[seen]) == pytest.approx(OFFSET_DB, abs=7.0)
    measured.undo()
    again = service_now(measured.snapshot())
    assert again.verdict.tobytes() == before.verdict.tobytes()
    assert again.level_dbm.tobytes() == before.level_dbm.tobytes()


def test_one_home_in_words_and_the_list_say_the_same(measured: Project) -> None:
    measured.apply(calibrate(measured.snapshot().study).edit(measured.plan))
    now, full = service_now(measured.snapshot()), service(measured.snapshot().study)
    looked = 0
    for one in full:
        number = now.homes.number[one.home]
        if one.site is not None and one.margin_db is not None and math.isfinite(now.margin_db[number]):
            assert abs(now.margin_db[number] - one.margin_db) < 1e-6
            looked += 1
    assert looked > 20
    key = next(one.home for one in full if one.site == "C01" and one.margin_db is not None)
    budget = home_now(measured.snapshot(), key).budget
    assert budget.measured_db is not None
    assert budget.fade_margin_db == pytest.approx(now.margin_db[now.homes.number[key]], abs=0.02)
    assert budget.sigma_db == pytest.approx(
        math.hypot(*(float(v[now.homes.number[key]]) for v in now.sight[3:])), abs=0.01
    )


def test_the_map_shows_where_homes_would_be_served_as_homes_there_would_be(measured: Project) -> None:
    site = measured.plan.sites["C01"]

    def area() -> float:
        """The places that are served; they are just those at which a home would be."""
        study = measured.snapshot().study
        alone = replace(study.plan, sites=Items([study.plan.sites["C01"]]), links=Items())
        (cells,) = (one.cells for one in outlines(replace(study, plan=alone)))
        assert cells is not None
        rows, columns = (np.arange(-4, count + 4) for count in cells.shape)
        a, _, c, _, e, f = cells.transform
        x, y = np.meshgrid(a * columns + c, e * rows + f)
        lon, lat = (np.asarray(one) for one in transform(cells.crs, WGS84, x.ravel(), y.ravel()))
        ids, one = tuple(map(str, range(len(lat)))), np.ones(len(lat))
        roof = one * measured.plan.demand.antenna_height_m
        there = tower_coverage(study, HomeArrays(ids, {}, lat, lon, roof, one, one, 10.0 * one), site)
        served = np.zeros(len(lat), np.bool_)
        served[there.home] = there.answer.served
        assert np.mean(served == cells.at(lat, lon)) >= 0.99
        return float(cells.array().sum())

    before = area()
    measured.apply(calibrate(measured.snapshot().study).edit(measured.plan))
    assert area() < before


def test_what_a_pole_gains_is_told_of_each_home_by_its_own_height(network: Project) -> None:
    """Off a map, as under the hand: a roof of 12 m is not asked about as the usual one."""
    rows = [replace(row, height_m=2.0 if n % 2 else 10.0) for n, row in enumerate(some_homes(network, 8))]
    told = measured_paths(network.snapshot().study, rows).level_dbm
    gained = [10.0 * math.log10(row.height_m / 2.0) for row in rows]
    levels = [replace(row, level_dbm=float(a + b)) for row, a, b in zip(rows, told, gained, strict=True)]
    network.apply(edits.put(network.plan, levels))
    network.apply(calibrate(network.snapshot().study).edit(network.plan))
    study, site, one = network.snapshot().study, network.plan.sites["C01"], np.ones(2)
    place = known_place(study.plan)
    assert place is not None
    roof = np.array([2.0, 12.0])
    more = float(place.gained_db(roof[1:], roof[:1])[0])
    assert more > 2.0, "levels say that height helps"
    home = rows[0]
    there = around(study, site, home.latitude * one, home.longitude * one, roof)

    def paths(_access: object, those: np.ndarray) -> tuple[np.ndarray, Sight]:
        each = np.ones(len(those))
        return 110.0 * each, Sight(each, each, 0.0 * each, math.nan * each, math.nan * each)

    low, high = judged(study, site, there, paths).level_dbm.tolist()
    assert high - low == pytest.approx(more, abs=1e-6)


def test_maps_of_what_arrives_say_what_homes_are_told(measured: Project) -> None:
    site = measured.plan.sites["C01"]

    def bands() -> dict[Quantity, np.ndarray]:
        snapshot = measured.snapshot()
        (group,) = groups_of(snapshot, site, "p526")
        mast = CoverageSite(site.id, site.latitude, site.longitude, group[0].height_m)
        ground = lay_ground(snapshot.surface, [mast], 3000.0)
        return signal_bands(snapshot, "p526", ground, group) | {"grid": ground.grid}

    before, plain = bands(), service_now(measured.snapshot())
    measured.apply(calibrate(measured.snapshot().study).edit(measured.plan))
    after, told = bands(), service_now(measured.snapshot())
    seen = (told.site == told.sites.index("C01")) & (plain.site == told.site) & np.isfinite(told.level_dbm)
    grid = after["grid"]
    x, y = transform(WGS84, grid.crs, told.homes.longitude[seen], told.homes.latitude[seen])
    a, _, c, _, e, f = grid.transform
    column, row = np.rint((x - c) / a).astype(int), np.rint((y - f) / e).astype(int)
    inside = (row >= 0) & (row < grid.shape[0]) & (column >= 0) & (column < grid.shape[1])
    cells = row[inside], column[inside]
    on_map = (after[Quantity.MARGIN] - before[Quantity.MARGIN])[cells]
    of_homes = (told.fallback_db - plain.fallback_db)[seen][inside]
    known = np.isfinite(on_map)
    assert known.sum() > 5
    assert np.median(np.abs(on_map - of_homes)[known]) < 1.0
    chance = after[Quantity.PROBABILITY]
    assert np.nanmin(chance) >= 0.0
    assert np.nanmax(chance) <= 1.0
    assert np.nanmean(chance) < np.nanmean(before[Quantity.PROBABILITY])


def test_the_count_of_homes_has_a_narrower_range_once_levels_are_known() -> None:
    """Weaker by 8.5 dB as by the usual error: what homes share is known then, and the range is of each alone."""
    margin, weight = np.linspace(-10.0, 14.0, 60), np.ones(60)
    usual = Sight(np.full(60, 1.0), np.ones(60), np.zeros(60))
    low, high = count_range(margin, usual, weight)
    known = usual._replace(common_sd_db=np.full(60, 1.5), local_sd_db=np.full(60, 6.0))
    narrow_low, narrow_high = count_range(margin, known, weight)
    assert narrow_high - narrow_low < 0.6 * (high - low)
    draw = np.random.default_rng(1)
    levels = margin + 1.5 * draw.standard_normal((4000, 1)) + 6.0 * draw.standard_normal((4000, 60))
    counted = np.quantile((levels >= 0.0).sum(axis=1), [0.1, 0.9])
    assert [narrow_low, narrow_high] == pytest.approx(counted.tolist(), abs=1.5)


def test_the_commands_calibrate_predict_and_take_off(measured: Project, tmp_path: Path) -> None:
    path = measured.path
    home = next(iter(measured.plan.measurements.values()))
    away = next(one for one in measured.plan.households.values() if one.latitude != home.latitude)
    points = tmp_path / "points.csv"
    points.write_text(
        f"id,site,latitude,longitude,height_m\np,C01,{home.latitude},{home.longitude},5\n"
        f"p,C01,{away.latitude},{away.longitude},5\nq,nowhere,{home.latitude},{home.longitude},5\n"
    )
    measured.close()

    def rows() -> list[dict[str, str]]:
        command("predict", path, "--at", points, "--out", tmp_path / "out.csv")
        with (tmp_path / "out.csv").open() as file:
            return list(csv.DictReader(file))

    before = rows()
    assert [one["id"] for one in before] == ["p", "p", "q"]
    assert before[2]["level_dbm"] == ""
    said = json.loads(command("calibrate", path, "--json", "--gpx", tmp_path / "next.gpx"))
    with (tmp_path / "next.gpx").open() as file:
        waypoints = gpxpy.parse(file).waypoints
    assert [(one.latitude, one.longitude) for one in waypoints] == [
        pytest.approx((one["latitude"], one["longitude"]), abs=1e-6) for one in said["measure_next"]
    ]
    assert set(said) == {
        "used", "censored", "left_out", "place", "sites", "local_sd_db", "range_m", "before", "held_out",
        "measure_next",
    }  # fmt: skip
    assert said["used"] == 8
    assert said["before"]["bias_db"] == pytest.approx(OFFSET_DB + sum(NOISE) / 8, abs=1e-6)
    assert len(said["measure_next"]) == 5
    assert all(0.0 < one["gain"] < 1.0 for one in said["measure_next"])
    after = rows()
    shift = float(after[0]["level_dbm"]) - float(before[0]["level_dbm"])
    assert shift == pytest.approx(OFFSET_DB, abs=8.0)
    for one in after[:2]:
        sd = math.hypot(float(one["common_sd_db"]), float(one["local_sd_db"]))
        assert float(one["sd_db"]) == pytest.approx(sd, abs=1e-3)
        assert float(one["p90_dbm"]) - float(one["level_dbm"]) == pytest.approx(1.2816 * sd, abs=0.01)
        assert one["calibrated"] == "1"
    assert float(after[0]["sd_db"]) < float(before[0]["sd_db"])
    command("calibrate", path, "--off")
    assert rows() == before
    command("undo", path)
    assert rows() == after
    command("calibrate", path, "--off")
    command("calibrate", path, "--off", status=1)


def test_where_the_places_cannot_be_written_nothing_is_learned(measured: Project, tmp_path: Path) -> None:
    before, path = measured.plan, measured.path
    measured.close()
    command("calibrate", path, "--gpx", tmp_path / "none" / "next.gpx", status=1)
    with Project.open(path) as project:
        assert project.plan == before


def test_who_sends_and_at_which_frequency_is_said_for_all_points_or_told(measured: Project, tmp_path: Path) -> None:
    path, out = measured.path, tmp_path / "out.csv"
    home = next(iter(measured.plan.measurements.values()))
    points = tmp_path / "points.csv"
    points.write_text(f"id,latitude,longitude,height_m\np,{home.latitude},{home.longitude},5\n")
    measured.close()

    def said(*more: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, ["predict", str(path), "--at", str(points), "--out", str(out), *more])
        assert done.exit_code == status, done.output
        return done.stderr

    def level() -> float:
        with out.open() as file:
            return float(next(csv.DictReader(file))["level_dbm"])

    assert "no place nowhere" in said("--site", "nowhere", status=1)
    assert not out.exists()
    assert "access kit counts" not in said("--site", "C01", "--fill", "freq_mhz=415", "--fill", "eirp_dbm=30")
    strong = level()
    said("--site", "C01", "--fill", "freq_mhz=415", "--fill", "eirp_dbm=20")
    assert level() == pytest.approx(strong - 10.0, abs=1e-3)
    assert "access kit counts: 5" in said("--site", "C01")
    assert "no field freq" in said("--site", "C01", "--fill", "freq=415", status=1)


def test_new_measurements_only_suggest_a_new_fit(measured: Project) -> None:
    measured.apply(calibrate(measured.snapshot().study).edit(measured.plan))
    kept = measured.plan.calibration
    assert not calibration_is_old(measured.plan)
    one = next(iter(measured.plan.measurements.values()))
    measured.apply(edits.put(measured.plan, [replace(one, id="late", level_dbm=-60.0)]))
    assert measured.plan.calibration is kept
    assert calibration_is_old(measured.plan)
    assert any("after the plan last learned" in str(one.what) for one in check_project(measured))


def test_who_changes_trees_or_moves_a_tower_is_asked_to_learn_again(measured: Project) -> None:
    """Levels were held against trees of 10 m: with other trees what they taught would count twice."""
    measured.apply(calibrate(measured.snapshot().study).edit(measured.plan))
    plan, tower = measured.plan, measured.plan.sites["C01"]
    spot = next(iter(plan.measurements.values()))
    home = next(key for key, one in plan.households.items() if one.latitude == spot.latitude)
    look = Evidence("look", home, "C01", Seen.CLEAR)

    def put(*rows: object) -> Plan:
        return edits.put(plan, rows).plan

    changed = {
        "trees": replace(plan, area=replace(plan.area, canopy_m=plan.area.assumed_canopy_m + 5.0)),
        "a tree": put(Obstacle("t", spot.latitude, spot.longitude, 12.0)),
        "a tower": put(replace(tower, latitude=tower.latitude + 0.002)),
        "a look": put(look),
    }
    assert {key for key, one in changed.items() if not paths_are_others(one)} == set()
    alike = {
        "nothing": plan,
        "trees as assumed": replace(plan, area=replace(plan.area, canopy_m=plan.area.assumed_canopy_m)),
        "a mast": put(replace(tower, mast_height_m=18.0)),
        "a look elsewhere": put(replace(look, about_id="G01")),
        "of before": replace(plan, calibration=replace(plan.calibration, basis=plan.calibration.basis[:16])),
        "off": replace(changed["trees"], calibration=Calibration()),
    }
    assert {key for key, one in alike.items() if paths_are_others(one)} == set()
    assert not any("plan last learned" in str(one.what) for one in check_project(measured))
    measured.apply(Edit(msg("other trees"), changed["trees"]))
    assert any("plan last learned from measurements" in str(one.what) for one in check_project(measured))
    measured.apply(calibrate(measured.snapshot().study).edit(measured.plan))
    assert not any("plan last learned" in str(one.what) for one in check_project(measured))


def test_papers_say_that_what_was_measured_counts_and_by_how_much(measured: Project) -> None:
    """All of their levels are corrected by it, of which no paper had said a word."""

    def said() -> list[tuple[str, str]]:
        rows = build_report(measured.snapshot().study, version=1, date="2026-12-01").meta.sources
        return [(one.name, one.said) for one in rows if one.what.key == "What was measured"]

    assert said() == []
    report = calibrate(measured.snapshot().study)
    measured.apply(report.edit(measured.plan))
    offset = f"{report.place.offset_db:+.0f} dB against what the plan expected"
    ((name, words),) = said()
    assert name == "8 levels of C01"
    assert offset.replace("-", "\N{MINUS SIGN}") in words.replace("-", "\N{MINUS SIGN}")


def test_the_order_of_measurements_and_their_names_teach_nothing(network: Project) -> None:
    low = some_homes(network, 60)
    with_levels(network, [*low, *(replace(row, id=f"h{row.id}", height_m=8.0) for row in low)], -9.0)
    rows, study = list(network.plan.measurements.values()), network.snapshot().study
    assert len(rows) > 25, "so many that each counts by its nearest neighbours"
    other = [replace(row, id=f"n{900 - n}") for n, row in enumerate(rows)]
    found = [calibrate(replace(study, plan=replace(study.plan, measurements=Items(one)))) for one in (rows, other)]
    assert found[0].calibration.made == found[1].calibration.made
    assert replace(found[0], calibration=found[1].calibration) == found[1]


def test_of_two_towers_side_by_side_each_has_what_was_measured_of_it(network: Project) -> None:
    """Some 60 m apart, one 12 dB stronger than the plan says, the other as much weaker."""
    first = network.plan.sites["C01"]
    second = replace(first, id="C01b", name="", latitude=first.latitude + 0.0004, longitude=first.longitude + 0.0004)
    network.apply(edits.put(network.plan, [second]))
    rows = some_homes(network, 12)
    rows = [replace(row, site="C01b" if n % 2 else "C01") for n, row in enumerate(rows)]
    told = measured_paths(network.snapshot().study, rows).level_dbm
    levels = [float(level) + (-12.0 if n % 2 else 12.0) for n, level in enumerate(told)]
    network.apply(edits.put(network.plan, [replace(row, level_dbm=one) for row, one in zip(rows, levels, strict=True)]))
    network.apply(calibrate(network.snapshot().study).edit(network.plan))
    place = known_place(network.plan)
    assert place is not None
    ends = np.array([first.latitude, second.latitude]), np.array([first.longitude, second.longitude])
    assert [network.plan.calibration.sites[n] for n in place.sites_at(*ends)] == ["C01", "C01b"]
    turned = replace(place, longitude=place.longitude + 360.0)
    assert turned.sites_at(*ends).tolist() == place.sites_at(*ends).tolist(), "180 degrees east is 180 west"


def test_a_place_beside_a_measured_tower_is_that_tower_for_what_is_asked_as_for_homes(measured: Project) -> None:
    """Some 40 m north of it: the map, homes and the levels that are asked for take it for the tower."""
    measured.apply(calibrate(measured.snapshot().study).edit(measured.plan))
    first = measured.plan.sites["C01"]
    beside = replace(first, id="C01b", name="", latitude=first.latitude + 0.0004)
    measured.apply(edits.put(measured.plan, [beside]))
    (row,) = some_homes(measured, 1)
    row = replace(row, site=beside.id)
    study, place = measured.snapshot().study, known_place(measured.plan)
    assert place is not None
    (told,) = predict_levels(study, [row])
    paths = measured_paths(study, [row])
    ends = [np.array([one]) for one in (beside.latitude, beside.longitude, row.latitude, row.longitude)]
    shift, common, local = place.of_paths(
        (ends[0], ends[1], ends[2], ends[3]), row.height_m, row.freq_mhz, paths.distance_m, paths.loss_db,
        paths.clearance_f1,
    )  # fmt: skip
    assert told.level_dbm - paths.level_dbm[0] == pytest.approx(shift[0], abs=1e-9)
    assert (told.common_sd_db, told.local_sd_db) == pytest.approx((common[0], local[0]), abs=1e-9)


def test_what_cannot_count_is_left_out_with_the_reason(measured: Project) -> None:
    one = next(iter(measured.plan.measurements.values()))
    site = measured.plan.sites["C01"]
    odd = [
        replace(one, id="who", site="nobody"),
        replace(one, id="which", site=""),
        replace(one, id="mast", latitude=site.latitude, longitude=site.longitude),
        replace(one, id="sea", latitude=one.latitude + 3.0),
        replace(one, id="twice"),
    ]
    measured.apply(edits.put(measured.plan, odd))
    report = calibrate(measured.snapshot().study)
    assert report.used == 8
    reasons = {key: str(why) for key, why in report.left_out}
    assert reasons.keys() == {"who", "which", "mast", "sea", "twice"}
    assert "no place nobody" in reasons["who"]
    assert "does not say which tower" in reasons["which"]
    assert "at the mast itself" in reasons["mast"]
    assert "km from C01" in reasons["sea"] or "Terrain is missing" in reasons["sea"]
    assert "says the same as" in reasons["twice"]
