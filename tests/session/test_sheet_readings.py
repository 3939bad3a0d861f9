"""What a user would miss: a figure that somebody looked up and that still counts as it was, or one that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.errors import InputError
from cn_planner.i18n import say
from cn_planner.model.equipment import SourceKind
from cn_planner.session.own_entries import confirm_entry, said_of
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue

RADIO, ANTENNA = "litebeam-5ac-gen2", "litebeam-5ac-gen2-antenna"
SHEET, DAY = "LBE-5AC-Gen2_DS, 2021-03", "2026-11-28"


@pytest.fixture
def project(tmp_path: Path):
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="UG") as made:
        yield made


def read(project: Project, key: str, **answers: str) -> None:
    project.apply(confirm_entry(project.plan, project.catalogue, key, answers, SHEET, DAY))


def test_yes_is_kept_with_sheet_and_day_and_changes_nothing(project: Project) -> None:
    before = project.catalogue.radios[RADIO]
    read(project, RADIO, weight_kg="yes")
    after = project.catalogue.radios[RADIO]
    assert after.weight_kg == before.weight_kg
    (figure,) = [one for one in after.figures if one.field == "weight_kg"]
    assert (figure.value, figure.counts, figure.source.title, figure.source.day) == (0.98, True, SHEET, DAY)
    assert figure.source.kind is SourceKind.MAKER
    assert any(SHEET in say(one) for one in said_of(after))


def test_another_figure_counts_and_the_old_one_stays_beside_it(project: Project) -> None:
    read(project, RADIO, max_power_w="8.2 W", weight_kg="990 g")
    radio = project.catalogue.radios[RADIO]
    assert (radio.max_power_w, radio.weight_kg, project.catalogue.items[RADIO].power_w) == (8.2, 0.99, 8.2)
    rows = [(one.value, one.counts) for one in radio.figures if one.field == "max_power_w"]
    assert sorted(rows) == [(7.0, False), (8.2, True)]
    assert any("max_power_w is 7.0 by another source, and what the maker says counts" in say(one)
               for one in said_of(radio))  # fmt: skip
    assert project.catalogue.radio_power_w(project.catalogue.kits["roof-client-5ghz"]) == 8.2
    assert project.undo()
    assert project.catalogue.radios[RADIO] == load_catalogue().radios[RADIO]


def test_a_figure_that_had_a_source_of_its_own_keeps_it_beside_the_new_one(project: Project) -> None:
    # The greatest input is the standard's, and not of the collection that the rest of the entry rests on.
    read(project, RADIO, max_input_dbm="-40")
    radio = project.catalogue.radios[RADIO]
    (new,) = [one for one in radio.figures if one.field == "max_input_dbm" and one.counts]
    (old,) = [one for one in radio.figures if one.field == "max_input_dbm" and not one.counts]
    assert (new.value, old.value) == (-40.0, -30.0)
    assert "802.11" in old.source.title
    assert old.source != radio.source


def test_a_blank_is_filled_and_a_figure_that_the_sheet_does_not_give_becomes_one(project: Project) -> None:
    assert project.catalogue.radios[RADIO].least_tx_power_dbm is None
    read(project, RADIO, least_tx_power_dbm="-4", weight_kg="no")
    radio = project.catalogue.radios[RADIO]
    assert (radio.least_tx_power_dbm, radio.weight_kg) == (-4.0, None)
    said = [say(one) for one in said_of(radio)]
    assert any("Its weight is not known" in one for one in said)
    assert not any("Its least power is not known" in one for one in said)


def test_less_power_lowers_every_mode_and_more_is_noted_and_not_counted(project: Project) -> None:
    read(project, RADIO, most_tx_power_dbm="22")
    assert max(mode.tx_power_dbm for mode in project.catalogue.radios[RADIO].modes) == 22.0
    assert min(mode.tx_power_dbm for mode in project.catalogue.radios[RADIO].modes) == 21.0
    read(project, RADIO, most_tx_power_dbm="27")
    radio = project.catalogue.radios[RADIO]
    assert max(mode.tx_power_dbm for mode in radio.modes) == 25.0
    assert [(one.value, one.counts) for one in radio.figures if one.field == "most_tx_power_dbm"] == [(27.0, False)]


def test_an_antenna_s_gain_by_its_sheet_goes_into_the_link(project: Project) -> None:
    read(project, ANTENNA, gain_dbi="22.5", beamwidth_az_deg="yes")
    assert project.catalogue.antennas[ANTENNA].gain_dbi == 22.5


@pytest.mark.parametrize(
    ("key", "answers", "said"),
    [
        (RADIO, {"least_tx_power_dbm": "30"}, "least power"),
        (RADIO, {"weight_kg": "-3"}, "weight_kg"),
        (RADIO, {"max_power_w": "much"}, "cannot be"),
        (RADIO, {"weight_kg": "12 W"}, "given in"),
        (RADIO, {"colour": "yes"}, "no such field"),
        (RADIO, {"most_tx_power_dbm": "no"}, "nothing can be computed"),
        (ANTENNA, {"gain_dbi": "40"}, "does not go with"),
        (ANTENNA, {"gain_dbi": "2"}, "far too little"),
        ("village-sector-5ghz", {"gain_dbi": "yes"}, "no figures of a data sheet"),
        ("nothing", {"gain_dbi": "yes"}, "has no"),
    ],
)
def test_what_cannot_be_is_refused_in_words(project: Project, key: str, answers: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        confirm_entry(project.plan, project.catalogue, key, answers, SHEET, DAY)
    assert project.plan.shelf.readings == ()


def test_nobody_confirms_without_saying_what_was_read_and_when(project: Project) -> None:
    with pytest.raises(InputError, match="which data sheet"):
        confirm_entry(project.plan, project.catalogue, RADIO, {"weight_kg": "yes"}, " ", DAY)
    with pytest.raises(InputError, match="not a day"):
        confirm_entry(project.plan, project.catalogue, RADIO, {"weight_kg": "yes"}, SHEET, "yesterday")


def test_the_command_line_keeps_a_reading_and_says_what_is_wrong_with_one(project: Project) -> None:
    path = project.path
    project.close()
    words = ["shelf", "confirm", str(path), RADIO, "--sheet", SHEET, "--day", DAY]
    done = CliRunner().invoke(app, [*words, "max_power_w=8.2", "weight_kg=yes"])
    assert done.exit_code == 0, done.output
    shown = CliRunner().invoke(app, ["shelf", "show", str(path), RADIO]).output
    assert "max_power_w = 8.2 W" in shown
    assert f"weight_kg is 0.98: read in {SHEET}" in shown
    assert "Its least power is not known" in shown
    assert CliRunner().invoke(app, [*words, "least_tx_power_dbm=40"]).exit_code != 0
    assert "nexustelemetry.com" in CliRunner().invoke(app, ["shelf", "show", str(path), "starlink-mini"]).output


def test_readings_travel_in_the_plan_file(project: Project, tmp_path: Path) -> None:
    read(project, RADIO, max_power_w="8.2")
    path = project.path
    project.close()
    with Project.open(path) as again:
        assert again.catalogue.radios[RADIO].max_power_w == 8.2
