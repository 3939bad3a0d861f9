"""The shelf: what can be bought, read from the data files in resources/equipment and checked.

Files: ``rates.toml`` (rates on the air), ``radios.toml`` (radios with their antennas), ``items.toml`` (everything else
with its example price), ``shelf.toml`` (kits, masts, what every tower has).
"""

from __future__ import annotations

import math
import tomllib
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from cn_planner import paths
from cn_planner.errors import FileError, InputError
from cn_planner.message import Message, msg
from cn_planner.model.equipment import (
    Access,
    Antenna,
    Catalogue,
    Item,
    ItemClass,
    Kit,
    Mast,
    Part,
    Price,
    Radio,
    RadioMode,
    Source,
    Task,
    Technology,
)

if TYPE_CHECKING:
    from pathlib import Path

_T = TypeVar("_T")
_RATED_WIDTH_MHZ = 20.0
"""The makers' tables of sensitivity are for this width (rates.toml gives the reason)."""
_LARGEST_FILE = 10_000_000
# The gain of one beam without loss, times its beamwidths in degrees: the whole sphere, 4 pi sr.
_SPHERE_DEG2 = 41_253.0
_RULE_OF_THUMB_DB = 1.0  # the rule holds for half-power widths within about this
_HIGHEST_EIRP_DBM = 65.0  # above this a file has a slip: 5 GHz radios with the largest dishes reach 55


class _Technology(msgspec.Struct, forbid_unknown_fields=True):
    access: Access
    efficiency: float
    source: str
    # Empty where the radios' own files give their modes.
    symbol_us: float = 0.0
    widths_mhz: list[int] = []
    carriers: dict[str, int] = {}
    bits: list[int] = []
    coding: list[str] = []
    not_at: list[tuple[int, int]] = []


class _Mode(msgspec.Struct, forbid_unknown_fields=True):
    mcs: str
    width_mhz: float
    tx_power_dbm: float
    sensitivity_dbm: float
    rate_mbps: float
    snr_db: float | None = None


class _BuiltInAntenna(msgspec.Struct, forbid_unknown_fields=True):
    gain_dbi: float
    beamwidth_az_deg: float
    beamwidth_el_deg: float
    source: Source


