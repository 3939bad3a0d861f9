"""What people act on of the network book, worked again from the plan file by code that shares nothing with it."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.progress import ALONE
from cn_planner.session.project import Project
from cn_planner.session.tasks import write_exports
from tests.held_power import free_space_db
from tests.plan_file_radio import PlanFile, loss_and_clearance, wifi_mbps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Half(NamedTuple):
    """What half a page says of a link, as it is printed."""

    a: str
    b: str
    km: float
    level_dbm: tuple[float, float]
    spare_db: tuple[float, float]
    mbps: tuple[float, float]
    needs_mbps: float
    tight_km: float
    tight_m: float
    tight_f1: float
    silent_db: float


class Worked(NamedTuple):
    """The same by hand."""

    km: float
    level_dbm: float
    spare_db: float
    mbps: float
    silent_db: float
    clear_f1: float


def _number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace(",", ""))


def _halves(pdf: Path, names: list[str]) -> tuple[list[str], list[Half]]:
    """Return the texts of the pages, and what each half of those with links says."""
    pages = [page.extract_text() for page in PdfReader(pdf).pages]
    found = []
    for page in pages:
        for part in page.split("Check on site")[: page.count("weakest first")]:
            text = " ".join(part.split())

            def pair(title: str, text: str = text) -> tuple[float, float]:
                two = re.search(rf"{title} ([\u2212\d.]+) ([\u2212\d.]+)", text)
                assert two is not None, (title, text)
                return _number(two[1]), _number(two[2])

            one_of = "|".join(map(re.escape, names))
            ends = re.search(rf"({one_of}) – ({one_of}) (?:likely|check on site|blocked) ([\d.]+) km ·", text)
            rates = re.search(r"the busiest hour needs (\d+); ([\d.]+) (\d+); ([\d.]+)", text)
            tight = re.search(r"Tightest, at ([\d.]+) km: (\d+) m clear of the \w+ ([\d.]+) F1 \(0\.6 wanted\)", text)
            silent = re.search(r"Silent when ([\d.]+) dB are lost", text)
            assert ends is not None
            assert rates is not None
            assert tight is not None
            assert silent is not None
            found.append(
                Half(
                    ends[1], ends[2], float(ends[3]), pair("Arrives, dBm"),
                    pair(r"To spare, dB \(10 wanted\)"), (float(rates[1]), float(rates[3])), float(rates[2]),
                    float(tight[1]), float(tight[2]), float(tight[3]), float(silent[1]),
                )
            )  # fmt: skip
    return pages, found


def _worked(plan: PlanFile, link: dict, a: str, b: str) -> Worked:
    kit = plan.shelf.kits[link["kit"] or plan.plan["kits"]["backhaul"]]
    radio, antenna = plan.shelf.radios[kit["radio"]], plan.shelf.antennas[kit["antenna"]]
    mhz, path = link["freq_mhz"] or kit["freq_mhz"], plan.path(a, b)
    assert path is not None
    heights = {link["from_site"]: link["from_height_m"], link["to_site"]: link["to_height_m"]}
    ups = [plan.sites[key]["mast_height_m"] if heights[key] is None else heights[key] for key in (a, b)]
    loss, clear = loss_and_clearance(path, *ups, mhz, plan.plan["area"]["k_factor"])
    gain = 2.0 * antenna["gain_dbi"]
    # Where its sheet does not say what a radio bears, what the standard asks of each.
    asked = [dbm for low, high, dbm in radio["kind"]["max_input"] if low <= mhz <= high]
    most = radio.get("max_input_dbm", asked[0])
    modes = []
    for _, power, least, air in plan.shelf.modes(kit):
        sent = power
        bears = most - gain + free_space_db(path.length, mhz)
        if sent > bears + 0.05:
            sent = math.floor(bears)
        level = sent + gain - loss
        rate = min(air * radio["kind"]["efficiency"], wifi_mbps(air, path.length))
        modes.append((level - least, rate, level))
    counted = max((one for one in modes if one[0] >= 10.0), key=lambda one: one[1])
    return Worked(path.length / 1000.0, counted[2], counted[0], counted[1], max(one[0] for one in modes), clear)


@pytest.fixture(scope="module")
def book(
    planned_sample: Callable[[float | None], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str], list[Half]]:
    folder = planned_sample(None)
    plan = next(folder.glob("*.cnplan.gpkg"))
    with Project.open(plan) as project:
        (pdf,) = write_exports(
            project.snapshot(), tmp_path_factory.mktemp("book"), ("network",), version=2, date="2026-11-25", run=ALONE
        )
    return plan, *_halves(pdf, [site["name"] for site in PlanFile(plan).sites.values()])


def test_the_sample_has_eleven_pages_at_most(book: tuple[Path, list[str], list[Half]]) -> None:
    _, pages, halves = book
    assert len(pages) <= 11
    assert len(halves) == len(PlanFile(book[0]).links)
    assert all(page.count("weakest first") == 2 for page in pages[1 : 1 + len(halves) // 2])


def test_levels_margins_and_rates_are_those_worked_by_hand(book: tuple[Path, list[str], list[Half]]) -> None:
    path, _, halves = book
    plan = PlanFile(path)
    by_name = {site["name"]: key for key, site in plan.sites.items()}
    silent = []
    for half in halves:
        a, b = by_name[half.a], by_name[half.b]
        (link,) = (one for one in plan.links.values() if {one["from_site"], one["to_site"]} == {a, b})
        own = _worked(plan, link, a, b)
        assert half.km == pytest.approx(own.km, abs=0.006)
        assert half.level_dbm == pytest.approx((own.level_dbm,) * 2, abs=0.3)
        assert half.spare_db == pytest.approx((own.spare_db,) * 2, abs=0.3)
        assert half.mbps == pytest.approx((own.mbps,) * 2, rel=0.01, abs=0.6)
        assert half.silent_db == pytest.approx(own.silent_db, abs=0.3)
        assert half.tight_f1 == pytest.approx(own.clear_f1, rel=0.05, abs=0.1)
        silent.append(own.silent_db)
    assert silent == sorted(silent)


def test_the_command_says_the_same_of_each_link(book: tuple[Path, list[str], list[Half]]) -> None:
    path, _, halves = book
    plan = PlanFile(path)
    by_name = {site["name"]: key for key, site in plan.sites.items()}
    terrain = next(path.parent.glob("*-terrain.tif"))
    area, alike = plan.plan["area"], 0
    for half in halves:
        a, b = by_name[half.a], by_name[half.b]
        (link,) = (one for one in plan.links.values() if {one["from_site"], one["to_site"]} == {a, b})
        kit = plan.shelf.kits[link["kit"] or plan.plan["kits"]["backhaul"]]
        heights = {link["from_site"]: link["from_height_m"], link["to_site"]: link["to_height_m"]}
        ends = [
            ",".join(map(repr, (*plan.sites[key]["at"], heights[key] or plan.sites[key]["mast_height_m"])))
            for key in (a, b)
        ]
        ran = CliRunner().invoke(
            app,
            ["link", "--dem", str(terrain), "--from", ends[0], "--to", ends[1], "--kit", kit["id"], "--json",
             "--freq-mhz", str(link["freq_mhz"] or kit["freq_mhz"]), "--canopy-m", str(area["canopy_m"] or 10.0)],
        )  # fmt: skip
        said = json.loads(ran.stdout)
        assert half.tight_f1 == pytest.approx(said["clearance_f1"], abs=0.051)
        assert half.tight_km == pytest.approx(said["clearance_at_m"] / 1000.0, abs=0.0051)
        if half.level_dbm[1] == pytest.approx(said["rsl_to_dbm"], abs=0.051):  # it is not held for the far end
            assert half.spare_db[0] == pytest.approx(said["fade_margin_db"], abs=0.051)
            alike += 1
    assert alike
