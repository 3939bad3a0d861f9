"""The shelf: what a village would miss if a radio, a mast or a price were wrong or could not be trusted."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from cn_planner import paths
from cn_planner.errors import FileError, InputError
from cn_planner.model.equipment import Task
from cn_planner.storage.catalogue import load_catalogue, read_catalogue

SHIPPED = paths.resources() / "equipment"
FIRST_SOURCE = (
    "Facts of the maker's data sheet as collected in AM-LiteBeam5AC16120.json; to be confirmed against the data sheet"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "equipment"))


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_shelf_has_radios_with_a_source_each() -> None:
    shelf = load_catalogue()
    assert len(shelf.radios) >= 12
    assert all(radio.source.title and radio.source.publisher for radio in shelf.radios.values())
    assert all(antenna.source.title for antenna in shelf.antennas.values())
    # No data sheet was read, so none is claimed.
    assert all("to be confirmed" in radio.source.title for radio in shelf.radios.values())


def test_three_kits_have_plain_names_and_fit_together() -> None:
    kits = load_catalogue().kits
    assert {(kit.id, kit.name, kit.task) for kit in kits.values()} == {
        ("village-sector-5ghz", "Village sector 5 GHz", Task.ACCESS),
        ("roof-client-5ghz", "Roof client 5 GHz", Task.CLIENT),
        ("long-link-5ghz", "Long link 5 GHz", Task.BACKHAUL),
    }
    access, client = kits["village-sector-5ghz"], kits["roof-client-5ghz"]
    assert (access.freq_mhz, access.width_mhz) == (client.freq_mhz, client.width_mhz)
    radios = load_catalogue().radios
    assert radios[access.radio].technology == radios[client.radio].technology


def test_masts_go_from_3_to_30_m_and_cost_more_the_higher() -> None:
    shelf = load_catalogue()
    assert [mast.height_m for mast in shelf.masts] == [3, 6, 9, 12, 15, 18, 24, 30]

    def price(item: str) -> float:
        found = shelf.items[item].price
        assert found is not None
        return found.amount

    costs = [
        sum(price(part.item) * part.quantity for part in mast.parts) + 25 * mast.labour_days for mast in shelf.masts
    ]
    assert costs == sorted(costs)
    by_height = dict(zip((mast.height_m for mast in shelf.masts), costs, strict=True))
    for height, about in ((6, 350), (12, 900), (18, 1700), (24, 2900), (30, 4300)):
        assert by_height[height] == pytest.approx(about, rel=0.02)


def test_every_mast_is_earthed() -> None:
    for mast in load_catalogue().masts:
        assert {"earth-rod", "down-conductor"} <= {part.item for part in mast.parts}


def test_prices_say_that_they_are_examples_with_a_date() -> None:
    for item in load_catalogue().items.values():
        assert item.price is not None
        assert item.price.example
        assert item.price.currency == "USD"
        assert item.price.date
        assert "confirm with your supplier" in item.price.source


def test_rates_agree_with_the_published_tables(shared_data: Path) -> None:
    known = {}
    for technology, name in (("802.11ac", "mcs-AC.csv"), ("802.11n", "mcs-N.csv")):
        with (shared_data / "equipment" / name).open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                rate = row["800 ns GI"] if "800 ns GI" in row else row["800 ns GI "]
                key = (technology, int(row["MCS"]), int(row["streams"]), int(row["channel"]))
                known[key] = None if "N/A" in rate else float(rate)
    # Two streams carry exactly twice one; n counts its MCS on with the streams.
    compared = 0
    for radio in load_catalogue().radios.values():
        for mode in radio.modes:
            mcs = int(mode.mcs.removeprefix("MCS"))
            streams = [s for s in (1, 2) if known.get((radio.technology, mcs, s, int(mode.width_mhz))) is not None]
            rates = {known[radio.technology, mcs, s, int(mode.width_mhz)] for s in streams}
            if rates:
                assert any(rate == pytest.approx(mode.rate_mbps, abs=0.06) for rate in rates if rate), (radio.id, mode)
                compared += 1
    assert compared > 150


def test_facts_are_those_that_were_collected(shared_data: Path) -> None:
    with (shared_data / "equipment" / "cpe_radio_facts.csv").open(encoding="utf-8") as file:
        facts = {f"{row['file']}.json": row for row in csv.DictReader(file)}
    shelf = load_catalogue()
    for radio in shelf.radios.values():
        row = next(row for name, row in facts.items() if f"collected in {name};" in radio.source.title)
        power = json.loads(row["tx_power_dbm_by_mcs"])
        level = json.loads(row["rx_sensitivity_dbm_by_mcs"])
        assert shelf.antennas[radio.antenna].gain_dbi == float(row["gain_tx_dbi"])
        assert radio.max_power_w == float(row["max_power_w"])
        for mode in radio.modes_at(20.0):
            assert (mode.tx_power_dbm, mode.sensitivity_dbm) == (power[mode.mcs], level[mode.mcs]), radio.id


def test_wider_channels_need_more_signal() -> None:
    radio = load_catalogue().radios["powerbeam-5ac-620"]
    at_20, at_40 = (next(m for m in radio.modes_at(width) if m.mcs == "MCS0") for width in (20.0, 40.0))
    assert at_40.sensitivity_dbm - at_20.sensitivity_dbm == pytest.approx(3.01, abs=0.01)


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        ("radios.toml", "gain_dbi = 29.0", "gain_dbi = 49.0", "powerbeam-5ac-620"),
        ("radios.toml", "streams = 2", 'streams = "two"', "litebeam-5ac-16-120"),
        ("radios.toml", "-96, -95, -92", "-96, -97, -92", "litebeam-5ac-16-120"),
        ("radios.toml", "tx_power_dbm = [25, 25", "tx_power_dbm = [95, 25", "litebeam-5ac-16-120"),
        ("radios.toml", 'technology = "802.11ac"', 'technology = "802.11zz"', "litebeam-5ac-16-120"),
        ("radios.toml", FIRST_SOURCE, "", "litebeam-5ac-16-120"),
        ("items.toml", "price = 45.0", "price = -45.0", "steel-tube-3m"),
        ("items.toml", 'class = "mast"', 'class = "tower"', "steel-tube-3m"),
        ("shelf.toml", "steel-tube-3m = 1", "steel-tube-4m = 1", "mast-3m"),
        ("shelf.toml", "steel-tube-3m = 1", "steel-tube-3m = 0", "mast-3m"),
        ("shelf.toml", "freq_mhz = 5560.0", "freq_mhz = 2437.0", "village-sector-5ghz"),
        ("shelf.toml", 'radio = "litebeam-5ac-16-120"', 'radio = "x"', "village-sector-5ghz"),
        ("shelf.toml", "mains-box = 1", "mains-boks = 1", "grid_parts"),
        ("rates.toml", "efficiency = 0.65", "efficiency = 1.65", "802.11n"),
    ],
)
def test_a_slip_in_a_file_is_named_with_file_and_entry(folder: Path, name: str, old: str, new: str, where: str) -> None:
    change(folder, name, old, new)
    with pytest.raises(InputError) as caught:
        read_catalogue(folder)
    assert name in caught.value.where
    assert where in caught.value.where


def test_a_file_that_is_not_toml_or_not_there_is_named(folder: Path) -> None:
    (folder / "shelf.toml").write_text("[[[", encoding="utf-8")
    with pytest.raises(InputError, match=r"shelf\.toml"):
        read_catalogue(folder)
    (folder / "shelf.toml").unlink()
    with pytest.raises(FileError, match=r"shelf\.toml"):
        read_catalogue(folder)
