"""The shelf: what can be bought, read from the data files in resources/equipment and checked.

Files: ``rates.toml`` (rates on the air), ``radios*.toml`` (radios), ``antennas.toml`` (antennas sold by themselves),
``network.toml`` (routers, switches, terminals, each with its source), ``items.toml`` (everything else with its example
price), ``shelf.toml`` (kits, masts, what every tower has), ``systems.toml`` (router systems).
"""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from cn_planner import paths
from cn_planner.message import msg
from cn_planner.model.equipment import (
    SHELF_CURRENCY,
    Antenna,
    Catalogue,
    Chemistry,
    GearShelf,
    Item,
    ItemClass,
    Kit,
    Mast,
    Part,
    Price,
    Radio,
    Source,
    Task,
    Technology,
)
from cn_planner.storage.catalogue_figures import with_figures
from cn_planner.storage.catalogue_files import (
    catalogue_entry,
    convert,
    fail,
    finite_positive,
    named,
    read_toml,
    require,
    require_source,
)
from cn_planner.storage.catalogue_radios import check_eirp, read_antennas, read_radios, read_technologies, with_source
from cn_planner.storage.catalogue_systems import read_systems

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path


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
    panel_wp: float = 0.0
    mount: str = ""
    holds_panels: float = 0.0
    nominal_v: float = 0.0
    battery_ah: float = 0.0
    chemistry: str = ""
    charge_a: float = 0.0
    ports: int = 0
    poe_ports: int = 0


