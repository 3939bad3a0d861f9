"""Antenna patterns from the files of makers and of other programs, as two cuts in dB.

Kinds, told by what the file holds and not by its name:

MSI Planet (.msi, .pln, .pla)
    Words and values, then ``HORIZONTAL n`` and ``VERTICAL n`` with an angle and an attenuation a line. Gain in dBd
    where no unit stands beside it. Angles of the vertical cut go downwards: 90 is the nadir.
Radio Mobile (.ant)
    720 numbers, one a line: horizontal from 0, then vertical from the zenith over the axis (90th) downwards; 360
    numbers are the horizontal cut alone. dB; no gain.
SPLAT! (.az, .el)
    A first line with what the mount does, then an angle and a field strength of 0 to 1; in the vertical file angles
    go downwards from -10 to 90. Each file names the other half by its own name with the other ending.
Two columns (.csv, .txt)
    Angle and gain or attenuation (dB), or a share of the field of 0 to 1. The horizontal cut alone.

Attenuations may be written above or below 0. A cut may have any number of points from 36 on, in any order, all round
or part of it; the end may repeat the beginning. What a file does not say of the back is taken as its weakest.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import FileError, InputError
from cn_planner.faults import reading, walled
from cn_planner.gis.kinds import check_plain
from cn_planner.importers.table import clean
from cn_planner.message import Message, msg
from cn_planner.model.equipment import AntennaPattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LARGEST_BYTES = 2_000_000
_MOST_POINTS = 100_000
_LEAST_POINTS = 36
_DBD_DB = 2.15
_KEPT_STEPS = (360, 720, 1800, 3600)
_WEAKEST_DB = -80.0
_LONGEST_LINE = 400
_WIDEST_GAP_DEG = 30.0
_LEAST_ARC_DEG = 7.0  # a little over the 2 pi of a whole turn
_MOST_OVERSHOOT_DB = 3.0
_HEAD = re.compile(r"\s*([A-Za-z_/]+)\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FIX = msg("Ask the maker for the file again, or leave the pattern out: gain and beamwidth are enough to plan with.")


@dataclass(frozen=True, slots=True)
class ImportedPattern:
    """A pattern, and what is to be known of it.

    ``kind``: ``msi``, ``ant``, ``splat`` or ``csv``. ``warnings``: what the file leaves open,
    and what was done about it.
    """

    pattern: AntennaPattern
    kind: str
    warnings: tuple[Message, ...] = ()


class _Lines:
    """The lines of a file, with their numbers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        check_plain(path)
        with reading(path), path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
        if len(data) > _LARGEST_BYTES:
            raise FileError(msg("The file is too large for an antenna pattern."), where=path.name)
        if b"\0" in data:
            raise FileError(msg("The file is no text."), where=path.name, fix=_FIX)
        # Makers' files are older than Unicode: what is not UTF-8 is read byte by byte, which every file can be.
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        self.rows = [
            (number, line.strip()[:_LONGEST_LINE]) for number, line in enumerate(text.splitlines(), 1) if line.strip()
        ]

    def wrong(self, number: int, what: Message) -> InputError:
        """Return the error for a line."""
        return InputError(what, where=f"{clean(self.path.name)}, line {number}", fix=_FIX)

    def numbers(self, number: int, line: str, count: int) -> list[float]:
        """Return the numbers of a line, of which there have to be so many."""
        words = re.split(r"[\s,;]+", line.strip(" \t,;"))
        if ("," in line and ";" in line) or re.fullmatch(r"-?\d+,\d+[\s;]+-?\d+,\d+", line):  # decimal commas
            words = [word.replace(",", ".") for word in re.split(r"[\s;]+", line.strip(" \t;"))]
        if len(words) != count or not all(_NUMBER.fullmatch(word) for word in words):
            raise self.wrong(
                number,
                msg("It should hold {count} numbers and holds “{line}”.", count=count, line=clean(line)[:60]),
            )
        values = [float(word) for word in words]
        if not all(math.isfinite(value) for value in values):
            raise self.wrong(number, msg("A value is no number."))
        return values


