"""What a user would miss: what other packages add works like the program's own; what fails is named and left out."""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from coverage_places import place
from deployment_example import example_deployment
from link_paths import hills, path
from plugin_site import FAILING, SAMPLE, add_failing, add_package, add_sample, on_the_path

from cn_planner.coverage.coverage_map import coverage_map
from cn_planner.errors import CancelledError, InputError
from cn_planner.export.files import export_all
from cn_planner.export.formats import FORMATS
from cn_planner.importers.files import import_file, open_table, suffixes
from cn_planner.importers.readers import READERS
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import Conditions, link_conditions_of
from cn_planner.links.register import PropagationModel, model_of
from cn_planner.links.verdict import sigma_clear_db
from cn_planner.model.checks import problems
from cn_planner.model.plan import Plan, Rules
from cn_planner.model.propagation_models import MODELS
from cn_planner.plugins import PluginError, left_out
from cn_planner.progress import CancelToken, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample plug-in, installed."""
    folder = tmp_path_factory.mktemp("site")
    add_sample(folder)
    return folder


@pytest.fixture
def sample(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with on_the_path(site, monkeypatch):
        yield


@pytest.fixture
def failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    add_failing(tmp_path / "site")
    with on_the_path(tmp_path / "site", monkeypatch):
        yield tmp_path / "site"


def program(site: Path, *words: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line beside installed packages."""
    where = os.pathsep.join([str(site), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "cn_planner.cli.main", *map(str, words)],
        env=os.environ | {"PYTHONPATH": where, "COLUMNS": "200"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def what_cannot_be_loaded_was_told() -> None:
    for door in (MODELS, FORMATS, READERS):
        door.others()
    left_out()


def two_slopes(length_m: float, freq_mhz: float, *heights_m: float) -> float:
    """The sample's formula, written anew."""
    wavelength = 299.792458 / freq_mhz
    free = 20.0 * math.log10(4.0 * math.pi * length_m / wavelength)
    return free + max(20.0 * math.log10(length_m * wavelength / (4.0 * heights_m[0] * heights_m[1])), 0.0)


def test_each_thing_of_the_sample_takes_less_than_sixty_lines() -> None:
    lengths = [len(one.read_text(encoding="utf-8").splitlines()) for one in SAMPLE.rglob("*.py")]
    assert len(lengths) == 4
    assert max(lengths) < 60


@pytest.mark.usefixtures("sample")
def test_a_model_of_another_package_predicts_a_link_with_its_warnings_and_its_own_error() -> None:
    budget = link_budget(path(8000.0), 30.0, 0.5, None, None, 2400.0, conditions=Conditions(model="two-slopes"))
    assert budget.losses.total_db == pytest.approx(two_slopes(8000.0, 2400.0, 30.0, 0.5), abs=1e-6)
    assert [str(one) for one in budget.warnings][:1] == ["Two slopes hold for antennas from 1 m on."]
    late = replace(Conditions(model="two-slopes"), time_pct=90.0)
    said = " ".join(map(str, link_budget(path(8000.0), 30.0, 5.0, None, None, 2400.0, conditions=late).warnings))
    assert "Two slopes knows the median alone" in said
    with pytest.raises(InputError, match=r"24000 MHz; Two slopes takes 300 to 6000"):
        link_budget(path(8000.0), 30.0, 5.0, None, None, 24_000.0, conditions=Conditions(model="two-slopes"))
    assert sigma_clear_db("two-slopes") == 6.0


@pytest.mark.usefixtures("sample")
def test_a_plan_may_name_a_model_of_another_package_for_its_links() -> None:
    plan = Plan(rules=Rules(link_model="two-slopes"))
    assert link_conditions_of(plan).model == "two-slopes"
    assert not [one for one in problems(plan) if one.answer == "rules.link_model"]


def test_a_plan_that_names_a_model_which_is_not_here_says_so_and_has_p526() -> None:
    plan = Plan(rules=Rules(link_model="two-slopes"))
    assert link_conditions_of(plan).model == "p526"
    (found,) = [one for one in problems(plan) if one.answer == "rules.link_model"]
    assert "two-slopes, which is not here: P.526 is used" in str(found.what)


def by_paths(**more: Any) -> PropagationModel:
    """P.526 as a model that has no kernel for maps."""
    return replace(model_of("p526"), **({"key": "by-paths", "name": "By paths", "map_tasks": None} | more))


@pytest.fixture
def mapped(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A map of real mountains by a model without a kernel."""
    surface, tower, _ = place(shared_data, "white-mountains")
    MODELS.others()
    monkeypatch.setitem(MODELS._others, "by-paths", by_paths())

    def run(model: str = "by-paths", **more: Any) -> Any:
        asked = {"rx_height_m": 6.0, "radius_m": 900.0, "model": model, "freq_mhz": 5800.0} | more
        return coverage_map(surface, [tower], **asked)

    return run


def test_a_map_without_a_kernel_is_that_of_the_model_s_own_kernel_on_every_cell_s_profile(mapped: Any) -> None:
    for air in (Conditions(), Conditions(canopy_m=8.0, canopy_keep_out_m=100.0)):
        own, slow = (mapped(model, air=air, exact=True).bands[0] for model in ("p526", "by-paths"))
        assert np.array_equal(np.isnan(own), np.isnan(slow))
        assert np.nanmax(np.abs(own - slow)) < 1e-3
        assert np.count_nonzero(~np.isnan(slow)) > 2000


def test_a_map_without_a_kernel_has_the_same_bits_for_any_number_of_threads_and_tells_how_far_it_is(
    mapped: Any,
) -> None:
    steps: list[float] = []
    maps = [mapped(run=Run(progress=lambda done, _doing=None: steps.append(done))).bands.tobytes()]
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            maps.append(mapped(run=Run(pool)).bands.tobytes())
    assert len(set(maps)) == 1
    assert len(steps) > 50
    assert steps == sorted(steps)


def test_a_map_without_a_kernel_is_cancelled_between_its_tasks(mapped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token, asked = CancelToken(), []

    def counted(*words: Any) -> Any:
        asked.append(words)
        token.cancel()
        return model_of("p526").path(*words)

    monkeypatch.setitem(MODELS._others, "by-paths", by_paths(path=counted))
    with pytest.raises(CancelledError):
        mapped(run=Run(cancel=token))
    assert 1 <= len(asked) <= 128


def test_cells_that_a_model_refuses_have_no_answer_and_the_others_have(
    mapped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def near(profile: Any, *words: Any) -> Any:
        if profile.length_m > 500.0:
            raise InputError(by_paths().choice)
        return model_of("p526").path(profile, *words)

    monkeypatch.setitem(MODELS._others, "by-paths", by_paths(path=near))
    found, whole = mapped().bands[0], mapped("free-space").bands[0]
    share = np.count_nonzero(~np.isnan(found)) / np.count_nonzero(~np.isnan(whole))
    assert share == pytest.approx((500.0 / 900.0) ** 2, abs=0.03)


def test_the_command_line_takes_the_model_for_a_link_a_map_and_a_batch(
    site: Path, shared_data: Path, tmp_path: Path
) -> None:
    dem = shared_data / "bench" / "N44W072.hgt"
    words = ("--dem", dem, "--from", "44.30,-71.30,20", "--to", "44.32,-71.28,10", "--freq-mhz", 900)
    answer = json.loads(program(site, "link", *words, "--model", "two-slopes", "--json").stdout)
    assert answer["model"] == "two-slopes"
    expected = two_slopes(answer["distance_m"], 900.0, 20.0, 10.0)
    assert answer["loss_db"]["total"] == pytest.approx(expected, abs=1e-6)

    out = tmp_path / "loss.tif"
    words = ("--dem", dem, "--site", "44.30,-71.30,20", "--rx-height", 3, "--radius-km", 1, "--freq-mhz", 900)
    program(site, "coverage", *words, "--model", "two-slopes", "--out", out, "--out", tmp_path / "loss.svg")
    with rasterio.open(out) as file:
        band, cell_m, name = file.read(1), file.res[0], file.descriptions[0]
    assert name.startswith("two-slopes")
    row, column = (count // 2 for count in band.shape)
    assert band[row, column + 20] == pytest.approx(two_slopes(20.0 * cell_m, 900.0, 20.0, 3.0), abs=0.1)
    assert "Loss by Two slopes, dB" in (tmp_path / "loss.svg").read_text(encoding="utf-8")

    folder = shared_data / "propagation"
    cases = ("--cases", folder / "itm_p2p.csv", "--profiles", folder / "profiles.npz")
    few = tmp_path / "few.csv"
    with (folder / "itm_p2p.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if 3e8 <= float(row["freq_hz"]) <= 6e9][:40]
    with few.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    program(site, "loss", "--model", "two-slopes", "--cases", few, *cases[2:], "--out", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    with np.load(folder / "profiles.npz") as ground:
        lengths = dict(zip(map(str, ground["profile_id"]), (np.diff(ground["offset"]) - 1) * ground["spacing_m"],
                           strict=True))  # fmt: skip
    for case, row in zip(rows, found, strict=True):
        heights = float(case["h_tx_m"]), float(case["h_rx_m"])
        expected = two_slopes(lengths[case["profile_id"]], float(case["freq_hz"]) / 1e6, *heights)
        assert float(row["loss_db"]) == pytest.approx(expected, abs=1e-6)


def test_the_command_line_writes_the_format_and_reads_the_file(site: Path, valley_folder: Path) -> None:
    (plan,) = valley_folder.glob("*.cnplan.gpkg")
    book = valley_folder / "places.txt"
    book.write_text("FIELD BOOK of the valley\nKilima Juu @ 42.111 1.851\nKilima Chini @ 42.112 1.853\n", "utf-8")
    said = program(site, "import", plan, book, "--as", "sites").stderr
    assert "import 2 sites from places.txt" in said
    done = program(site, "export", plan, "--to", valley_folder / "out", "--formats", "markdown,gpx")
    first, second = map(Path, done.stdout.split())
    assert (first.suffix, second.suffix) == (".md", ".gpx")
    assert "| Kilima Juu | 42.11100 | 1.85100 |" in first.read_text(encoding="utf-8")
    book.write_text("FIELD BOOK of the valley\nno place\n", encoding="utf-8")
    said = program(site, "import", plan, book, "--as", "sites", status=1).stderr
    assert "places.txt, row 2: There is no @ in the line." in said
    program(site, "set", plan, "rules.link_model=two-slopes")
    assert "rules.link_model = two-slopes" in program(site, "set", plan).stdout
    assert "P.526 is used" in program(valley_folder, "check", plan).stdout
    assert "P.526 is used" not in program(site, "check", plan).stdout


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("link", ("p526|p1812|itm|free-space|two-slopes", "two-slopes: Two slopes, 300 to 6000 MHz (ITU-R P.1411-12")),
        ("coverage", ("min-height|free-space|p526|p1812|itm|two-slopes", "two-slopes: Two slopes, 300 to 6000 MHz")),
        ("loss", ("two-slopes: Two slopes, 300 to 6000 MHz",)),
        ("export", ("markdown: Towers for a wiki (Markdown)",)),
        ("import", ("field-book: Field books (.book)",)),
    ],
)
def test_the_help_tells_of_it(site: Path, command: str, told: tuple[str, ...]) -> None:
    said = " ".join(program(site, command, "--help").stdout.split())
    assert "Of other packages:" in said
    for words in told:
        assert words in said


def test_nothing_of_other_packages_is_looked_for_until_a_choice_is_needed(tmp_path: Path) -> None:
    add_package(tmp_path, "loud-plugin", {"cn_planner.models": {"loud": "loud_plugin:MODEL"}})
    (tmp_path / "loud_plugin.py").write_text("raise RuntimeError('loaded')", encoding="utf-8")
    for words in (["--help"], ["bands"], ["optimise", "--help"]):
        assert "loud" not in program(tmp_path, *words).stderr
    said = program(tmp_path, "link", "--help").stderr
    assert said.count("“loud” of the package loud-plugin is left out: it cannot be loaded: RuntimeError: loaded.") == 1


def test_what_fails_to_load_is_named_with_its_reason_once_and_the_rest_is_there(failing: Path) -> None:
    assert list(MODELS.others()) == ["raises"]
    assert list(FORMATS.others()) == ["boom"]
    assert list(READERS.others()) == ["bad-reader", "bad-sniffer"]
    said = [str(one) for one in left_out()]
    assert all("of the package failing-plugin is left out: " in one for one in said)
    reasons = {one.split("”")[0].lstrip("“"): one.split("left out: ")[1] for one in said}
    assert reasons == {
        "Word": "its name must be of small letters, digits and hyphens.",
        "gone": "it cannot be loaded: ModuleNotFoundError: No module named 'failing_plugin.no_such_module'.",
        "itm": "the name is taken.",
        "misnamed": "it calls itself raises.",
        "word": "failing_plugin.things:TEXT is not a cn_planner.links.register.PropagationModel.",
        "twin": "files that end in .GPX are written already.",
    }
    assert left_out() == ()
    assert failing.is_dir()
    assert model_of("itm").name == "ITM"


@pytest.mark.usefixtures("failing")
def test_a_model_that_fails_is_left_out_and_a_plan_goes_on_with_p526() -> None:
    what_cannot_be_loaded_was_told()
    air = Conditions(model="raises")
    with pytest.raises(PluginError, match="“raises” of the package failing-plugin is left out: it failed when") as told:
        link_budget(path(ground=hills()), 9.0, 9.0, None, None, 2400.0, conditions=air)
    assert "ZeroDivisionError: division by zero" in str(told.value)
    with pytest.raises(InputError, match="There is no model raises here"):
        link_budget(path(ground=hills()), 9.0, 9.0, None, None, 2400.0, conditions=air)
    MODELS.forget()
    asked = link_conditions_of(Plan(rules=Rules(link_model="raises")))
    found = link_budget(path(ground=hills()), 9.0, 9.0, None, None, 2400.0, conditions=asked)
    own = link_budget(path(ground=hills()), 9.0, 9.0, None, None, 2400.0, conditions=Conditions())
    assert (found.model, found.losses) == (own.model, own.losses)
    assert sum("failing-plugin is left out" in str(one) for one in found.warnings) == 1
    assert link_conditions_of(Plan(rules=Rules(link_model="raises"))).model == "p526"


@pytest.mark.usefixtures("failing")
def test_a_format_that_fails_is_left_out_and_the_others_are_written(tmp_path: Path) -> None:
    what_cannot_be_loaded_was_told()
    out = tmp_path / "out"
    out.mkdir()
    old = out / "valle-alto.boom"
    old.write_text("old", encoding="utf-8")
    (gpx,) = export_all(example_deployment(), None, out, ("boom", "gpx"))
    assert gpx.suffix == ".gpx"
    assert old.read_text(encoding="utf-8") == "old"
    (said,) = left_out()
    assert "“boom” of the package failing-plugin is left out: it failed when it was used" in str(said)
    with pytest.raises(InputError, match="There is no format boom"):
        export_all(example_deployment(), None, out, ("boom",))
    FORMATS.forget()
    with pytest.raises(PluginError):
        export_all(example_deployment(), None, out, ("boom",))
    assert sorted(one.name for one in out.iterdir()) == ["valle-alto.boom", "valle-alto.gpx"]


@pytest.mark.usefixtures("failing")
def test_a_reader_that_fails_is_left_out_and_other_files_are_read(tmp_path: Path) -> None:
    what_cannot_be_loaded_was_told()
    plain, bad = tmp_path / "homes.csv", tmp_path / "homes.bad"
    plain.write_text("name,latitude,longitude\nx,1.0,1.0\n", encoding="utf-8")
    bad.write_text("?", encoding="utf-8")
    assert open_table(plain).columns == ("name", "latitude", "longitude")
    (said,) = left_out()
    assert "“bad-sniffer” of the package failing-plugin is left out" in str(said)
    with pytest.raises(PluginError, match="“bad-reader” of the package failing-plugin is left out"):
        import_file(Plan(), bad, "households")
    assert left_out() == ()
    assert ".bad" not in suffixes()


def test_the_command_line_names_what_fails_once_and_goes_on(tmp_path: Path, shared_data: Path) -> None:
    add_failing(tmp_path)
    dem = shared_data / "bench" / "N44W072.hgt"
    words = ("--dem", dem, "--from", "44.30,-71.30,20", "--to", "44.32,-71.28,10", "--freq-mhz", 900, "--json")
    done = program(tmp_path, "link", *words, "--model", "itm")
    assert json.loads(done.stdout)["model"] == "itm"
    assert done.stderr.count("is left out") == len(FAILING["cn_planner.models"]) - 1
    done = program(tmp_path, "link", *words, "--model", "raises", status=1)
    assert done.stdout == ""
    assert done.stderr.count("“raises” of the package failing-plugin is left out") == 1
    assert "Tell its makers, or remove their package." in done.stderr
    program(tmp_path, "link", *words, "--model", "word", status=2)
