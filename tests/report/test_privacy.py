"""What a public file may and may not give away."""

from __future__ import annotations

import math
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pypdf
import pytest
from deployment_example import example_deployment

from cn_planner.errors import InputError
from cn_planner.export.files import export_all
from cn_planner.geo import geodesic
from cn_planner.model.addressing import Addressing
from cn_planner.model.plan import Info, Plan
from cn_planner.model.purpose import Purpose
from cn_planner.report.build import _assumptions
from cn_planner.report.privacy import for_public, redacted

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

SECRET = "kept in the plan file alone"  # noqa: S105 - of the test


def private() -> DeploymentPlan:
    plan = example_deployment()
    homes = tuple(
        replace(one, id=f"osm-way-{n}", note="two children", latitude=one.latitude + 1.234e-4)
        for n, one in enumerate(plan.homes)
    )
    names = dict(zip((one.id for one in plan.homes), (one.id for one in homes), strict=True))
    unserved = tuple(replace(one, homes=tuple(names[home] for home in one.homes)) for one in plan.unserved)
    sites = tuple(replace(one, owner="A. Owner", consent="said yes") for one in plan.sites)
    return replace(plan, meta=replace(plan.meta, secret=SECRET), homes=homes, unserved=unserved, sites=sites)


def test_homes_move_within_the_distance_and_the_same_way_each_time() -> None:
    plan = private()
    public = for_public(plan, 200.0)
    assert public == for_public(plan, 200.0)
    for one in public.homes:
        least = min(geodesic(one.latitude, one.longitude, own.latitude, own.longitude)[2] for own in plan.homes)
        assert 0.0 < least <= 200.5


def test_another_secret_moves_them_elsewhere() -> None:
    plan = private()
    other = replace(plan, meta=replace(plan.meta, secret="another"))  # noqa: S106
    places = {(one.latitude, one.longitude) for one in for_public(plan, 200.0).homes}
    assert places.isdisjoint({(one.latitude, one.longitude) for one in for_public(other, 200.0).homes})


def test_moved_places_are_spread_evenly_over_the_disc() -> None:
    plan = private()
    many = replace(plan, homes=tuple(replace(plan.homes[0], id=f"h{n}") for n in range(2000)), unserved=())
    home = plan.homes[0]
    away = [
        geodesic(home.latitude, home.longitude, one.latitude, one.longitude)[2] for one in for_public(many, 300.0).homes
    ]
    # Half of a disc lies within radius / sqrt 2.
    assert sum(one < 300.0 / math.sqrt(2.0) for one in away) == pytest.approx(1000, abs=100)


def test_without_a_secret_homes_are_left_out() -> None:
    public = for_public(example_deployment(), 200.0)
    assert public.homes == ()
    assert public.meta.homes_blurred_m == math.inf


@pytest.mark.parametrize("metres", [0.0, -5.0, math.nan])
def test_a_distance_that_hides_nothing_is_refused(metres: float) -> None:
    with pytest.raises(InputError):
        for_public(private(), metres)


def test_no_file_holds_names_ids_notes_owners_or_the_secret(tmp_path: Path) -> None:
    plan = private()
    for path in export_all(plan, None, tmp_path, blur_homes_m=200.0):
        parts = [path.read_bytes()]
        if path.suffix == ".pdf":
            parts += [page.extract_text().encode() for page in pypdf.PdfReader(path).pages]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                parts = [archive.read(name) for name in archive.namelist()]
        for content in parts:
            for word in ("Can Roca", "Cal Mestre", "osm-way", "two children", "A. Owner", "said yes", SECRET):
                assert word.encode() not in content, (path, word)
            for one in plan.homes:
                assert f"{one.latitude:.5f}".encode() not in content, path
    assert "Homes are moved by up to 200 m." in (tmp_path / "valle-alto.geojson").read_text(encoding="utf-8")


def test_levels_and_distances_that_give_a_place_away_are_gone() -> None:
    for one in for_public(private(), 200.0).homes:
        assert (one.distance_m, one.azimuth_deg, one.rsl_dbm, one.margin_db, one.height_needed_m) == (None,) * 5
        assert one.reason is None


PEOPLE = Purpose(contact="Rosa +34 600 111 222", call="Joan 600 333 444", safety="Pere 600 555 666", body="The valley")


def test_who_is_written_to_called_and_sees_to_safety_is_in_no_table_and_on_no_public_paper() -> None:
    plan = Plan(info=Info(name="x"), purpose=PEOPLE)
    assert not [one.key for one in _assumptions(plan) if one.key.startswith("purpose.")]
    report = private()
    public = for_public(replace(report, papers=replace(report.papers, purpose=PEOPLE)), 200.0).papers.purpose
    for purpose in (public, redacted(plan, None).purpose):
        assert (purpose.contact, purpose.call, purpose.safety) == ("", "", "")
        assert purpose.body == "The valley"


def test_a_plan_that_is_given_away_holds_no_key_and_no_address_of_the_keepers() -> None:
    addresses = Addressing(ssh_key="ssh-ed25519 AAAA rosa@home", log_to="10.9.8.7")
    plan = redacted(Plan(info=Info(name="x"), addresses=addresses), None)
    assert plan.addresses == Addressing()
