"""Patterns from makers' files: what is read, what is said, and what is refused with its line."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.errors import FileError, InputError, PlannerError
from cn_planner.importers.antenna_pattern import read_pattern


@pytest.fixture
def patterns(shared_data: Path) -> Path:
    return shared_data / "equipment" / "antenna_patterns"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def msi(gain: str = "GAIN 17 dBi", points: int = 360, step: float = 1.0, sign: int = 1, last: str = "") -> str:
    def cut(word: str, width: float) -> list[str]:
        rows = [f"{word} {points}"]
        for n in range(points):
            angle = n * step
            off = min(angle % 360.0, 360.0 - angle % 360.0)
            rows.append(f"{angle:g} {sign * min(12.0 * (off / width) ** 2, 30.0):.3f}")
        return rows

    head = ["NAME A sector", "FREQUENCY 5.5 GHz", gain, "H_WIDTH 60", "V_WIDTH 10", "ELECTRICAL_TILT 2"]
    return "\n".join([*head, *cut("HORIZONTAL", 60.0), *cut("VERTICAL", 10.0), last])


def test_every_pattern_of_the_makers_is_read(patterns: Path) -> None:
    read = {path.name: read_pattern(path) for path in sorted(patterns.iterdir()) if path.name != "009_freq.t.msi"}
    assert len(read) == 17
    for found in read.values():
        for cut in (found.pattern.horizontal_db, found.pattern.vertical_db):
            assert len(cut) in (360, 720)
            assert max(cut) == 0.0
            assert min(cut) >= -80.0
    kinds = {name.rsplit(".", 1)[1]: found.kind for name, found in read.items()}
    assert kinds == {"ant": "ant", "msi": "msi", "az": "splat", "el": "splat", "csv": "csv"}


def test_radio_mobile_is_read_point_by_point(patterns: Path) -> None:
    path = patterns / "AM-5G19-120-Hpol.ant"
    values = [float(line) for line in path.read_text().split()]
    pattern = read_pattern(path).pattern
    assert pattern.gain_dbi is None
    assert pattern.horizontal_db == pytest.approx(values[:360], abs=1e-3)
    # The file goes downwards from the zenith; the maker's two degrees of downtilt stay downwards.
    down = dict(enumerate(values[360:], -90))
    for angle in (-90, -30, 0, 2, 60, 90, 180, 269):
        assert pattern.vertical_db[-angle % 360] == pytest.approx(down[angle], abs=1e-3)
    assert pattern.vertical_db.index(0.0) == 358


def test_the_msi_of_a_maker(patterns: Path) -> None:
    found = read_pattern(patterns / "anonymous.msi")
    assert found.pattern.name == "Anonymous-12345"
    assert found.pattern.gain_dbi == pytest.approx(7.69 + 2.15)
    assert found.pattern.freq_mhz == 2450.0
    assert found.pattern.horizontal_db[10] - found.pattern.horizontal_db[13] == pytest.approx(0.15 - 0.21)
    sample = read_pattern(patterns / "sample.msi")
    assert (sample.pattern.stated_az_deg, sample.pattern.stated_el_deg) == (65.0, 7.0)
    assert sample.pattern.electrical_tilt_deg == 2.0
    assert sample.pattern.polarisation == "+/-45"
    assert any("no unit" in str(one) for one in sample.warnings)


def test_one_cut_of_an_antenna_in_two_kinds_of_file(patterns: Path) -> None:
    by_ant, by_csv = (read_pattern(patterns / f"w262cv.{kind}") for kind in ("ant", "csv"))
    at = np.arange(0, 360, 10)
    assert np.array(by_csv.pattern.horizontal_db)[at] == pytest.approx(
        np.array(by_ant.pattern.horizontal_db)[at], abs=0.05
    )
    assert set(by_csv.pattern.vertical_db) == {0.0}
    assert any("horizontal cut alone" in str(one) for one in by_csv.warnings)


def test_splat_files_are_shares_of_the_field_and_go_downwards(shared_data: Path, tmp_path: Path) -> None:
    found = read_pattern(shared_data / "projectfiles" / "wnju-dt.el").pattern
    assert found == replace(read_pattern(shared_data / "projectfiles" / "wnju-dt.az").pattern, source=found.source)
    step = 360 / len(found.vertical_db)
    assert found.vertical_db[round(359.0 / step)] == pytest.approx(20.0 * math.log10(0.92), abs=0.01)  # 1 degree down
    assert found.vertical_db[round(1.0 / step)] == pytest.approx(20.0 * math.log10(0.48), abs=0.01)
    assert found.horizontal_db[0] == pytest.approx(20.0 * math.log10(0.49), abs=0.01)
    (tmp_path / "only.az").write_bytes((shared_data / "projectfiles" / "wnju-dt.az").read_bytes())
    assert any("horizontal cut alone" in str(one) for one in read_pattern(tmp_path / "only.az").warnings)
    (tmp_path / "half.el").write_bytes((shared_data / "projectfiles" / "wnju-dt.el").read_bytes())
    with pytest.raises(FileError, match=r"horizontal half half\.az is missing"):
        read_pattern(tmp_path / "half.el")


def test_the_damaged_file_is_refused_with_its_line(patterns: Path) -> None:
    with pytest.raises(InputError, match=r"009_freq\.t\.msi, line 2: .*horizontal cut.* Ask the maker"):
        read_pattern(patterns / "009_freq.t.msi")


@pytest.mark.parametrize(
    ("points", "step", "kept"), [(360, 1.0, 360), (361, 1.0, 360), (3601, 0.1, 3600), (720, 0.5, 720), (72, 5.0, 360)]
)
def test_any_number_of_points_is_one_pattern(tmp_path: Path, points: int, step: float, kept: int) -> None:
    found = read_pattern(write(tmp_path, "a.msi", msi(points=points, step=step))).pattern
    assert len(found.horizontal_db) == kept
    assert found.horizontal_db[0] == 0.0
    assert found.horizontal_db[round(30.0 * kept / 360)] == pytest.approx(-3.0, abs=0.01)
    assert found.vertical_db[round(355.0 * kept / 360)] == pytest.approx(-3.0, abs=0.01)


def test_half_a_turn_leaves_the_rest_at_its_weakest(tmp_path: Path) -> None:
    rows = [f"{angle}, {-min(12.0 * (angle / 60.0) ** 2, 30.0)}" for angle in range(-90, 91)]
    found = read_pattern(write(tmp_path, "front.csv", "angle, gain\n" + "\n".join(rows)))
    assert len(rows) == 181
    assert found.pattern.horizontal_db[30] == found.pattern.horizontal_db[330] == pytest.approx(-3.0)
    assert found.pattern.horizontal_db[180] == min(found.pattern.horizontal_db)
    assert any("not all round" in str(one) for one in found.warnings)


def test_attenuation_is_the_same_with_either_sign(tmp_path: Path) -> None:
    above, below = (read_pattern(write(tmp_path, f"{sign}.msi", msi(sign=sign))).pattern for sign in (1, -1))
    assert above.horizontal_db == below.horizontal_db
    assert above.vertical_db == below.vertical_db


def test_a_beam_that_is_a_little_stronger_beside_its_middle_is_not_turned_round(tmp_path: Path) -> None:
    text = msi().replace("\n2 0.013", "\n2 -0.300", 1)
    found = read_pattern(write(tmp_path, "beside.msi", text)).pattern
    assert found.horizontal_db[2] == 0.0
    assert found.horizontal_db[0] == pytest.approx(-0.3)
    assert found.horizontal_db[180] == pytest.approx(-30.3)


def test_attenuations_of_both_signs_are_refused_and_gains_of_both_are_said(tmp_path: Path) -> None:
    text = msi().replace("\n180 30.000", "\n180 -30.000", 1)
    with pytest.raises(InputError, match=r"line 188: .*both signs, -30 and 30 dB"):
        read_pattern(write(tmp_path, "mixed.msi", text))
    rows = [f"{angle},{17.0 - min(12.0 * (min(angle, 360 - angle) / 60.0) ** 2, 30.0)}" for angle in range(360)]
    found = read_pattern(write(tmp_path, "dbi.csv", "\n".join(rows)))
    assert found.pattern.horizontal_db[180] == pytest.approx(-30.0)
    assert any("above and below zero" in str(one) for one in found.warnings)


def test_angles_in_radians_are_not_taken_as_degrees(tmp_path: Path) -> None:
    rows = [f"{math.radians(angle):.4f},{-min(12.0 * (angle / 60.0) ** 2, 30.0)}" for angle in range(0, 360, 5)]
    with pytest.raises(InputError, match=r"radians\. Write the angles in degrees"):
        read_pattern(write(tmp_path, "turn.csv", "\n".join(rows)))


@pytest.mark.parametrize(
    ("line", "gain", "told"),
    [
        ("GAIN 17 dBi", 17.0, ""),
        ("GAIN 17 DBI", 17.0, ""),
        ("GAIN 14.85 dBd", 17.0, ""),
        ("GAIN 14.85", 17.0, "taken as dBd"),
        ("GAIN", None, "does not say the gain"),
        ("COMMENT none", None, "does not say the gain"),
    ],
)
def test_gain_with_and_without_its_unit(tmp_path: Path, line: str, gain: float | None, told: str) -> None:
    found = read_pattern(write(tmp_path, "a.msi", msi(line)))
    assert found.pattern.gain_dbi == (None if gain is None else pytest.approx(gain))
    assert any(told in str(one) for one in found.warnings) if told else not found.warnings


def test_numbers_with_a_decimal_comma(tmp_path: Path) -> None:
    rows = "\n".join(f"{n * 10},0;{-n / 10:.1f}".replace(".", ",") for n in range(36))
    assert read_pattern(write(tmp_path, "a.csv", rows)).pattern.horizontal_db[350] == pytest.approx(-3.5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("359 0.003", "359 zero"), "line 367: It should hold 2 numbers"),
        (("180 30.000", "180 inf"), "line 188: It should hold 2 numbers"),
        (("180 30.000", "180 5000"), "line 188: A value of"),
        (("180 30.000", "999 30"), "line 188: An angle of"),
        (("180 30.000", "10 30"), "line 188: The angle 10.* stands twice"),
        (("HORIZONTAL 360", "HORIZONTAL 500"), "line 7: 500 points are announced, 360 are there"),
        (("HORIZONTAL 360", "HORIZONTAL 40"), "more points than the 40 announced"),
        (("HORIZONTAL 360", "HORIZONTAL 5"), "line 7: A cut of 5 points"),
        (("HORIZONTAL 360", "HORIZONTAL many"), "line 7: It should hold 1 numbers"),
        (("VERTICAL 360", "HORIZONTAL 360"), "line 368: The horizontal cut stands twice"),
        (("GAIN 17 dBi", "GAIN high"), "line 3: A gain of"),
        (("GAIN 17 dBi", "GAIN 17 dBm"), "line 3: A gain of"),
        (("GAIN 17 dBi", "GAIN 900 dBi"), "line 3: A gain of"),
        (("NAME A sector\n", "12 13\n"), "line 1: The file does not begin"),
    ],
)
def test_a_damaged_line_is_named_with_what_to_do(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    text = msi()
    assert change[0] in text
    with pytest.raises(InputError, match=words) as told:
        read_pattern(write(tmp_path, "bad.msi", text.replace(*change, 1)))
    assert "bad.msi" in told.value.where
    assert told.value.fix is not None


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.ant", b"", "empty"),
        ("empty.csv", b"\n\n", "empty"),
        ("header.csv", b"angle,gain\n", "no rows"),
        ("few.csv", b"0,0\n90,-3\n", "2 points"),
        ("short.ant", b"0.0\n" * 700, "700 numbers"),
        ("binary.msi", b"NAME\0\x01", "no text"),
        ("large.ant", b"-1.0\n" * 500_000, "too large"),
        ("words.ant", b"0.0\nabc\n" + b"0.0\n" * 358, "line 2"),
    ],
)
def test_what_is_no_pattern_is_said(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(PlannerError, match=words) as told:
        read_pattern(tmp_path / name)
    assert name in told.value.where


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read_pattern(tmp_path / "gone.msi")


@given(st.binary(max_size=400), st.sampled_from(["a.msi", "a.ant", "a.csv", "a.az"]))
def test_no_file_whatever_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    with contextlib.suppress(PlannerError):
        assert len(read_pattern(path).pattern.horizontal_db) >= 36


def test_what_a_plan_keeps_of_a_pattern_is_what_was_read(patterns: Path) -> None:
    msgspec = pytest.importorskip("msgspec")
    pattern = read_pattern(patterns / "NSM5-Hpol.ant").pattern
    assert msgspec.json.decode(msgspec.json.encode(pattern), type=type(pattern)) == pattern
