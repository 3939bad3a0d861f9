"""Radios, antennas and the technologies that they share, read from the shelf's files and held against what can be.

Files: ``rates.toml`` (technologies), ``radios*.toml`` (radios, some with their own antenna), ``antennas.toml``. An
entry names its source in full, or by a name under ``[sources]`` of its file, with what was read there for it in
``read``.
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec

from cn_planner.errors import FileError
from cn_planner.message import msg
from cn_planner.model.equipment import AccessMethod, Antenna, Figure, Radio, RadioMode, Source, SourceKind
from cn_planner.model.radio_figures import ChainDbm, ChannelPower, LevelKind, Poe, TotalDbm, rate_mbps
from cn_planner.storage.catalogue_figures import check_antenna_figures, check_radio_figures, with_figures
from cn_planner.storage.catalogue_files import (
    convert,
    fail,
    finite_positive,
    named,
    read_toml,
    require,
    require_source,
)

if TYPE_CHECKING:
    from pathlib import Path

_RATED_WIDTH_MHZ = 20.0
"""The makers' tables of sensitivity are for this width (rates.toml gives the reason)."""
# The gain of one beam without loss, times its beamwidths in degrees: the whole sphere, 4 pi sr.
_SPHERE_DEG2 = 41_253.0
_RULE_OF_THUMB_DB = 1.0  # the rule holds for half-power widths within about this
_LEAST_EFFICIENCY_DB = -10.0  # an antenna that loses more than nine tenths has a slip in its beamwidths
HIGHEST_EIRP_DBM = 65.0
"""Above this a file has a slip: 5 GHz radios with the largest dishes reach 64."""
_THERMAL_DBM_MHZ = -113.98  # k T0 in 1 MHz, T0 = 290 K
_FAR_OVER_SHANNON_DB = 35.0  # no modem needs so much more than Shannon's bound


_STANDARD = Source(
    "IEEE Std 802.11-2020, 19.3.19.4 and 21.3.18.4",
    "IEEE",
    "2020",
    read="receiver maximum input level: at least, a radio may bear more",
    kind=SourceKind.STANDARD,
)


class _Technology(msgspec.Struct, forbid_unknown_fields=True):
    """What radios of one kind have in common, as rates.toml gives it."""

    access: AccessMethod
    efficiency: float
    source: str
    # Empty where the radios' own files give their modes.
    symbol_us: float = 0.0
    widths_mhz: list[Annotated[int, msgspec.Meta(gt=0)]] = []
    carriers: dict[str, int] = {}
    bits: list[int] = []
    coding: list[Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,3}/[1-9][0-9]{0,2}$")]] = []
    not_at: list[tuple[int, int]] = []
    least_sensitivity_dbm: list[float] = []
    max_input: list[tuple[float, float, float]] = []


class _Mode(msgspec.Struct, forbid_unknown_fields=True):
    mcs: str
    width_mhz: float
    tx_power_dbm: TotalDbm
    sensitivity_dbm: float
    rate_mbps: float
    snr_db: float | None = None
    level: LevelKind = LevelKind.MAKER


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    """Power and level of every modulation at one width, where they are known for more widths than the rated one."""

    width_mhz: float
    sensitivity_dbm: list[float]
    tx_power_dbm: list[float] = []
    level: LevelKind = LevelKind.MAKER


class _BuiltInAntenna(msgspec.Struct, forbid_unknown_fields=True):
    gain_dbi: float
    beamwidth_az_deg: float
    beamwidth_el_deg: float
    source: Source
    note: str = ""
    stated_az_deg: float | None = None
    stated_at_db: float | None = None
    sidelobe_db: float | None = None
    front_to_back_db: float | None = None