def _cut(lines: _Lines, points: Sequence[tuple[int, float, float]]) -> tuple[NDArray[np.float64], bool]:
    """Return a cut on equal steps all round from points (line, angle, dB), and whether it was only a part of it."""
    if len(points) < _LEAST_POINTS:
        raise InputError(
            msg("A cut has {count} points; it needs {least} at least.", count=len(points), least=_LEAST_POINTS),
            where=clean(lines.path.name),
            fix=_FIX,
        )
    least, most = min(angle for _, angle, _ in points), max(angle for _, angle, _ in points)
    if most - least < _LEAST_ARC_DEG:
        raise InputError(
            msg("The angles reach over {arc:.3g} degrees alone: they may be radians.", arc=most - least),
            where=clean(lines.path.name),
            fix=msg("Write the angles in degrees."),
        )
    for number, angle, value in points:
        if not -360.0 <= angle <= 360.0:
            raise lines.wrong(number, msg("An angle of {angle} degrees.", angle=angle))
        if not -200.0 <= value <= 100.0:
            raise lines.wrong(number, msg("A value of {value} dB.", value=value))
    known: dict[float, float] = {}
    for number, angle, value in points:
        key = round(angle % 360.0, 6) % 360.0
        before = known.setdefault(key, value)
        if abs(before - value) > 3.0 and angle not in (360.0, 180.0, -180.0):
            raise lines.wrong(number, msg("The angle {angle} stands twice with different values.", angle=angle))
    angles = np.array(sorted(known))
    values = np.array([known[float(angle)] for angle in angles])
    gaps = np.diff(np.append(angles, angles[0] + 360.0))
    finest = float(np.median(gaps))
    count = next((n for n in _KEPT_STEPS if 360.0 / n <= finest + 1e-6), _KEPT_STEPS[-1])
    grid = np.arange(count) * (360.0 / count)
    cut = np.interp(grid, np.append(angles, angles[0] + 360.0), np.append(values, values[0]), period=360.0)
    partly = bool(gaps.max() > max(_WIDEST_GAP_DEG, 2.5 * finest))
    if partly:
        # Inside the great gap nobody measured: the weakest of what was.
        at = int(np.argmax(gaps))
        low, high = angles[at], angles[at] + gaps[at]
        inside = ((grid - low) % 360.0 > 1e-9) & ((grid - low) % 360.0 < high - low - 1e-9)
        cut[inside] = values.min()
    return np.maximum(cut, _WEAKEST_DB + cut.max()), partly


def _as_gain(values: Sequence[float]) -> list[float]:
    """Return attenuations or gains as gains under the greatest: whichever way they were written.

    Attenuations begin at 0 and grow, gains end at 0. Where both signs occur the values are taken as gains.
    """
    least, most = min(values), max(values)
    gains = [-value for value in values] if least >= 0.0 and most > 0.0 else list(values)
    top = max(gains)
    return [value - top for value in gains]


def _both_signs(values: Sequence[float]) -> list[Message]:
    """Return what is said of a table of gains in which both signs are large."""
    if min(-min(values), max(values)) <= _MOST_OVERSHOOT_DB:
        return []
    return [msg("There are values above and below zero: all are taken as gains, none as losses.")]


def _msi_as_gain(lines: _Lines, rows: Sequence[tuple[int, float, float]]) -> list[float]:
    """Return the attenuations of one cut as gains under the greatest.

    A beam that is a little stronger beside the middle than in it has a few values of the other sign. Where both signs
    are large nobody can say which of them are losses.
    """
    values = [value for _, _, value in rows]
    least, most = min(values), max(values)
    if min(-least, most) > _MOST_OVERSHOOT_DB:
        large = [(number, value > 0.0) for number, _, value in rows if abs(value) > _MOST_OVERSHOOT_DB]
        above = sum(one for _, one in large)
        rarer = 2 * above < len(large)
        raise lines.wrong(
            next(number for number, one in large if one is rarer),
            msg("Attenuations of both signs, {least:g} and {most:g} dB: it is not clear which are losses.",
                least=least, most=most),
        )  # fmt: skip
    return _as_gain([-value for value in values] if most > -least else values)


