"""docs/deciding.md: each command is one that the program takes, prints what stands there, and has its picture."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import rasterio
import typer
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.service.homes import service
from cn_planner.session.project import Project
from cn_planner.spectrum.channels import plan_channels
from tests.plan_file_checker import price_of
from tests.plan_file_radio import PlanFile

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "deciding.md"
EXAMPLES = ROOT / "resources" / "examples"
QUICK = "andoain"
"""The place of which a plan takes seconds."""
BEHIND = ["--set", "country=US", "--set", "canopy_m=15", "--set", "mbps_per_home=10"]


class Worked(NamedTuple):
    """One decision of the page."""

    title: str
    words: list[str]
    printed: list[str]
    pictures: list[str]
    text: str

    @property
    def place(self) -> str:
        return self.words[1].split(".", maxsplit=1)[0]


def _worked() -> list[Worked]:
    found = []
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for part in parts:
        title, _, text = part.partition("\n")
        blocks = [
            "\n".join(line[4:] for line in block.splitlines())
            for block in re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)
        ]
        (command,) = (one for one in blocks if one.startswith("cn-planner "))
        printed = [line for one in blocks if one != command for line in one.splitlines()]
        words = shlex.split(command.replace("\\\n", " "))[1:]
        found.append(Worked(title, words, printed, re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text), text))
    return found


WORKED = _worked()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the page makes, of copies."""
    for place in sorted({one.place for one in WORKED}):
        shutil.copytree(EXAMPLES / place, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _said(words: list[str]) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_there_are_eight_decisions_each_with_one_picture_that_is_there() -> None:
    assert [one.title[0] for one in WORKED] == list("12345678")
    pictures = [name for one in WORKED for name in one.pictures]
    assert [len(one.pictures) for one in WORKED] == [1] * 8
    assert len(set(pictures)) == 8
    for name in pictures:
        with rasterio.open(PAGE.parent / name) as picture:
            assert picture.width > 1000
            assert all(np.ptp(picture.read(band)) > 100 for band in picture.indexes), "something is drawn"
            assert (PAGE.parent / name).stat().st_size < 200_000


@pytest.mark.parametrize("one", WORKED, ids=[one.title for one in WORKED])
def test_each_command_is_one_that_the_program_takes(one: Worked, here: Path) -> None:
    group = typer.main.get_command(app)
    with group.make_context("cn-planner", list(one.words)) as context:
        name, command, rest = group.resolve_command(context, list(one.words))
        with command.make_context(name, rest, parent=context) as inner:
            assert str(inner.params["plan"]) == one.words[1]
    asked = [after for word, after in zip(one.words, one.words[1:], strict=False) if word == "--set"]
    with Project.open(here / one.words[1]) as project:
        if asked:
            project.change_settings(dict(pair.split("=", maxsplit=1) for pair in asked))
    assert one.printed


@pytest.mark.parametrize("one", [o for o in WORKED if o.place == QUICK], ids=lambda one: one.title)
def test_a_quick_one_prints_what_stands_there(one: Worked, here: Path) -> None:
    lines = _said(one.words).splitlines()
    assert [line for line in one.printed if line not in lines] == []


@pytest.mark.parametrize(
    ("number", "words", "figures"),
    [
        (0, [], ["18,180", "18,176", "19 of 21", "three towers"]),
        (2, ["--set", "sites.N016.role=gateway_option", "--set", "sites.N016.uplink.open_cost=300",
             "--set", "sites.N016.uplink.monthly_cost=80"], ["15,297", "182"]),
        (4, ["--set", "mbps_per_home=100"], ["16", "21,706"]),
        (4, [*BEHIND, "--set", "access=halow-sector-900mhz", "--set", "client=halow-home-900mhz"], ["18", "22,180"]),
        (4, BEHIND, ["15", "29,317"]),
        (6, ["--budget", "6000"], ["7 homes"]),
        (7, ["--set", "mbps_per_home=50", "--set", "households.N007.kind=school", "--set", "school_mbps=60"],
         ["20,180"]),
    ],
)  # fmt: skip
def test_what_the_page_holds_it_against_is_so(number: int, words: list[str], figures: list[str], here: Path) -> None:
    text = PAGE.read_text(encoding="utf-8").split("\n## ")[number]
    said = _said(["plan", f"{QUICK}.cnplan.gpkg", *words]).replace("towers: 3", "three towers")
    said = re.sub(r"Homes reached: (\d+)", r"Homes reached: \1 homes \1", said)
    for figure in figures:
        assert re.search(rf"\b{re.escape(figure)}\b", text), figure
        assert re.search(rf"\b{re.escape(figure)}\b", said), figure


def test_two_bands_side_by_side_are_what_the_page_says_and_cost_what_a_checker_counts(here: Path) -> None:
    text, path = PAGE.read_text(encoding="utf-8").split("\n## ")[4], here / f"{QUICK}.cnplan.gpkg"
    both = ["--set", "more_access=halow-sector-900mhz", "--set", "more_clients=halow-home-900mhz"]
    said = _said(["plan", path.name, *BEHIND, *both])
    assert "reach 19 for 27,922: 7 homes have 900 MHz" in text
    assert "costs less than 24,518" in text
    for figure in ("Homes reached: 19 of 21 (19 could be)", "; 27,922 USD", "less than 24,518 USD"):
        assert figure in said
    assert re.search(r"^Of these homes, reached with Forest sector HaLow 900 MHz at .+: 7\.$", said, re.MULTILINE)
    price, rounding = price_of(PlanFile(path, law=False))
    assert price["build"] == pytest.approx(27922.0, abs=rounding + 0.5)
    with Project.open(path) as project:
        study, plan = project.snapshot().study, project.plan
    served = {one.home for one in service(study) if one.served}
    assert served == {key for key, home in plan.households.items() if home.server}
    assert sum(home.client_kit == "halow-home-900mhz" for home in plan.households.values()) == 7
    assert plan_channels(study, keep=True).not_served == frozenset()


def test_of_a_further_kit_it_is_said_where_it_does_not_help_and_why_there_is_no_plan(here: Path) -> None:
    both = ["--set", "more_access=halow-sector-900mhz", "--set", "more_clients=halow-home-900mhz"]
    path = here / f"{QUICK}.cnplan.gpkg"
    kept = path.read_bytes()
    assert "Forest sector HaLow 900 MHz reaches no home here" in _said(["plan", path.name, *both])
    path.write_bytes(kept)
    said = _said(["plan", path.name, *BEHIND, *both, "--budget", "0"])
    assert "The budget is 0.00 USD; the cheapest gateway alone costs" in said