class _NetworkItem(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    item_class: ItemClass = msgspec.field(name="class")
    unit: str
    source: Source
    note: str
    power_w: float = 0.0
    idle_w: float = 0.0
    ports: int = 0
    poe_ports: int = 0
    supply_w: float = 0.0


class _NetworkFile(msgspec.Struct, forbid_unknown_fields=True):
    sources: dict[str, Source]
    item: list[dict[str, Any]]


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
    power_w: float | None = None


class _Mast(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    height_m: float
    labour_days: float
    parts: dict[str, float]
    guys_m: list[float] = []
    anchors_m: list[float] = []


class _EveryTower(msgspec.Struct, forbid_unknown_fields=True):
    site_parts: dict[str, float]
    solar_parts: dict[str, float]
    grid_parts: dict[str, float]
    router: str
    switches: list[str]
    patch_lead: str
    run_cable: str
    home_router: str
    solar_for_w: float
    roof_pole: str
    roof_pole_to_m: float
    tall_roof_pole: str
    named: dict[str, str]


class _Items(msgspec.Struct, forbid_unknown_fields=True):
    prices: _Prices
    items: dict[str, dict[str, Any]]


class _Shelf(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    kit: list[dict[str, Any]]
    mast: list[dict[str, Any]]
    every_tower: _EveryTower


def _prices(prices: _Prices) -> None:
    try:
        date.fromisoformat(prices.date)
    except ValueError as problem:
        raise fail("items.toml: prices", msg("{date} is not a date.", date=prices.date)) from problem
    require(bool(prices.source.strip()), "items.toml: prices", msg("The prices name no source."))
    # Radios give their price in USD: one list, one currency.
    require(prices.currency == SHELF_CURRENCY, "items.toml: prices", msg("The currency is not USD."))


def _price(amount: float | None, prices: _Prices, where: str) -> Price | None:
    if amount is None:
        return None
    require(math.isfinite(amount) and amount >= 0.0, where, msg("A price of {value}.", value=amount))
    return Price(amount, prices.currency, prices.date, prices.source, example=True)


def _parts(quantities: dict[str, float], items: dict[str, Item], where: str) -> tuple[Part, ...]:
    parts = []
    for item, quantity in quantities.items():
        require(item in items, where, msg("There is no item {item}.", item=item))
        finite_positive(f"{where}: {item}", quantity=quantity)
        parts.append(Part(item, quantity))
    return tuple(parts)


def check_kit(kit: Kit, radios: Mapping[str, Radio], antennas: Mapping[str, Antenna], where: str) -> None:
    """Refuse a kit whose parts do not go together: radio, antenna, channel, power.

    Raises
    ------
    InputError
        Names what is wrong.
    """
    require(kit.radio in radios, where, msg("There is no radio {radio}.", radio=kit.radio))
    require(kit.antenna in antennas, where, msg("There is no antenna {antenna}.", antenna=kit.antenna))
    radio, antenna = radios[kit.radio], antennas[kit.antenna]
    require(
        bool(radio.modes_at(kit.width_mhz)),
        where,
        msg("{radio} has no {width:g} MHz.", radio=radio.name, width=kit.width_mhz),
    )
    for what, (low, high) in ((radio.name, radio.band_mhz), (kit.antenna, antenna.band_mhz)):
        require(
            low <= kit.freq_mhz - kit.width_mhz / 2 and kit.freq_mhz + kit.width_mhz / 2 <= high,
            where,
            msg("{what} does not reach {freq:g} MHz.", what=what, freq=kit.freq_mhz),
        )
    require(0.0 <= kit.cable_loss_db <= 30.0, where, msg("A cable loss of {value} dB.", value=kit.cable_loss_db))
    check_eirp(radio.modes_at(kit.width_mhz), antenna.gain_dbi - kit.cable_loss_db, where)
    if kit.power_w is not None:
        finite_positive(where, power_w=kit.power_w)
    require(
        kit.power_w is not None or radio.max_power_w is not None,
        where,
        msg("The power draw of {radio} is not known: the kit must give power_w.", radio=radio.name),
    )


def _kits(
    entries: list[dict[str, Any]], radios: dict[str, Radio], antennas: dict[str, Antenna], items: dict[str, Item]
) -> dict[str, Kit]:
    kits: dict[str, Kit] = {}
    for number, entry in enumerate(entries):
        where = named(entry, "shelf.toml", number)
        one = convert(entry, _Kit, where)
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
            one.power_w,
        )
        check_kit(kit, radios, antennas, where)
        catalogue_entry(kits, kit.id, kit, where)
    return kits


def _masts(entries: list[dict[str, Any]], items: dict[str, Item]) -> tuple[Mast, ...]:
    masts: dict[str, Mast] = {}
    for number, entry in enumerate(entries):
        where = named(entry, "shelf.toml", number)
        one = convert(entry, _Mast, where)
        finite_positive(where, height_m=one.height_m)
        require(one.height_m <= 150.0, where, msg("A mast of {value:g} m.", value=one.height_m))
        require(one.labour_days >= 0.0, where, msg("labour_days is below 0."))
        require(
            all(0.0 < guy <= one.height_m for guy in one.guys_m)
            and all(0.0 < far <= 300.0 for far in one.anchors_m)
            and bool(one.guys_m) == bool(one.anchors_m)
            and len(one.anchors_m) <= len(one.guys_m),
            where,
            msg("Guys end on the mast, and each ring of anchors holds some."),
        )
        mast = Mast(
            one.id, one.name, one.height_m, _parts(one.parts, items, where), one.labour_days,
            tuple(one.guys_m), tuple(one.anchors_m),
        )  # fmt: skip
        catalogue_entry(masts, mast.id, mast, where)
    return tuple(sorted(masts.values(), key=lambda mast: (mast.height_m, mast.id)))


def _items(listed: _Items) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for key, entry in listed.items.items():
        where = f"items.toml: {key}"
        one = convert(entry, _Item, where)
        price = _price(one.price, listed.prices, where)
        item = Item(
            key, one.name, one.item_class, one.unit, price, one.power_w, one.panel_wp, one.mount, one.holds_panels,
            one.nominal_v, one.battery_ah, one.chemistry, one.charge_a, one.ports, one.poe_ports,
        )  # fmt: skip
        check_item(item, listed.items, where)
        catalogue_entry(items, key, item, where)
    return items


def _network(folder: Path) -> dict[str, Item]:
    """Return routers, switches and terminals: each with its source, none with a price."""
    file = read_toml(folder, "network.toml", _NetworkFile)
    items: dict[str, Item] = {}
    for number, entry in enumerate(file.item):
        where = named(entry, "network.toml", number)
        values, figures = with_figures(with_source(entry, file.sources, where), where)
        one = convert(values, _NetworkItem, where)
        require_source(one.source, where)
        item = Item(
            one.id, one.name, one.item_class, one.unit, None, one.power_w, ports=one.ports, poe_ports=one.poe_ports,
            supply_w=one.supply_w, idle_w=one.idle_w, note=one.note, read_in=one.source, figures=figures,
        )  # fmt: skip
        check_item(item, items, where)
        catalogue_entry(items, item.id, item, where)
    return items


def check_item(item: Item, items: Container[str], where: str) -> None:
    """Refuse an item whose figures do not go together.

    Raises
    ------
    InputError
        Names what is wrong.
    """
    for name in ("power_w", "panel_wp", "holds_panels", "nominal_v", "battery_ah", "charge_a", "supply_w", "idle_w"):
        value = getattr(item, name)
        require(math.isfinite(value) and value >= 0.0, where, msg("{field} is below 0.", field=name))
    require(0 <= item.poe_ports <= item.ports <= 1000, where, msg("More sockets feed than there are."))
    require(
        not item.supply_w or item.power_w <= item.supply_w,
        where,
        msg("It draws more by itself than with what it feeds."),
    )
    require(not item.power_w or item.idle_w <= item.power_w, where, msg("It draws more at rest than at its greatest."))
    require(not item.mount or item.mount in items, where, msg("There is no item {item}.", item=item.mount))
    stores = item.battery_ah > 0.0
    require(
        item.chemistry in (list(Chemistry) if stores else [""])
        and (item.nominal_v > 0.0 or not (stores or item.charge_a)),
        where,
        msg("A battery needs battery_ah, nominal_v and chemistry, a charge controller charge_a and nominal_v."),
    )


def read_catalogue(folder: Path) -> Catalogue:
    """Read and check the shelf in a folder.

    Raises InputError where an entry is not of its type, refers to what is not there, or cannot be real: names file and
    entry; FileError where a file is not there.
    """
    technologies = read_technologies(folder)
    listed = read_toml(folder, "items.toml", _Items)
    _prices(listed.prices)
    items = _items(listed)
    for key, item in _network(folder).items():
        catalogue_entry(items, key, item, f"network.toml: {key}")
    radios: dict[str, Radio] = {}
    antennas: dict[str, Antenna] = {}
    former: dict[str, str] = {}
    for radio, own, price_usd, where, before in read_radios(folder, technologies):
        former |= dict.fromkeys(before, radio.id)
        if own is not None:
            former |= {f"{key}-antenna": own.id for key in before}
        catalogue_entry(radios, radio.id, radio, where)
        if own is not None:
            catalogue_entry(antennas, own.id, own, where)
        price = _price(price_usd, listed.prices, where)
        name = f"{radio.maker} {radio.name}"
        catalogue_entry(
            items, radio.id, Item(radio.id, name, ItemClass.RADIO, "piece", price, radio.max_power_w or 0.0), where
        )
    for antenna, price_usd, where in read_antennas(folder):
        catalogue_entry(antennas, antenna.id, antenna, where)
        price = _price(price_usd, listed.prices, where)
        name = f"{antenna.maker} {antenna.name}"
        catalogue_entry(items, antenna.id, Item(antenna.id, name, ItemClass.ANTENNA, "piece", price), where)
    catalogue = read_toml(folder, "shelf.toml", _Shelf)
    every = catalogue.every_tower
    return Catalogue(
        catalogue.version,
        radios,
        antennas,
        _kits(catalogue.kit, radios, antennas, items),
        _masts(catalogue.mast, items),
        items,
        _parts(every.site_parts, items, "shelf.toml: site_parts"),
        _parts(every.solar_parts, items, "shelf.toml: solar_parts"),
        _parts(every.grid_parts, items, "shelf.toml: grid_parts"),
        {name: Technology(name, one.access, one.efficiency, one.source) for name, one in technologies.items()},
        read_systems(folder, radios),
        former,
        _gear(every, items),
    )


def _gear(every: _EveryTower, items: Mapping[str, Item]) -> GearShelf:
    where = "shelf.toml: every_tower"
    roof = every.home_router, every.roof_pole, every.tall_roof_pole
    used = (every.router, *every.switches, every.patch_lead, every.run_cable, *roof, *every.named.values())
    for item in used:
        require(item in items, where, msg("There is no item {item}.", item=item))
    finite_positive(where, solar_for_w=every.solar_for_w, roof_pole_to_m=every.roof_pole_to_m)
    return GearShelf(
        every.router, tuple(every.switches), every.patch_lead, every.run_cable, every.home_router, every.solar_for_w,
        every.roof_pole, every.tall_roof_pole, every.roof_pole_to_m, every.named,
    )  # fmt: skip


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """Return the shelf that ships with the program; the same object each time."""
    return read_catalogue(paths.resources() / "equipment")