def _flipped(cut: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vertical cut whose angles go downwards as one whose angles go upwards."""
    return np.roll(cut[::-1], 1)


def _level_cut(name: str) -> tuple[NDArray[np.float64], Message]:
    """Return a vertical cut where none was measured: the same all round."""
    return np.zeros(360), msg("{file} holds the horizontal cut alone; upwards the antenna is taken to be all round.",
                              file=clean(name))  # fmt: skip


def _tuple(cut: NDArray[np.float64]) -> tuple[float, ...]:
    relative = cut - cut.max()
    return tuple(round(float(value), 3) + 0.0 for value in relative)


@walled
def read_pattern(path: Path | str) -> ImportedPattern:
    """Read an antenna pattern from a file; for SPLAT!, from its two files by the name of either.

    Parameters
    ----------
    path : Path
        The file. It is not trusted.

    Raises
    ------
    FileError
        Where it cannot be read, is too large, or is no text.
    InputError
        Where it is damaged: with the line and what to do.
    """
    path = Path(path)
    lines = _Lines(path)
    if not lines.rows:
        raise FileError(msg("The file is empty."), where=path.name, fix=_FIX)
    if any(
        re.match(r"(HORIZONTAL|VERTICAL|NAME|MAKE|FREQUENCY|GAIN)\b", line, re.IGNORECASE) for _, line in lines.rows
    ):
        return _read_msi(lines)
    if path.suffix.lower() in (".az", ".el"):
        return _read_splat(path)
    width = {len(re.split(r"[\s,;]+", line.strip(" \t,;"))) for _, line in lines.rows[1:20]}
    return _read_ant(lines) if width == {1} else _read_columns(lines)


def _read_msi(lines: _Lines) -> ImportedPattern:
    words: dict[str, tuple[int, str]] = {}
    cuts: dict[str, list[tuple[int, float, float]]] = {}
    asked: dict[str, tuple[int, int]] = {}
    current = ""
    for number, line in lines.rows:
        head = _HEAD.fullmatch(line) if line[0].isalpha() else None
        if head is not None:
            key, value = head.group(1).upper(), head.group(2).strip()
            current = ""
            if key in ("HORIZONTAL", "VERTICAL"):
                count = lines.numbers(number, value, 1)[0]
                if not (count.is_integer() and _LEAST_POINTS <= count <= _MOST_POINTS):
                    raise lines.wrong(number, msg("A cut of {count:g} points.", count=count))
                if key in cuts:
                    raise lines.wrong(number, msg("The {cut} cut stands twice.", cut=key.lower()))
                current, asked[key], cuts[key] = key, (number, int(count)), []
            else:
                words.setdefault(key, (number, value))
        elif current:
            angle, value_db = lines.numbers(number, line, 2)
            cuts[current].append((number, angle, value_db))
            if len(cuts[current]) > asked[current][1] + 1:
                raise lines.wrong(number, msg("There are more points than the {count} announced.",
                                              count=asked[current][1]))  # fmt: skip
        elif not words:
            raise lines.wrong(number, msg("The file does not begin as a pattern does."))
    for key in ("HORIZONTAL", "VERTICAL"):
        if key not in cuts:
            raise InputError(
                msg("The file ends without its {cut} cut.", cut=key.lower()),
                where=f"{clean(lines.path.name)}, line {lines.rows[-1][0]}",
                fix=_FIX,
            )
        number, count = asked[key]
        if len(cuts[key]) < count:
            raise lines.wrong(
                number,
                msg("{count} points are announced, {found} are there.", count=count, found=len(cuts[key])),
            )
    warnings: list[Message] = []
    gain = _msi_gain(lines, words.get("GAIN"), warnings)
    made = []
    for key in ("HORIZONTAL", "VERTICAL"):
        gains = _msi_as_gain(lines, cuts[key])
        rows = [(number, angle, value) for (number, angle, _), value in zip(cuts[key], gains, strict=True)]
        cut, partly = _cut(lines, rows)
        if partly:
            warnings.append(msg("The {cut} cut is not all round; the rest is taken as its weakest.", cut=key.lower()))
        made.append(cut)
    pattern = AntennaPattern(
        name=clean(words.get("NAME", (0, lines.path.stem))[1])[:120] or clean(lines.path.stem),
        gain_dbi=gain,
        horizontal_db=_tuple(made[0]),
        vertical_db=_tuple(_flipped(made[1])),
        freq_mhz=_msi_freq(words.get("FREQUENCY"), warnings),
        polarisation=clean(words.get("POLARIZATION", words.get("POLARISATION", (0, "")))[1])[:40],
        electrical_tilt_deg=_plain(words.get("ELECTRICAL_TILT")),
        stated_az_deg=_plain(words.get("H_WIDTH")),
        stated_el_deg=_plain(words.get("V_WIDTH")),
        source=clean(lines.path.name),
    )
    return ImportedPattern(pattern, "msi", tuple(warnings))


def _plain(word: tuple[int, str] | None) -> float | None:
    found = _NUMBER.search(word[1]) if word is not None else None
    return float(found.group()) if found is not None else None


def _msi_gain(lines: _Lines, word: tuple[int, str] | None, warnings: list[Message]) -> float | None:
    if word is None or not word[1]:
        warnings.append(msg("The file does not say the gain of the antenna."))
        return None
    number, value = word
    found = _NUMBER.match(value)
    unit = value[found.end() :].strip().lower() if found is not None else ""
    if found is None or not -30.0 <= float(found.group()) <= 70.0 or unit not in ("", "dbi", "dbd", "db"):
        raise lines.wrong(number, msg("A gain of “{value}”.", value=clean(value)[:40]))
    if unit == "dbi":
        return float(found.group())
    if unit != "dbd":
        warnings.append(
            msg("The gain {gain} has no unit: it is taken as dBd, as such files mean it: {dbi:.2f} dBi.",
                gain=found.group(), dbi=float(found.group()) + _DBD_DB)
        )  # fmt: skip
    return round(float(found.group()) + _DBD_DB, 4)


def _msi_freq(word: tuple[int, str] | None, warnings: list[Message]) -> float | None:
    if word is None or not word[1]:
        return None
    numbers = [float(one) for one in _NUMBER.findall(word[1].replace("-", " "))]
    if not numbers or not all(0.0 < one < 1e6 for one in numbers):
        warnings.append(msg("“{value}” is not a frequency.", value=clean(word[1])[:40]))
        return None
    middle = sum(numbers[:2]) / len(numbers[:2])
    return middle * 1000.0 if "ghz" in word[1].lower() or middle < 20.0 else middle


def _read_ant(lines: _Lines) -> ImportedPattern:
    values = [lines.numbers(number, line, 1)[0] for number, line in lines.rows]
    half = {360: 360, 361: 361, 720: 360, 722: 361, 7200: 3600, 7202: 3601}.get(len(values))
    if half is None:
        raise InputError(
            msg("The file holds {count} numbers; a pattern has 360 for one cut or 720 for two.", count=len(values)),
            where=f"{clean(lines.path.name)}, line {lines.rows[-1][0]}",
            fix=_FIX,
        )
    step = 360.0 / (half - half % 10 % 2) if half % 2 else 360.0 / half
    gains = _as_gain(values)

    def part(start: int, turned: float) -> NDArray[np.float64]:
        rows = [
            (lines.rows[start + n][0], (n * step + turned) % 360.0, gains[start + n]) for n in range(half - half % 2)
        ]
        return _cut(lines, rows)[0]

    horizontal = part(0, 0.0)
    warnings = [msg("A file of this kind does not say the gain of the antenna."), *_both_signs(values)]
    if len(values) == half:
        vertical, told = _level_cut(lines.path.name)
        warnings.append(told)
    else:
        vertical = _flipped(part(half, -90.0))
    pattern = AntennaPattern(
        clean(lines.path.stem), None, _tuple(horizontal), _tuple(vertical), source=clean(lines.path.name)
    )
    return ImportedPattern(pattern, "ant", tuple(warnings))


def _field_db(lines: _Lines, number: int, value: float) -> float:
    if not 0.0 <= value <= 1.0 + 1e-6:
        raise lines.wrong(number, msg("A field strength of {value}; it must be 0 to 1.", value=value))
    return max(20.0 * math.log10(value), _WEAKEST_DB) if value > 0.0 else _WEAKEST_DB


def _read_splat(path: Path) -> ImportedPattern:
    halves: dict[str, Path] = {}
    for ending in (".az", ".el"):
        other = next((path.with_suffix(e) for e in (ending, ending.upper()) if path.with_suffix(e).is_file()), None)
        halves[ending] = path if path.suffix.lower() == ending else (other or path.with_suffix(ending))
    if not halves[".az"].is_file():
        raise FileError(
            msg("The horizontal half {file} is missing.", file=halves[".az"].name),
            where=path.name,
            fix=msg("Keep both files of the pattern in one folder, under one name."),
        )
    warnings = [msg("A file of this kind does not say the gain of the antenna.")]
    lines, mount = _splat_half(halves[".az"], 1)
    if mount[0]:
        warnings.append(msg("The file turns the antenna to {azimuth} degrees: point the antenna itself instead.",
                            azimuth=mount[0]))  # fmt: skip
    horizontal, _ = _cut(lines[0], lines[1])
    if halves[".el"].is_file():
        rows, mount = _splat_half(halves[".el"], 2)
        if mount[0]:
            warnings.append(msg("The file tilts the antenna by {tilt} degrees: tilt the antenna itself instead.",
                                tilt=mount[0]))  # fmt: skip
        vertical = _splat_vertical(*rows)
    else:
        vertical, told = _level_cut(path.name)
        warnings.append(told)
    pattern = AntennaPattern(clean(path.stem), None, _tuple(horizontal), _tuple(vertical), source=clean(path.name))
    return ImportedPattern(pattern, "splat", tuple(warnings))


def _splat_half(path: Path, words: int) -> tuple[tuple[_Lines, list[tuple[int, float, float]]], list[float]]:
    lines = _Lines(path)
    if not lines.rows:
        raise FileError(msg("The file is empty."), where=path.name, fix=_FIX)
    mount = lines.numbers(*lines.rows[0], words)
    rows = []
    for number, line in lines.rows[1:]:
        angle, value = lines.numbers(number, line, 2)
        rows.append((number, angle, _field_db(lines, number, value)))
    return (lines, rows), mount


def _splat_vertical(lines: _Lines, rows: list[tuple[int, float, float]]) -> NDArray[np.float64]:
    """Return the vertical cut from angles of -10 to 90 downwards: beyond, the value at the end is kept."""
    if len(rows) < _LEAST_POINTS or not all(-90.0 <= angle <= 90.0 for _, angle, _ in rows):
        raise InputError(
            msg("The vertical half needs angles of -10 to 90, {least} at least.", least=_LEAST_POINTS),
            where=clean(lines.path.name),
            fix=_FIX,
        )
    rows = sorted(rows, key=lambda row: row[1])
    angles, values = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    count = next((n for n in _KEPT_STEPS if 360.0 / n <= float(np.median(np.diff(angles))) + 1e-6), _KEPT_STEPS[-1])
    up = np.arange(count) * (360.0 / count)
    # The back is like the front: SPLAT! takes the vertical pattern to be the same in every azimuth.
    elevation = np.where(up <= 90.0, up, np.where(up <= 270.0, 180.0 - up, up - 360.0))
    found: NDArray[np.float64] = np.interp(-elevation, angles, values)
    return found


def _read_columns(lines: _Lines) -> ImportedPattern:
    rows = lines.rows
    if not re.match(r"[-+.\d]", rows[0][1]):
        rows = rows[1:]  # the names of the columns
    if not rows:
        raise FileError(msg("The file has no rows below its header."), where=lines.path.name, fix=_FIX)
    points = []
    for number, line in rows:
        angle, value = lines.numbers(number, line, 2)
        points.append((number, angle, value))
    values = [value for _, _, value in points]
    if min(values) >= 0.0 and abs(max(values) - 1.0) < 1e-6 and len({*values}) > 1:
        gains = [_field_db(lines, number, value) for number, _, value in points]
        told = msg("The values of 0 to 1 are taken as shares of the field strength.")
    else:
        gains, told = _as_gain(values), msg("A file of this kind does not say the gain of the antenna.")
    cut, partly = _cut(lines, [(n, angle, gain) for (n, angle, _), gain in zip(points, gains, strict=True)])
    warnings = [told, *_both_signs(values)]
    if partly:
        warnings.append(msg("The {cut} cut is not all round; the rest is taken as its weakest.", cut="horizontal"))
    vertical, alone = _level_cut(lines.path.name)
    pattern = AntennaPattern(clean(lines.path.stem), None, _tuple(cut), _tuple(vertical), source=clean(lines.path.name))
    return ImportedPattern(pattern, "csv", (*warnings, alone))
