"""What people put on the shelf: it is checked, travels in the plan, counts in it, and is undone by its name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.entry_form import from_texts, quantity, to_texts
from cn_planner.model.equipment import ItemClass
from cn_planner.model.own_entries import ENTRY_KINDS
from cn_planner.model.plan import PowerSource, Site
from cn_planner.session.check import check_project
from cn_planner.session.own_entries import add_entry, change_entry, copy_entry, drop_entry, said_of
from cn_planner.session.project import Project
from cn_planner.session.sun import take_sets
from cn_planner.storage.catalogue import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECTOR = "village-sector-5ghz"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="ES") as made:
        yield made


def copied(project: Project, key: str, **texts: str) -> str:
    before = {
        one.id
        for rows in (project.plan.shelf.kits, project.plan.shelf.radios, project.plan.shelf.antennas)
        for one in rows
    }
    project.apply(copy_entry(project.plan, project.catalogue, key, texts))
    own = project.plan.shelf
    (new,) = {one.id for rows in (own.kits, own.radios, own.antennas) for one in rows} - before
    return new


def test_a_copied_kit_with_its_own_antenna_counts_and_is_undone_by_name(project: Project) -> None:
    antenna = copied(project, "litebeam-5ac-16-120-antenna", name="Home-made panel", gain_dbi="11 dBd",
                     beamwidth_az_deg="60", beamwidth_el_deg="20")  # fmt: skip
    kit = copied(project, SECTOR, name="Our sector", antenna=antenna)
    assert project.catalogue.antennas[antenna].gain_dbi == pytest.approx(13.15)
    project.change_settings({"kits.access": kit})
    with pytest.raises(InputError, match="is used by"):
        drop_entry(project.plan, project.catalogue, kit)
    with pytest.raises(InputError, match="Our sector"):
        drop_entry(project.plan, project.catalogue, antenna)
    assert str(project.undo_label) == "set kits.access"
    project.undo()
    assert str(project.undo_label) == "copy Village sector 5 GHz"
    project.apply(drop_entry(project.plan, project.catalogue, kit))
    assert kit not in project.catalogue.kits
    assert str(project.undo_label) == "remove kit Our sector"
    project.undo()
    path = project.path
    project.close()
    with Project.open(path) as again:
        assert again.catalogue.kits[kit].antenna == antenna
    assert kit not in load_catalogue().kits


def test_a_price_in_shillings_is_said_to_the_last_one_and_what_was_read_is_said(project: Project) -> None:
    key, texts = "own-bracket", {"name": "Bracket", "price": "1234567 UGX 2026-11-20 Kampala Electronics"}
    project.apply(copy_entry(project.plan, project.catalogue, "mast-bracket", texts))
    assert to_texts(project.catalogue.items[key])["price"] == "1234567 UGX 2026-11-20 Kampala Electronics"
    dish = [str(one) for one in said_of(project.catalogue.radios["tp-link-cpe610"]) if "at most" in str(one)]
    assert len(dish) == 6
    assert dish[0].startswith("On 5150 to 5665 MHz it sends at most 15 dBm")
    said = [str(one) for one in said_of(project.catalogue.radios["rak7240"])]
    assert any("5b8a370" in one and "five N connectors" in one for one in said)
    assert any(one.startswith("Note: Sensitivity") for one in said)
    assert "UGX" in str(said_of(project.catalogue.items[key])[0])
    shown = CliRunner().invoke(app, ["shelf", "show", str(project.path), "rak7240"]).output
    assert "revision: 5b8a370" in shown
    assert "url: https://github.com/roydegeest/rakwireless-docs" in shown


def test_ours_stay_as_they_are(project: Project) -> None:
    with pytest.raises(InputError, match="own entry and stays"):
        change_entry(project.plan, project.catalogue, SECTOR, {"name": "X"})
    with pytest.raises(InputError):
        drop_entry(project.plan, project.catalogue, SECTOR)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("antenna", {"gain_dbi": "30"}),  # beamwidths of 120 by 7 degrees give 17 at most
        ("antenna", {"gain_dbi": "-20"}),
        ("antenna", {"gain_dbi": "16 dBm"}),
        ("antenna", {"gain_dbi": "sixteen"}),
        ("antenna", {"beamwidth_az_deg": "400"}),
        ("antenna", {"band_mhz": "5875-5150"}),
        ("antenna", {"colour": "red"}),
        ("kit", {"freq_mhz": "2.4 GHz"}),  # beyond the band of its radio
        ("kit", {"cable_loss_db": "50"}),
        ("kit", {"parts": "no-such-thing=1"}),
        ("kit", {"parts": "mast-bracket=1, mast-bracket=2"}),
        ("kit", {"task": "party"}),
        ("kit", {"name": " "}),
        ("kit", {"name": "Long link 5 GHz"}),  # two entries of one name
        ("radio", {"modes": "MCS0: 20 60 -96 6.5"}),  # a megawatt
        ("radio", {"modes": "MCS0: 20 25"}),
        ("radio", {"technology": "telegraph"}),
        ("radio", {"streams": "1.5"}),
        ("radio", {"max_power_w": "-3"}),
        ("radio", {"band_mhz": "2400-2483"}),  # its own antenna is for 5 GHz
    ],
)
def test_what_cannot_be_is_refused_and_the_plan_stays(project: Project, kind: str, texts: dict[str, str]) -> None:
    base = {"antenna": "litebeam-5ac-16-120-antenna", "kit": SECTOR, "radio": "litebeam-5ac-16-120"}[kind]
    before = project.plan
    with pytest.raises(InputError):
        copy_entry(project.plan, project.catalogue, base, {"name": "Mine", **texts})
    assert project.plan is before


def test_a_change_that_breaks_a_kit_that_stands_on_it_is_refused(project: Project) -> None:
    antenna = copied(project, "litebeam-5ac-16-120-antenna", name="Panel")
    copied(project, SECTOR, name="Mine", antenna=antenna)
    with pytest.raises(InputError, match="does not reach"):
        change_entry(project.plan, project.catalogue, antenna, {"band_mhz": "2400-2500"})


def test_every_entry_of_the_program_goes_through_its_form_unchanged() -> None:
    catalogue = load_catalogue()
    for kind, owner in ENTRY_KINDS.items():
        for key, entry in list(getattr(catalogue, f"{kind}s").items()):
            texts = {name: text for name, text in to_texts(entry).items() if name not in ("source", "price")}
            assert from_texts(owner, key, texts, entry) == entry


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("tx_power_dbm", "500 mW", 26.9897), ("tx_power_dbm", "1W", 30.0), ("freq_mhz", "5.56 GHz", 5560.0),
        ("gain_dbi", "12dBd", 14.15), ("max_power_w", "8500 mW", 8.5), ("weight_kg", "400 g", 0.4),
        ("sensitivity_dbm", "-96", -96.0), ("rate_mbps", "1.2 Gbit/s", 1200.0),
    ],
)  # fmt: skip
def test_units_of_the_same_kind_are_converted(name: str, text: str, value: float) -> None:
    assert quantity(name, text) == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "text"), [("gain_dbi", "5 W"), ("freq_mhz", "5 dB"), ("tx_power_dbm", "0 mW"), ("gain_dbi", "inf")]
)
def test_units_of_another_kind_are_refused(name: str, text: str) -> None:
    with pytest.raises(InputError):
        quantity(name, text)


def test_a_kit_of_nothing_but_what_is_needed(project: Project) -> None:
    edit = add_entry(project.plan, project.catalogue, "kit", {
        "name": "Simple", "task": "client", "radio": "litebeam-5ac-gen2", "antenna": "litebeam-5ac-gen2-antenna",
        "freq_mhz": "5560", "width_mhz": "20",
    })  # fmt: skip
    project.apply(edit)
    (kit,) = project.plan.shelf.kits
    assert kit.parts[0].item == "litebeam-5ac-gen2"
    with pytest.raises(InputError, match="missing"):
        add_entry(project.plan, project.catalogue, "kit", {"name": "Half"})
    with pytest.raises(InputError):
        add_entry(project.plan, project.catalogue, "house", {})


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_by_command_line(project: Project) -> None:
    path = str(project.path)
    project.close()
    code, made, _ = run("shelf", "copy", path, SECTOR, "name=Our sector", "parts=litebeam-5ac-16-120=1, roof-pole=2")
    key = made.strip()
    assert (code, key) == (0, "own-our-sector")
    assert f"* {key}: Our sector" in run("shelf", "list", path)[1]
    shown = json.loads(run("shelf", "show", path, key, "--json")[1])
    assert shown["own"]
    assert shown["fields"]["parts"] == "litebeam-5ac-16-120=1, roof-pole=2"
    plain = run("shelf", "show", path, key)[1].splitlines()
    assert plain[0] == "name = Our sector"  # what the kit is, before its numbers
    assert plain[-1].startswith("    ")
    assert run("shelf", "change", path, key, "freq_mhz=5.58 GHz")[0] == 0
    assert json.loads(run("shelf", "show", path, key, "--json")[1])["fields"]["freq_mhz"] == "5580"
    assert run("undo", path)[0] == 0
    assert json.loads(run("shelf", "show", path, key, "--json")[1])["fields"]["freq_mhz"] == "5560"
    assert run("shelf", "remove", path, key)[0] == 0
    code, _, told = run("shelf", "show", path, key)
    assert code == 1
    assert key in told
    assert run("shelf", "change", path, SECTOR, "name=X")[0] == 1
    assert run("shelf", "copy", path, SECTOR, "nonsense")[0] == 2


def test_a_kit_of_which_a_part_is_gone_is_said_to_be_missing_and_breaks_nothing(project: Project) -> None:
    """As after an update that no longer has a radio, or an edit of the file by another program."""
    kit = copied(project, SECTOR, name="Old")
    project.change_settings({"kits.access": kit})
    (entry,) = project.plan.shelf.kits
    for gone in (replace(entry, radio="gone"), replace(entry, antenna="gone"), replace(entry, width_mhz=7.0)):
        project.apply(edits.change_section(project.plan, "shelf", kits=(gone,)))
        assert kit not in project.catalogue.kits
        assert any(str(one.what) == f"There is no kit {kit}." for one in check_project(project))


def test_an_item_is_added_by_the_words_of_a_price_list(tmp_path: Path) -> None:
    path = tmp_path / "a.cnplan.gpkg"
    Project.new(path, name="A", country="UG").close()
    words = ("name=Bamboo pole", "class=mast", "unit=piece", "price=12 USD 2026-11-20")
    made = CliRunner().invoke(app, ["shelf", "add", str(path), "item", *words])
    assert made.stdout == "own-bamboo-pole\n"
    with Project.open(path) as project:
        assert project.catalogue.items["own-bamboo-pole"].item_class is ItemClass.MAST


def test_an_own_panel_and_battery_feed_towers_by_price_and_stay_while_they_do(project: Project) -> None:
    site = Site("H", "Hill", 42.12, 1.84, mast_height_m=12.0, power=PowerSource.SOLAR)
    project.apply(edits.put(project.plan, [site]))
    project.change_settings({"sun.clearness": "0.6"})
    items = (
        {"name": "Fair panel", "panel_wp": "200 Wp", "mount": "panel-bracket"},
        {"name": "Lead 24 V", "nominal_v": "24 V", "battery_ah": "200 Ah", "chemistry": "lead"},
    )
    for texts in items:
        row = {"item_class": "power", "unit": "piece", "price": "20 USD 2026-11-20 Fair"} | texts
        project.apply(add_entry(project.plan, project.catalogue, "item", row))
    project.change_settings({"power.chemistry": "lead"})
    edit = take_sets(project.plan, project.catalogue)
    assert edit is not None
    project.apply(edit)
    (chosen,) = project.plan.power.sets
    assert (chosen.panel, chosen.battery) == ("own-fair-panel", "own-lead-24-v")
    with pytest.raises(InputError, match="is used by H"):
        drop_entry(project.plan, project.catalogue, chosen.panel)
    for wrong in ({"chemistry": "zinc"}, {"battery_ah": "0"}, {"mount": "nothing"}, {"panel_wp": "330 kg"}):
        with pytest.raises(InputError):
            change_entry(project.plan, project.catalogue, "own-lead-24-v", wrong)
    with pytest.raises(InputError):
        project.change_settings({"power.chemistry": ""})
