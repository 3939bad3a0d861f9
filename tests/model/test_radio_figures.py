"""What a user would miss: a radio set 3 dB too high because two kinds of power were taken for one another."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from mypy import api

from cn_planner.errors import InputError
from cn_planner.links.radio import radio_end
from cn_planner.model.entry_blanks import blank_words, level_of
from cn_planner.model.entry_form import from_texts, to_texts
from cn_planner.model.equipment import Antenna, Catalogue, Figure, Kit, Radio, RadioMode, Source, Task
from cn_planner.model.radio_figures import ChainDbm, ChannelPower, LevelKind, Poe, TotalDbm, chain_power, total_power
from cn_planner.storage.catalogue_figures import check_radio_figures, with_figures
from cn_planner.storage.codec import decode

SOURCE = Source("a data sheet made up for this test", "nobody")
MODES = (
    RadioMode("MCS0", 20.0, TotalDbm(27.0), -96.0, 13.0),
    RadioMode("MCS7", 20.0, TotalDbm(22.0), -75.0, 130.0),
)


def radio(**more: object) -> Radio:
    values = {"streams": 2} | more
    return Radio("radio", "Radio", "Maker", "802.11n", (5150.0, 5875.0), MODES, 8.0, 0.5, SOURCE, **values)  # type: ignore[arg-type]


def end_on(freq_mhz: float, one: Radio) -> list[float]:
    antenna = Antenna("dish", "Dish", "Maker", (5150.0, 5875.0), 23.0, 10.0, 10.0, SOURCE)
    kit = Kit("kit", "Kit", Task.CLIENT, "radio", "dish", freq_mhz, 20.0, 0.0, ())
    shelf = Catalogue("test", {"radio": one}, {"dish": antenna}, {"kit": kit}, (), {}, (), (), ())
    end = radio_end(shelf, kit)
    return [end.tx_power_dbm(mode) for mode in end.modes]


def test_two_chains_send_twice_what_one_sends() -> None:
    assert 10 ** (total_power(ChainDbm(20.0), 2) / 10) == pytest.approx(2 * 10 ** (20.0 / 10))
    assert chain_power(total_power(ChainDbm(17.0), 3), 3) == pytest.approx(17.0)


def test_the_checker_of_types_refuses_a_total_where_a_chain_is_asked_for(tmp_path: Path) -> None:
    text = (
        "from cn_planner.model.radio_figures import ChainDbm, TotalDbm, typed_chain, typed_total\n"
        "typed_chain(TotalDbm(27.0))\ntyped_total(ChainDbm(24.0))\ntyped_total(27.0)\ntyped_chain(ChainDbm(24.0))\n"
    )
    file = tmp_path / "draft.py"
    file.write_text(text, encoding="utf-8")
    said, _, _ = api.run(["--follow-imports=silent", "--cache-dir", str(tmp_path / "cache"), str(file)])
    assert [line.split(":")[1] for line in said.splitlines() if "[arg-type]" in line] == ["2", "3", "4"], said


def test_a_channel_on_which_the_radio_is_weaker_lowers_every_mode_and_raises_none() -> None:
    weak = radio(
        channel_power=(ChannelPower(5500.0, 5600.0, TotalDbm(24.0)), ChannelPower(5600.0, 5700.0, TotalDbm(15.0)))
    )
    assert end_on(5560.0, weak) == [24.0, 22.0]
    assert end_on(5600.0, weak) == [15.0, 15.0]  # at the border the weaker one
    assert end_on(5800.0, weak) == [27.0, 22.0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"most_chain_dbm": ChainDbm(28.0)}, "do not make"),  # a chain above the total
        ({"most_chain_dbm": ChainDbm(22.0)}, "do not make"),  # two of them are 25
        ({"least_tx_power_dbm": TotalDbm(30.0)}, "least power"),
        ({"max_input_dbm": -80.0}, "sensitivity"),
        ({"max_input_dbm": math.nan}, "max_input_dbm"),
        ({"idle_power_w": 9.0}, "idle_power_w"),
        ({"poe_v": (30.0, 8.0)}, "poe_v"),
        ({"timing_km": -1.0}, "timing_km"),
        ({"channel_power": (ChannelPower(5500.0, 5600.0, TotalDbm(40.0)),)}, "Channels"),
    ],
)
def test_figures_that_contradict_each_other_are_refused(more: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_radio_figures(radio(**more), "radio")


def test_figures_that_agree_are_taken() -> None:
    check_radio_figures(
        radio(most_chain_dbm=ChainDbm(24.0), least_tx_power_dbm=TotalDbm(-4.0), max_input_dbm=-20.0, poe=Poe.PASSIVE,
              poe_v=(18.0, 28.0), idle_power_w=3.0, timing_km=100.0),
        "radio",
    )  # fmt: skip


def test_of_two_sources_the_careful_one_counts_and_the_other_stands_beside_it() -> None:
    source = {"title": "Sheet", "publisher": "Maker"}
    other = {"title": "Table", "publisher": "Somebody"}
    rows = [{"field": "weight_kg", "value": 0.7, "source": source}]
    entry, figures = with_figures(
        {"figure": [*rows, {"field": "weight_kg", "value": 0.6, "source": other, "counts": False}]}, "x"
    )
    assert entry == {"weight_kg": 0.7}
    assert figures == (
        Figure("weight_kg", 0.7, Source("Sheet", "Maker")),
        Figure("weight_kg", 0.6, Source("Table", "Somebody"), counts=False),
    )
    with pytest.raises(InputError, match="careful"):
        with_figures({"figure": [*rows, {"field": "weight_kg", "value": 0.8, "source": other, "counts": False}]}, "x")
    with pytest.raises(InputError, match="twice"):
        with_figures({"weight_kg": 1.0, "figure": rows}, "x")
    with pytest.raises(InputError, match="beside nothing"):
        with_figures({"figure": [{"field": "weight_kg", "value": 0.6, "source": other, "counts": False}]}, "x")


def test_blanks_say_what_they_cause_and_figures_that_are_known_do_not() -> None:
    bare, full = radio(), radio(max_input_dbm=-20.0, poe=Poe.AF, certified_mhz=((5150.0, 5250.0),))
    assert len(blank_words(bare)) - len(blank_words(full)) == 3
    assert all(one.key.count(":") == 1 for one in blank_words(bare))
    assert blank_words(Kit("k", "K", Task.CLIENT, "r", "a", 1.0, 1.0, 0.0, ())) == ()


def test_levels_of_the_standard_are_never_shown_as_the_makers() -> None:
    least = RadioMode("MCS0", 40.0, TotalDbm(27.0), -79.0, 27.0, level=LevelKind.AT_LEAST)
    assert level_of(MODES) is LevelKind.MAKER
    assert level_of((*MODES, least)) is LevelKind.AT_LEAST


def test_a_form_gives_back_all_that_it_was_given() -> None:
    least = RadioMode("MCS0", 40.0, TotalDbm(27.0), -79.0, 27.0, level=LevelKind.AT_LEAST)
    given = radio(poe=Poe.PASSIVE, poe_v=(18.0, 28.0), also=("One", "Another"), least_tx_power_dbm=TotalDbm(-4.0))
    given = from_texts(Radio, "radio", {"modes": "MCS0: 40 27 -79 27 at-least"}, given)
    assert given.modes == (least,)
    texts = {name: text for name, text in to_texts(given).items() if name != "source"}
    assert from_texts(Radio, "radio", texts, given) == given


def test_radios_of_plans_from_before_still_open() -> None:
    mode = b'{"mcs":"MCS0","width_mhz":20.0,"tx_power_dbm":27.0,"sensitivity_dbm":-96.0,"rate_mbps":13.0,"snr_db":null}'
    old = (
        b'{"radios":[{"id":"own-r","name":"R","maker":"M","technology":"802.11n","band_mhz":[5150.0,5875.0],"modes":['
        + mode
        + b'],"max_power_w":8.0,"efficiency":0.65,"source":{"title":"T","publisher":"own entry"},"streams":2}]}'
    )
    (found,) = decode("shelf", old).radios
    assert found.modes == (MODES[0],)
    assert (found.streams, found.least_tx_power_dbm, found.poe) == (2, None, Poe.UNKNOWN)