class _Radio(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    maker: str
    technology: str
    band_mhz: tuple[float, float]
    max_power_w: float
    source: Source
    price_usd: float
    antenna: _BuiltInAntenna
    streams: int | None = None
    noise_figure_db: float | None = None
    tx_power_dbm: list[float] = []
    sensitivity_dbm: list[float] = []
    mode: list[_Mode] = []


class _Prices(msgspec.Struct, forbid_unknown_fields=True):
    currency: str
    date: str
    source: str


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    item_class: ItemClass = msgspec.field(name="class")
    unit: str
    price: float | None = None
    power_w: float = 0.0


class _Kit(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    task: Task
    radio: str
    antenna: str
    freq_mhz: float
    width_mhz: float
    cable_loss_db: float
    parts: dict[str, float]


class _Mast(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    height_m: float
    labour_days: float
    parts: dict[str, float]


class _EveryTower(msgspec.Struct, forbid_unknown_fields=True):
    site_parts: dict[str, float]
    solar_parts: dict[str, float]
    grid_parts: dict[str, float]


class _Radios(msgspec.Struct, forbid_unknown_fields=True):
    radio: list[dict[str, Any]]


class _Rates(msgspec.Struct, forbid_unknown_fields=True):
    technology: dict[str, dict[str, Any]]


class _Items(msgspec.Struct, forbid_unknown_fields=True):
    prices: _Prices
    items: dict[str, dict[str, Any]]


class _Shelf(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    kit: list[dict[str, Any]]
    mast: list[dict[str, Any]]
    every_tower: _EveryTower


_FIX = msg("Correct the file: the entries beside it show how it is written.")


def _fail(where: str, what: Message) -> InputError:
    return InputError(what, where=where, fix=_FIX)


def _convert(data: Any, kind: type[_T], where: str) -> _T:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as problem:
        raise _fail(where, msg("{problem}.", problem=str(problem))) from problem


def _require(holds: bool, where: str, what: Message) -> None:
    if not holds:
        raise _fail(where, what)


def _read(folder: Path, name: str, kind: type[_T]) -> _T:
    path = folder / name
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise FileError(msg("The file is too large for a list of equipment."), where=str(path))
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        if isinstance(problem, FileError):
            raise
        raise FileError(
            msg("The list of equipment cannot be read: {problem}.", problem=problem.strerror or str(problem)),
            where=str(path),
            fix=msg("Install the program again."),
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise _fail(name, msg("It is not TOML: {problem}.", problem=str(problem))) from problem
    return _convert(data, kind, name)


def _named(entry: dict[str, Any], name: str, number: int) -> str:
    return f"{name}: {entry.get('id', number + 1)}"


def _finite_positive(where: str, **values: float) -> None:
    for field, value in values.items():
        _require(
            math.isfinite(value) and value > 0.0,
            where,
            msg("{field} is {value}; it must be greater than 0.", field=field, value=value),
        )


def _technologies(folder: Path) -> dict[str, _Technology]:
    known = {}
    for name, entry in _read(folder, "rates.toml", _Rates).technology.items():
        where = f"rates.toml: {name}"
        one = _convert(entry, _Technology, where)
        _finite_positive(where, efficiency=one.efficiency)
        _require(one.efficiency <= 1.0, where, msg("efficiency is above 1."))
        _require(bool(one.source.strip()), where, msg("It names no source that was read."))
        if one.bits:
            _finite_positive(where, symbol_us=one.symbol_us)
        _require(len(one.bits) == len(one.coding), where, msg("bits and coding differ in length."))
        _require(
            all(str(width) in one.carriers for width in one.widths_mhz),
            where,
            msg("A width has no number of carriers."),
        )
        known[name] = one
    return known


def rate_mbps(carriers: int, bits: int, coding: Fraction, streams: int, symbol_us: float) -> float:
    """Return the rate on the air, Mbit/s: IEEE Std 802.11-2020, 19.5 and 21.5 (bits of data a symbol by its length)."""
    return float(carriers * bits * coding * streams) / symbol_us


def _modes(radio: _Radio, technology: _Technology, where: str) -> tuple[RadioMode, ...]:
    listed, computed = bool(radio.mode), bool(radio.tx_power_dbm or radio.sensitivity_dbm)
    # A rate is computed from the streams: whoever forgets them would get half of it.
    streams = 1 if listed and radio.streams is None else radio.streams or 0
    _require(1 <= streams <= 8, where, msg("streams is {value}.", value=streams))
    _require(listed != computed, where, msg("It gives its modes either one by one or as lists of power and level."))
    modes = _listed_modes(radio) if listed else _computed_modes(radio, technology, where)
    before: dict[float, RadioMode] = {}
    for mode in modes:
        _check_mode(mode, before.get(mode.width_mhz), where)
        before[mode.width_mhz] = mode
    return modes


def _listed_modes(radio: _Radio) -> tuple[RadioMode, ...]:
    return tuple(
        RadioMode(one.mcs, one.width_mhz, one.tx_power_dbm, one.sensitivity_dbm, one.rate_mbps, one.snr_db)
        for one in radio.mode
    )


def _computed_modes(radio: _Radio, technology: _Technology, where: str) -> tuple[RadioMode, ...]:
    count = len(radio.tx_power_dbm)
    _require(count == len(radio.sensitivity_dbm), where, msg("tx_power_dbm and sensitivity_dbm differ in length."))
    _require(0 < count <= len(technology.bits), where, msg("It has more modulations than its technology."))
    # 802.11n counts on with the second stream: MCS 8 is MCS 0 with two.
    streams = radio.streams or 1
    first = 8 * (streams - 1) if radio.technology == "802.11n" else 0
    modes: list[RadioMode] = []
    for width in technology.widths_mhz:
        noise_db = 10.0 * math.log10(width / _RATED_WIDTH_MHZ)
        modes.extend(
            RadioMode(
                f"MCS{first + mcs}",
                float(width),
                radio.tx_power_dbm[mcs],
                round(radio.sensitivity_dbm[mcs] + noise_db, 2),
                rate_mbps(
                    technology.carriers[str(width)],
                    technology.bits[mcs],
                    Fraction(technology.coding[mcs]),
                    streams,
                    technology.symbol_us,
                ),
            )
            for mcs in range(count)
            if (mcs, width) not in technology.not_at
        )
    return tuple(modes)


def _check_mode(mode: RadioMode, before: RadioMode | None, where: str) -> None:
    _require(bool(mode.mcs.strip()), where, msg("A mode has no name."))
    _finite_positive(f"{where}: {mode.mcs}", width_mhz=mode.width_mhz, rate_mbps=mode.rate_mbps)
    _require(
        -10.0 <= mode.tx_power_dbm <= 46.0,  # a large LTE base station
        where,
        msg("{mcs}: a transmit power of {value} dBm.", mcs=mode.mcs, value=mode.tx_power_dbm),
    )
    _require(
        -150.0 <= mode.sensitivity_dbm <= -30.0,  # LoRa in the narrowest channel hears -148
        where,
        msg("{mcs}: a sensitivity of {value} dBm.", mcs=mode.mcs, value=mode.sensitivity_dbm),
    )
    _require(
        mode.snr_db is None or -30.0 <= mode.snr_db <= 50.0,
        where,
        msg("{mcs}: a signal to noise ratio of {value} dB.", mcs=mode.mcs, value=mode.snr_db or 0.0),
    )
    if before is not None:
        _require(
            mode.rate_mbps > before.rate_mbps and mode.sensitivity_dbm >= before.sensitivity_dbm,
            where,
            msg("{mcs} is not faster than {before}, or needs less.", mcs=mode.mcs, before=before.mcs),
        )


def _antenna(radio: _Radio, where: str) -> Antenna:
    one = radio.antenna
    _finite_positive(where, beamwidth_az_deg=one.beamwidth_az_deg, beamwidth_el_deg=one.beamwidth_el_deg)
    _require(
        one.beamwidth_az_deg <= 360.0 and one.beamwidth_el_deg <= 180.0, where, msg("A beam is wider than the sphere.")
    )
    most = 10.0 * math.log10(_SPHERE_DEG2 / (one.beamwidth_az_deg * one.beamwidth_el_deg)) + _RULE_OF_THUMB_DB
    _require(
        -3.0 <= one.gain_dbi <= most,
        where,
        msg(
            "A gain of {gain:g} dBi does not go with beamwidths of {az:g} and {el:g} degrees: at most {most:.1f} dBi.",
            gain=one.gain_dbi,
            az=one.beamwidth_az_deg,
            el=one.beamwidth_el_deg,
            most=most,
        ),
    )
    eirp = max([*radio.tx_power_dbm, *(mode.tx_power_dbm for mode in radio.mode)], default=0.0) + one.gain_dbi
    _require(eirp <= _HIGHEST_EIRP_DBM, where, msg("It would radiate {eirp:g} dBm.", eirp=eirp))
    return Antenna(
        f"{radio.id}-antenna",
        radio.name,
        radio.maker,
        radio.band_mhz,
        one.gain_dbi,
        one.beamwidth_az_deg,
        one.beamwidth_el_deg,
        one.source,
    )


def _source(source: Source, where: str) -> None:
    _require(bool(source.title.strip() and source.publisher.strip()), where, msg("It names no source that was read."))


def _prices(prices: _Prices) -> None:
    try:
        date.fromisoformat(prices.date)
    except ValueError as problem:
        raise _fail("items.toml: prices", msg("{date} is not a date.", date=prices.date)) from problem
    _require(bool(prices.source.strip()), "items.toml: prices", msg("The prices name no source."))
    # Radios give their price in USD: one list, one currency.
    _require(prices.currency == "USD", "items.toml: prices", msg("The currency is not USD."))


def _price(amount: float | None, prices: _Prices, where: str) -> Price | None:
    if amount is None:
        return None
    _require(math.isfinite(amount) and amount >= 0.0, where, msg("A price of {value}.", value=amount))
    return Price(amount, prices.currency, prices.date, prices.source, example=True)


def _parts(quantities: dict[str, float], items: dict[str, Item], where: str) -> tuple[Part, ...]:
    parts = []
    for item, quantity in quantities.items():
        _require(item in items, where, msg("There is no item {item}.", item=item))
        _finite_positive(f"{where}: {item}", quantity=quantity)
        parts.append(Part(item, quantity))
    return tuple(parts)


def _put(shelf: dict[str, _T], key: str, thing: _T, where: str) -> None:
    _require(bool(key) and key not in shelf, where, msg("The id {id} is empty or there twice.", id=key))
    shelf[key] = thing


def _kits(
    entries: list[dict[str, Any]], radios: dict[str, Radio], antennas: dict[str, Antenna], items: dict[str, Item]
) -> dict[str, Kit]:
    kits: dict[str, Kit] = {}
    for number, entry in enumerate(entries):
        where = _named(entry, "shelf.toml", number)
        one = _convert(entry, _Kit, where)
        _require(one.radio in radios, where, msg("There is no radio {radio}.", radio=one.radio))
        _require(one.antenna in antennas, where, msg("There is no antenna {antenna}.", antenna=one.antenna))
        radio = radios[one.radio]
        _require(
            bool(radio.modes_at(one.width_mhz)),
            where,
            msg("{radio} has no {width:g} MHz.", radio=radio.name, width=one.width_mhz),
        )
        for what, (low, high) in ((radio.name, radio.band_mhz), (one.antenna, antennas[one.antenna].band_mhz)):
            _require(
                low <= one.freq_mhz - one.width_mhz / 2 and one.freq_mhz + one.width_mhz / 2 <= high,
                where,
                msg("{what} does not reach {freq:g} MHz.", what=what, freq=one.freq_mhz),
            )
        _require(0.0 <= one.cable_loss_db <= 30.0, where, msg("A cable loss of {value} dB.", value=one.cable_loss_db))
        kit = Kit(
            one.id,
            one.name,
            one.task,
            one.radio,
            one.antenna,
            one.freq_mhz,
            one.width_mhz,
            one.cable_loss_db,
            _parts(one.parts, items, where),
        )
        _put(kits, kit.id, kit, where)
    return kits


def _masts(entries: list[dict[str, Any]], items: dict[str, Item]) -> tuple[Mast, ...]:
    masts: dict[str, Mast] = {}
    for number, entry in enumerate(entries):
        where = _named(entry, "shelf.toml", number)
        one = _convert(entry, _Mast, where)
        _finite_positive(where, height_m=one.height_m)
        _require(one.height_m <= 150.0, where, msg("A mast of {value:g} m.", value=one.height_m))
        _require(one.labour_days >= 0.0, where, msg("labour_days is below 0."))
        mast = Mast(one.id, one.name, one.height_m, _parts(one.parts, items, where), one.labour_days)
        _put(masts, mast.id, mast, where)
    return tuple(sorted(masts.values(), key=lambda mast: (mast.height_m, mast.id)))


def read_catalogue(folder: Path) -> Catalogue:
    """Read and check the shelf in a folder.

    Raises
    ------
    InputError
        Where an entry is not of its type, refers to what is not there, or cannot be real: names file and entry.
    FileError
        Where a file is not there.
    """
    technologies = _technologies(folder)
    listed = _read(folder, "items.toml", _Items)
    _prices(listed.prices)
    items: dict[str, Item] = {}
    for key, entry in listed.items.items():
        where = f"items.toml: {key}"
        one = _convert(entry, _Item, where)
        _require(math.isfinite(one.power_w) and one.power_w >= 0.0, where, msg("power_w is below 0."))
        _put(
            items,
            key,
            Item(key, one.name, one.item_class, one.unit, _price(one.price, listed.prices, where), one.power_w),
            where,
        )
    radios: dict[str, Radio] = {}
    antennas: dict[str, Antenna] = {}
    for number, entry in enumerate(_read(folder, "radios.toml", _Radios).radio):
        where = _named(entry, "radios.toml", number)
        raw = _convert(entry, _Radio, where)
        _require(raw.technology in technologies, where, msg("There is no technology {name}.", name=raw.technology))
        _require(0.0 < raw.band_mhz[0] < raw.band_mhz[1], where, msg("band_mhz does not go from low to high."))
        _finite_positive(where, max_power_w=raw.max_power_w)
        _require(
            raw.noise_figure_db is None or 0.0 <= raw.noise_figure_db <= 30.0,
            where,
            msg("A noise figure of {value} dB.", value=raw.noise_figure_db or 0.0),
        )
        _source(raw.source, where)
        _source(raw.antenna.source, where)
        technology = technologies[raw.technology]
        antenna = _antenna(raw, where)
        radio = Radio(
            raw.id,
            raw.name,
            raw.maker,
            raw.technology,
            raw.band_mhz,
            _modes(raw, technology, where),
            raw.max_power_w,
            technology.efficiency,
            raw.source,
            antenna.id,
            raw.streams or 1,
            raw.noise_figure_db,
        )
        _put(radios, radio.id, radio, where)
        _put(antennas, antenna.id, antenna, where)
        price = _price(raw.price_usd, listed.prices, where)
        item = Item(raw.id, f"{raw.maker} {raw.name}", ItemClass.RADIO, "piece", price, raw.max_power_w)
        _put(items, item.id, item, where)
    shelf = _read(folder, "shelf.toml", _Shelf)
    every = shelf.every_tower
    return Catalogue(
        shelf.version,
        radios,
        antennas,
        _kits(shelf.kit, radios, antennas, items),
        _masts(shelf.mast, items),
        items,
        _parts(every.site_parts, items, "shelf.toml: site_parts"),
        _parts(every.solar_parts, items, "shelf.toml: solar_parts"),
        _parts(every.grid_parts, items, "shelf.toml: grid_parts"),
        {name: Technology(name, one.access, one.efficiency, one.source) for name, one in technologies.items()},
    )


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """Return the shelf that ships with the program; the same object each time."""
    return read_catalogue(paths.resources() / "equipment")
