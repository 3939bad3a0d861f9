"""What a person would miss who looks what the shelf has for a band and a continent, and what a mast costs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cn_planner import paths
from cn_planner.cli.main import app
from cn_planner.errors import InputError
from cn_planner.links.catalogue_overview import bands_by_continent, mast_costs, site_costs
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.catalogue_bands import load_bands, read_bands


def test_every_radio_stands_in_exactly_one_band_but_lora_in_both_of_its_own() -> None:
    bands = load_bands().bands
    for radio in load_catalogue().radios.values():
        names = [band.name for band in bands if band.means(radio)]
        expected = 2 if radio.technology == "lora" else 1
        assert len(names) == expected, (radio.id, names)


def test_the_table_says_which_shelves_are_empty() -> None:
    rows = {row.band: row for row in bands_by_continent()}
    assert {name for name, row in rows.items() if row.empty} == {"6 GHz", "60 GHz"}
    assert rows["5 GHz"].radios >= 40
    assert rows["5 GHz"].antennas >= rows["5 GHz"].radios / 2


def test_the_page_shows_the_same_shelf() -> None:
    page = (Path(__file__).parents[2] / "docs" / "equipment.md").read_text(encoding="utf-8")
    for row in bands_by_continent():
        radios = "none: empty shelf" if row.empty else row.radios
        assert f"| {row.band} | {radios} | {row.antennas} |" in page, row.band
    told = CliRunner().invoke(app, ["bands"]).output.splitlines()
    assert len([line for line in told if line.startswith("|")]) == 16
    for line in told:
        assert not line.startswith("|") or line in page, line
    for mast in mast_costs():
        assert f"| {mast.name} | {mast.mast:.0f} |" in page


def test_the_law_of_a_continent_counts_each_of_its_countries_once() -> None:
    countries = {name: len(codes) for name, codes in load_bands().continents.items()}
    assert sum(countries.values()) > 240
    for row in bands_by_continent():
        assert {cell.continent: cell.countries for cell in row.cells} == countries
    five = next(row for row in bands_by_continent() if row.band == "5 GHz")
    # The rules know few countries of Africa and most of Europe.
    shares = {cell.continent: cell.free / cell.countries for cell in five.cells}
    assert 0.3 < shares["Africa"] < 0.6 < shares["Europe"]


def test_a_country_on_two_continents_is_a_slip(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(paths.resources() / "equipment", tmp_path / "equipment"))
    text = (folder / "bands.toml").read_text(encoding="utf-8")
    (folder / "bands.toml").write_text(text.replace('"Oceania" = "AS', '"Oceania" = "AO AS', 1), encoding="utf-8")
    with pytest.raises(InputError, match="AO is there twice"):
        read_bands(folder)


def test_masts_cost_more_the_higher_in_every_part() -> None:
    rows = mast_costs()
    assert [row.height_m for row in rows] == sorted(row.height_m for row in rows)
    for part in ("mast", "grounding", "cable", "total"):
        values = [getattr(row, part) for row in rows]
        assert values == sorted(values), part
        assert values[0] > 0.0
    assert all(row.currency == "USD" and row.date for row in rows)
    # 25 m of cable at 0.7: a mast of 15 m and 10 m to the box.
    assert next(row.cable for row in rows if row.height_m == 15.0) == pytest.approx(17.5)
    assert site_costs().sun > site_costs().mains > 0.0