class _Radio(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    maker: str
    technology: str
    band_mhz: tuple[float, float]
    source: Source
    max_power_w: float | None = None
    price_usd: float | None = None
    antenna: _BuiltInAntenna | None = None
    streams: int | None = None
    noise_figure_db: float | None = None
    weight_kg: float | None = None
    connector: str = ""
    note: str = ""
    tx_power_dbm: list[float] = []
    sensitivity_dbm: list[float] = []
    most_tx_power_dbm: float | None = None
    mode: list[_Mode] = []
    level: LevelKind = LevelKind.MAKER
    table: list[_Table] = []
    idle_power_w: float | None = None
    channel_power: tuple[ChannelPower, ...] = ()
    most_chain_dbm: ChainDbm | None = None
    least_tx_power_dbm: TotalDbm | None = None
    max_input_dbm: float | None = None
    poe: Poe = Poe.UNKNOWN
    poe_v: tuple[float, float] | None = None
    wind_area_m2: float | None = None
    timing_km: float | None = None
    certified_mhz: tuple[tuple[float, float], ...] = ()
    also: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


_AS_THEY_ARE = (
    "idle_power_w", "channel_power", "most_chain_dbm", "least_tx_power_dbm", "max_input_dbm", "poe", "poe_v",
    "wind_area_m2", "timing_km", "certified_mhz", "also",
)  # fmt: skip
_BEAM = ("stated_az_deg", "stated_at_db", "sidelobe_db", "front_to_back_db")


class _Antenna(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    maker: str
    band_mhz: tuple[float, float]
    gain_dbi: float
    beamwidth_az_deg: float
    beamwidth_el_deg: float
    source: Source
    price_usd: float | None = None
    weight_kg: float | None = None
    connector: str = ""
    note: str = ""
    stated_az_deg: float | None = None
    stated_at_db: float | None = None
    sidelobe_db: float | None = None
    front_to_back_db: float | None = None
    wind_area_m2: float | None = None
    also: tuple[str, ...] = ()


class _RadioFile(msgspec.Struct, forbid_unknown_fields=True):
    radio: list[dict[str, Any]]
    sources: dict[str, Source] = {}


class _AntennaFile(msgspec.Struct, forbid_unknown_fields=True):
    antenna: list[dict[str, Any]]
    sources: dict[str, Source] = {}


class _RateFile(msgspec.Struct, forbid_unknown_fields=True):
    technology: dict[str, dict[str, Any]]


class ReadRadio(NamedTuple):
    """A radio with its own antenna, the price that its entry gives, where it stands, and ids that it had before."""

    radio: Radio
    antenna: Antenna | None
    price_usd: float | None
    where: str
    former: tuple[str, ...] = ()


class ReadAntenna(NamedTuple):
    """An antenna that is sold by itself, the price that its entry gives, and where the entry stands."""

    antenna: Antenna
    price_usd: float | None
    where: str


def read_technologies(folder: Path) -> dict[str, _Technology]:
    """Read and check rates.toml of a folder."""
    known = {}
    for name, entry in read_toml(folder, "rates.toml", _RateFile).technology.items():
        where = f"rates.toml: {name}"
        one = convert(entry, _Technology, where)
        finite_positive(where, efficiency=one.efficiency)
        require(one.efficiency <= 1.0, where, msg("efficiency is above 1."))
        require(bool(one.source.strip()), where, msg("It names no source that was read."))
        if one.bits:
            finite_positive(where, symbol_us=one.symbol_us)
        require(len(one.bits) == len(one.coding), where, msg("bits and coding differ in length."))
        require(
            len(one.least_sensitivity_dbm) in {0, len(one.bits)},
            where,
            msg("bits and least_sensitivity_dbm differ in length."),
        )
        require(
            all(str(width) in one.carriers for width in one.widths_mhz),
            where,
            msg("A width has no number of carriers."),
        )
        known[name] = one
    return known


def _modes(radio: _Radio, technology: _Technology, where: str) -> tuple[RadioMode, ...]:
    listed, computed = bool(radio.mode), bool(radio.tx_power_dbm or radio.sensitivity_dbm)
    standard = radio.most_tx_power_dbm is not None
    # A rate is computed from the streams: whoever forgets them would get half of it.
    streams = 1 if listed and radio.streams is None else radio.streams or 0
    require(1 <= streams <= 8, where, msg("streams is {value}.", value=streams))
    require(
        listed + computed + standard == 1,
        where,
        msg("It gives its modes either one by one, or as lists of power and level, or by its greatest power alone."),
    )
    if listed:
        modes = _listed_modes(radio)
    elif computed:
        modes = _computed_modes(radio, technology, radio.tx_power_dbm, radio.sensitivity_dbm, radio.level, where)
    else:
        levels = technology.least_sensitivity_dbm
        power = [radio.most_tx_power_dbm or 0.0] * len(levels)
        modes = _computed_modes(radio, technology, power, levels, LevelKind.AT_LEAST, where)
    before: dict[float, RadioMode] = {}
    for mode in modes:
        check_mode(mode, before.get(mode.width_mhz), streams, where)
        before[mode.width_mhz] = mode
    return modes


def _listed_modes(radio: _Radio) -> tuple[RadioMode, ...]:
    return tuple(
        RadioMode(one.mcs, one.width_mhz, one.tx_power_dbm, one.sensitivity_dbm, one.rate_mbps, one.snr_db, one.level)
        for one in radio.mode
    )


def _computed_modes(
    radio: _Radio,
    technology: _Technology,
    power_dbm: list[float],
    level_dbm: list[float],
    level: LevelKind,
    where: str,
) -> tuple[RadioMode, ...]:
    _check_lengths(technology, power_dbm, level_dbm, where)
    tables = {one.width_mhz: one for one in radio.table}
    require(
        len(tables) == len(radio.table) and set(tables) <= set(technology.widths_mhz),
        where,
        msg("A table of levels is of a width that its technology has not, or there twice."),
    )
    # 802.11n counts on with the second stream: MCS 8 is MCS 0 with two.
    streams = radio.streams or 1
    first = 8 * (streams - 1) if radio.technology == "802.11n" else 0
    modes: list[RadioMode] = []
    for width in technology.widths_mhz:
        if width > radio.band_mhz[1] - radio.band_mhz[0]:
            continue
        noise_db = 10.0 * math.log10(width / _RATED_WIDTH_MHZ)
        own = tables.get(width)
        power = own.tx_power_dbm if own is not None and own.tx_power_dbm else power_dbm
        levels = [round(one + noise_db, 2) for one in level_dbm] if own is None else own.sensitivity_dbm
        _check_lengths(technology, power, levels, where)
        modes.extend(
            RadioMode(
                f"MCS{first + mcs}",
                float(width),
                TotalDbm(power[mcs]),
                levels[mcs],
                rate_mbps(
                    technology.carriers[str(width)],
                    technology.bits[mcs],
                    Fraction(technology.coding[mcs]),
                    streams,
                    technology.symbol_us,
                ),
                level=level if own is None else own.level,
            )
            for mcs in range(len(power))
            if (mcs, width) not in technology.not_at
        )
    return tuple(modes)


def _check_lengths(technology: _Technology, power_dbm: list[float], level_dbm: list[float], where: str) -> None:
    count = len(power_dbm)
    require(count == len(level_dbm), where, msg("tx_power_dbm and sensitivity_dbm differ in length."))
    require(0 < count <= len(technology.bits), where, msg("It has more modulations than its technology."))


def check_mode(mode: RadioMode, before: RadioMode | None, streams: int, where: str) -> None:
    """Refuse a mode that no radio can have, or that is no faster than the one before it at its width."""
    require(bool(mode.mcs.strip()), where, msg("A mode has no name."))
    finite_positive(f"{where}: {mode.mcs}", width_mhz=mode.width_mhz, rate_mbps=mode.rate_mbps)
    require(
        -10.0 <= mode.tx_power_dbm <= 46.0,  # a large LTE base station
        where,
        msg("{mcs}: a transmit power of {value} dBm.", mcs=mode.mcs, value=mode.tx_power_dbm),
    )
    require(
        -150.0 <= mode.sensitivity_dbm <= -30.0,  # LoRa in the narrowest channel hears -148
        where,
        msg("{mcs}: a sensitivity of {value} dBm.", mcs=mode.mcs, value=mode.sensitivity_dbm),
    )
    require(
        mode.snr_db is None or -30.0 <= mode.snr_db <= 50.0,
        where,
        msg("{mcs}: a signal to noise ratio of {value} dB.", mcs=mode.mcs, value=mode.snr_db or 0.0),
    )
    # An entry may give one rate for both directions at once: each then carries half of it.
    least = shannon_dbm(mode, 2 * streams)
    require(
        least <= mode.sensitivity_dbm <= shannon_dbm(mode, streams) + _FAR_OVER_SHANNON_DB,
        where,
        msg(
            "{mcs}: a sensitivity of {value:g} dBm cannot be: noise and rate ask for {least:.1f} dBm or little more.",
            mcs=mode.mcs,
            value=mode.sensitivity_dbm,
            least=least,
        ),
    )
    if before is not None:
        require(
            mode.rate_mbps > before.rate_mbps and mode.sensitivity_dbm >= before.sensitivity_dbm,
            where,
            msg("{mcs} is not faster than {before}, or needs less.", mcs=mode.mcs, before=before.mcs),
        )
        require(
            mode.tx_power_dbm <= before.tx_power_dbm,
            where,
            msg("{mcs} is sent with more power than {before}.", mcs=mode.mcs, before=before.mcs),
        )


def shannon_dbm(mode: RadioMode, streams: int) -> float:
    """Return the level under which no receiver can hear a mode, dBm.

    Noise of heat in the channel at 290 K, and the ratio of Shannon's bound for the rate that each stream carries.
    """
    bits = math.log(2.0) * max(mode.rate_mbps / (streams * mode.width_mhz), sys.float_info.min)
    # 10 log10(2^b - 1) for b from next to nothing to more than any float could be raised to.
    ratio_db = 10.0 * (bits / math.log(10.0) + math.log10(-math.expm1(-bits)))
    return _THERMAL_DBM_MHZ + 10.0 * math.log10(mode.width_mhz) + ratio_db


def check_beam(gain_dbi: float, az_deg: float, el_deg: float, where: str) -> None:
    """Refuse a gain that does not go with its beamwidths."""
    finite_positive(where, beamwidth_az_deg=az_deg, beamwidth_el_deg=el_deg)
    require(az_deg <= 360.0 and el_deg <= 180.0, where, msg("A beam is wider than the sphere."))
    lossless = 10.0 * math.log10(_SPHERE_DEG2 / (az_deg * el_deg))
    most = lossless + _RULE_OF_THUMB_DB
    require(
        -3.0 <= gain_dbi <= most,
        where,
        msg(
            "A gain of {gain:g} dBi does not go with beamwidths of {az:g} and {el:g} degrees: at most {most:.1f} dBi.",
            gain=gain_dbi,
            az=az_deg,
            el=el_deg,
            most=most,
        ),
    )
    require(
        gain_dbi >= lossless + _LEAST_EFFICIENCY_DB,
        where,
        msg(
            "A gain of {gain:g} dBi is far too little for beamwidths of {az:g} and {el:g} degrees.",
            gain=gain_dbi,
            az=az_deg,
            el=el_deg,
        ),
    )


def check_eirp(modes: tuple[RadioMode, ...], gain_dbi: float, where: str) -> None:
    """Refuse a radio with an antenna that would radiate more than any can."""
    eirp = max((mode.tx_power_dbm for mode in modes), default=0.0) + gain_dbi
    require(eirp <= HIGHEST_EIRP_DBM, where, msg("It would radiate {eirp:g} dBm.", eirp=eirp))


def check_band(band_mhz: tuple[float, float], where: str) -> None:
    """Refuse a band that does not go from low to high."""
    require(0.0 < band_mhz[0] < band_mhz[1], where, msg("band_mhz does not go from low to high."))


def _check_given(where: str, **values: float | None) -> None:
    """Check what the source may have left open."""
    finite_positive(where, **{field: value for field, value in values.items() if value is not None})


def with_source(entry: dict[str, Any], sources: dict[str, Source], where: str) -> dict[str, Any]:
    """Put the source that an entry names by its name in place of the name."""
    changed = dict(entry)
    read = changed.pop("read", "")
    if isinstance(changed.get("source"), str):
        name = changed["source"]
        if name not in sources:
            raise fail(where, msg("There is no source {name} in the file.", name=name))
        changed["source"] = msgspec.to_builtins(sources[name]) | {"read": read}
    if isinstance(changed.get("antenna"), dict):
        changed["antenna"] = with_source(changed["antenna"], sources, where)
    if "figure" in changed:
        changed["figure"] = [with_source(one, sources, where) for one in changed["figure"]]
    return changed


def _own_antenna(radio: _Radio, where: str) -> Antenna | None:
    one = radio.antenna
    if one is None:
        return None
    check_beam(one.gain_dbi, one.beamwidth_az_deg, one.beamwidth_el_deg, where)
    require_source(one.source, where)
    antenna = Antenna(
        f"{radio.id}-antenna",
        radio.name,
        radio.maker,
        radio.band_mhz,
        one.gain_dbi,
        one.beamwidth_az_deg,
        one.beamwidth_el_deg,
        one.source,
        note=one.note,
        **{name: getattr(one, name) for name in _BEAM},
    )
    check_antenna_figures(antenna, where)
    return antenna


def _asked_input(technology: _Technology, band_mhz: tuple[float, float]) -> float | None:
    """Return the strongest signal that the standard asks a radio of a band to bear: at least, it may bear more."""
    found = [dbm for low, high, dbm in technology.max_input if low <= band_mhz[0] and band_mhz[1] <= high]
    return min(found, default=None)


def _radio(entry: dict[str, Any], technologies: dict[str, _Technology], where: str) -> ReadRadio:
    values, figures = with_figures(entry, where)
    raw = convert(values, _Radio, where)
    if raw.max_input_dbm is None and raw.technology in technologies:
        asked = _asked_input(technologies[raw.technology], raw.band_mhz)
        if asked is not None:
            raw.max_input_dbm = asked
            figures = (*figures, Figure("max_input_dbm", asked, _STANDARD))
    require(raw.technology in technologies, where, msg("There is no technology {name}.", name=raw.technology))
    check_band(raw.band_mhz, where)
    _check_given(where, max_power_w=raw.max_power_w, weight_kg=raw.weight_kg)
    require(
        raw.noise_figure_db is None or 0.0 <= raw.noise_figure_db <= 30.0,
        where,
        msg("A noise figure of {value} dB.", value=raw.noise_figure_db or 0.0),
    )
    require_source(raw.source, where)
    technology = technologies[raw.technology]
    antenna = _own_antenna(raw, where)
    modes = _modes(raw, technology, where)
    check_eirp(modes, 0.0 if antenna is None else antenna.gain_dbi, where)
    radio = Radio(
        raw.id,
        raw.name,
        raw.maker,
        raw.technology,
        raw.band_mhz,
        modes,
        raw.max_power_w,
        technology.efficiency,
        raw.source,
        "" if antenna is None else antenna.id,
        raw.streams or 1,
        raw.noise_figure_db,
        raw.weight_kg,
        raw.connector,
        raw.note,
        figures=figures,
        **{name: getattr(raw, name) for name in _AS_THEY_ARE},
    )
    check_radio_figures(radio, where)
    return ReadRadio(radio, antenna, raw.price_usd, where, raw.former)


def read_radios(folder: Path, technologies: dict[str, _Technology]) -> list[ReadRadio]:
    """Read and check every ``radios*.toml`` of a folder, in the order of their names."""
    names = sorted(path.name for path in folder.glob("radios*.toml"))
    if not names:
        raise FileError(
            msg("The list of radios is missing."),
            where=str(folder / "radios.toml"),
            fix=msg("Install the program again."),
        )
    found = []
    for name in names:
        file = read_toml(folder, name, _RadioFile)
        for number, entry in enumerate(file.radio):
            where = named(entry, name, number)
            found.append(_radio(with_source(entry, file.sources, where), technologies, where))
    return found


def read_antennas(folder: Path) -> list[ReadAntenna]:
    """Read and check antennas.toml of a folder: antennas that are sold by themselves."""
    file = read_toml(folder, "antennas.toml", _AntennaFile)
    found = []
    for number, entry in enumerate(file.antenna):
        where = named(entry, "antennas.toml", number)
        values, figures = with_figures(with_source(entry, file.sources, where), where)
        one = convert(values, _Antenna, where)
        check_band(one.band_mhz, where)
        _check_given(where, weight_kg=one.weight_kg)
        check_beam(one.gain_dbi, one.beamwidth_az_deg, one.beamwidth_el_deg, where)
        require_source(one.source, where)
        antenna = Antenna(
            one.id,
            one.name,
            one.maker,
            one.band_mhz,
            one.gain_dbi,
            one.beamwidth_az_deg,
            one.beamwidth_el_deg,
            one.source,
            weight_kg=one.weight_kg,
            connector=one.connector,
            note=one.note,
            wind_area_m2=one.wind_area_m2,
            also=one.also,
            figures=figures,
            **{name: getattr(one, name) for name in _BEAM},
        )
        check_antenna_figures(antenna, where)
        found.append(ReadAntenna(antenna, one.price_usd, where))
    return found
