"""Settings are data: typed when they are read back, whatever the file says, and their page is current."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSettings

from cn_planner.gui.intake import TABLE, TERRAIN, kind_of_things, what_is
from cn_planner.gui.quantities import position
from cn_planner.gui.settings import MOST_RECENT, WINDOW_SETTINGS, Settings, allowed, reference, setting_of_text

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_settings_is_current() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == reference()


def test_every_default_is_a_value_that_is_allowed() -> None:
    for setting in WINDOW_SETTINGS.values():
        assert allowed(setting, setting.default), setting.key


def test_what_was_set_is_there_again_with_its_type(tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    first = Settings(path)
    values = {"units": "imperial", "text_percent": 150, "online_map": True, "recent": ("a, b", "c")}
    for key, value in values.items():
        first.set(key, value)
    first.sync()
    second = Settings(path)
    for key, value in values.items():
        assert second.get(key) == value
        assert type(second.get(key)) is WINDOW_SETTINGS[key].kind


@pytest.mark.parametrize("text", ["", "blue", "150.5", "99999", "null", '"system', "[1, 2]", "{}", "true"])
def test_a_file_that_somebody_spoiled_gives_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "window.ini"
    store = QSettings(str(path), QSettings.Format.IniFormat)
    for key in ("text_percent", "look", "recent"):
        store.setValue(key, text)
    store.sync()
    settings = Settings(path)
    for key in ("text_percent", "look", "recent"):
        assert settings.get(key) == WINDOW_SETTINGS[key].default


@given(st.text())
def test_no_text_leads_to_a_value_of_another_type(text: str) -> None:
    for setting in WINDOW_SETTINGS.values():
        assert allowed(setting, setting_of_text(setting, text))


@given(st.sampled_from(sorted(WINDOW_SETTINGS)), st.data())
def test_a_value_comes_back_as_it_was(key: str, data: st.DataObject) -> None:
    setting = WINDOW_SETTINGS[key]
    kinds = {
        bool: st.booleans(), int: st.integers(), float: st.floats(allow_nan=False), str: st.text(),
        tuple: st.lists(st.text()).map(tuple),
    }  # fmt: skip
    value = data.draw(kinds[setting.kind])
    if allowed(setting, value):
        text = json.dumps(list(value) if isinstance(value, tuple) else value)
        assert setting_of_text(setting, text) == value


def test_a_value_that_is_none_is_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "window.ini")
    for key, value in (("look", "pink"), ("text_percent", "100"), ("text_percent", 1000), ("online_map", 1)):
        with pytest.raises(ValueError, match=key):
            settings.set(key, value)


def test_change_is_said_once_and_only_where_there_is_one(tmp_path: Path, qtbot) -> None:
    settings = Settings(tmp_path / "window.ini")
    said: list[str] = []
    settings.changed.connect(said.append)
    settings.set("look", "dark")
    settings.set("look", "dark")
    assert said == ["look"]
    settings.reset()
    assert settings.get("look") == "system"


def test_recent_plans_are_few_and_the_last_one_leads(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "window.ini")
    for number in range(12):
        settings.remember_plan(tmp_path / f"{number}.cnplan.gpkg")
    settings.remember_plan(tmp_path / "9.cnplan.gpkg")
    recent = settings.get("recent")
    assert len(recent) == MOST_RECENT
    assert recent[0].endswith("9.cnplan.gpkg")
    assert len(set(recent)) == MOST_RECENT


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_minutes_and_seconds_never_read_sixty(latitude: float, longitude: float) -> None:
    for form in ("minutes", "seconds"):
        text = position(latitude, longitude, form)
        assert "60.000′" not in text
        assert " 60′" not in text
        assert "60.0″" not in text


def test_a_place_is_written_in_every_form() -> None:
    assert position(-42.0871, -1.8433, "degrees") == "42.08710 S  1.84330 W"
    assert position(42.0871, 1.8433, "seconds") == "42° 05′ 13.6″ N  1° 50′ 35.9″ E"
    assert position(59.99999999, 1.0, "minutes").startswith("60° 00.000′ N")
    assert position(42.0871, 1.8433, "mgrs").startswith("31TDG") or position(42.0871, 1.8433, "mgrs")[:2] == "31"


def test_what_a_table_holds_is_told_by_its_columns(tmp_path: Path) -> None:
    for head, kind in (
        ("id,latitude,longitude,role", "sites"),
        ("name,lat,lon", "households"),
        ("lat,lon,RSSI", "measurements"),
        ("id,name,building,amenity,lat,lon", "households"),  # buildings out of OpenStreetMap
        ("place_id,name,lat,lon,amenity", "places"),
        ("id,name,latitude,longitude,kind,people,must", "places"),
    ):
        path = tmp_path / "table.csv"
        path.write_text(head + "\n1,2,3\n", encoding="utf-8")
        assert what_is(path) == TABLE
        assert kind_of_things(path) == kind
    path = tmp_path / "N42E001.hgt"
    path.write_bytes(bytes(2 * 1201 * 1201))
    assert what_is(path) == TERRAIN
