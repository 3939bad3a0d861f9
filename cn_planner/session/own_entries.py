"""The shelf of a plan: what people add, copy, change and remove on it, and their price list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.errors import InputError
from cn_planner.export.words import write_whole
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.edits import change_section
from cn_planner.model.entry_blanks import blank_words, level_words
from cn_planner.model.entry_form import check_day, from_texts, quantity
from cn_planner.model.equipment import Antenna, Item, Kit, Part, Price, Radio, SheetReading, Source, SourceKind
from cn_planner.model.own_entries import (
    ENTRY_KINDS,
    entry_kind_of,
    find_entry,
    is_own,
    own_id,
    put_entry,
    put_prices,
    remove_entry,
    with_own,
)
from cn_planner.model.sheet_readings import NEEDED, readable_fields
from cn_planner.storage.catalogue import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cn_planner.importers.price_list import PriceList
    from cn_planner.model.equipment import Catalogue, Figure
    from cn_planner.model.history import Edit
    from cn_planner.model.own_entries import Entry
    from cn_planner.model.plan import Plan

_FIX = msg("Correct the figure; the entries of the program show what is usual.")


def said_of(entry: Entry) -> tuple[Message, ...]:
    """Return what is to be known of an entry: its price, the document that was read for it, and its note."""
    found = []
    price, source, note = (getattr(entry, name, None) for name in ("price", "source", "note"))
    source = getattr(entry, "read_in", source)
    if price is not None:
        found.append(
            msg("{amount:,.2f} {currency}, {date}, {source}", amount=price.amount, currency=price.currency,
                date=price.date or "?", source=price.source or "?")
        )  # fmt: skip
    if source is not None:
        parts = (source.title, source.publisher, source.date, source.revision, source.read, source.day)
        found.append(msg("Read in: {source}", source=", ".join(one for one in parts if one)))
    if isinstance(entry, Radio):
        found.append(level_words(entry.modes))
        found += [
            msg("On {low:g} to {high:g} MHz it sends at most {dbm:g} dBm: the lower of this and the mode's "
                "power counts.",
                low=part.low_mhz, high=part.high_mhz, dbm=part.most_dbm)
            for part in entry.channel_power
        ]  # fmt: skip
    figures = getattr(entry, "figures", ())
    maker = {one.field for one in figures if one.counts and one.source.kind is SourceKind.MAKER}
    found += [_figure_words(one, by_maker=one.field in maker) for one in figures]
    if note:
        found.append(msg("Note: {words}", words=note))
    return (*found, *blank_words(entry))


def _figure_words(figure: Figure, *, by_maker: bool) -> Message:
    source = ", ".join(
        one for one in (figure.source.title, figure.source.date, figure.source.read, figure.source.day) if one
    )
    values = {"field": figure.field, "value": figure.value, "source": source}
    if figure.counts:
        return msg("{field} is {value}: read in {source}.", **values)
    if by_maker:
        return msg("{field} is {value} by another source, and what the maker says counts: read in {source}.", **values)
    return msg("{field} is {value} by another source, and the more careful figure counts: read in {source}.", **values)


def _ids(catalogue: Catalogue) -> list[str]:
    return [*catalogue.kits, *catalogue.radios, *catalogue.antennas, *catalogue.items]


def _require(holds: bool, what: Message, fix: Message = _FIX) -> None:
    if not holds:
        raise InputError(what, fix=fix)


def _check_radio(radio: Radio, catalogue: Catalogue) -> None:
    from cn_planner.storage.catalogue_figures import check_radio_figures
    from cn_planner.storage.catalogue_radios import check_band, check_eirp, check_mode

    known = ", ".join(sorted(catalogue.technologies))
    _require(
        radio.technology in catalogue.technologies,
        msg("There is no technology {name}.", name=radio.technology),
        msg("It takes one of {words}.", words=known),
    )
    check_band(radio.band_mhz, radio.name)
    _require(bool(radio.modes), msg("A radio needs its modes."), msg("Take them from its data sheet, or copy a radio."))
    _require(0.0 < radio.efficiency <= 1.0, msg("An efficiency of {value}.", value=radio.efficiency))
    _require(1 <= radio.streams <= 8, msg("streams is {value}.", value=radio.streams))
    _require(
        radio.max_power_w is None or 0.0 < radio.max_power_w <= 1000.0,
        msg("A power draw of {value} W.", value=radio.max_power_w or 0.0),
    )
    before: dict[float, Any] = {}
    for mode in radio.modes:
        check_mode(mode, before.get(mode.width_mhz), radio.streams, radio.name)
        before[mode.width_mhz] = mode
    check_radio_figures(radio, radio.name)
    if radio.antenna:
        _require(radio.antenna in catalogue.antennas, msg("There is no antenna {antenna}.", antenna=radio.antenna))
        antenna = catalogue.antennas[radio.antenna]
        _require(
            max(antenna.band_mhz[0], radio.band_mhz[0]) < min(antenna.band_mhz[1], radio.band_mhz[1]),
            msg("{what} does not reach {freq:g} MHz.", what=antenna.name, freq=radio.band_mhz[0]),
        )
        check_eirp(radio.modes, antenna.gain_dbi, radio.name)


def _check_antenna(antenna: Antenna, catalogue: Catalogue) -> None:
    from cn_planner.storage.catalogue_figures import check_antenna_figures
    from cn_planner.storage.catalogue_radios import check_band, check_beam

    del catalogue
    check_band(antenna.band_mhz, antenna.name)
    check_beam(antenna.gain_dbi, antenna.beamwidth_az_deg, antenna.beamwidth_el_deg, antenna.name)
    check_antenna_figures(antenna, antenna.name)


def _check_kit(kit: Kit, catalogue: Catalogue) -> None:
    from cn_planner.storage.catalogue import check_kit

    check_kit(kit, catalogue.radios, catalogue.antennas, kit.name)
    for part in kit.parts:
        _require(part.item in catalogue.items, msg("There is no item {item}.", item=part.item))
        _require(0.0 < part.quantity <= 1e6, msg("{item}: {count:g} of it.", item=part.item, count=part.quantity))


def _check_item(item: Item, catalogue: Catalogue) -> None:
    from cn_planner.storage.catalogue import check_item

    _require(bool(item.unit), msg("An item needs the unit that it is bought by."))
    _require(0.0 <= item.power_w <= 10_000.0, msg("A power draw of {value} W.", value=item.power_w))
    if item.price is not None:
        check_day(item.price.date)
    check_item(item, catalogue.items, item.name)


_CHECKS: dict[str, Any] = {"radio": _check_radio, "antenna": _check_antenna, "kit": _check_kit, "item": _check_item}


def check_entry(entry: Entry, catalogue: Catalogue) -> None:
    """Raise InputError where an own entry cannot be: gain against beamwidths, EIRP, what it refers to, its name."""
    kind = entry_kind_of(entry)
    rows: dict[str, Entry] = getattr(catalogue, f"{kind}s")
    double = next((one for one in rows.values() if one.id != entry.id and one.name == entry.name), None)
    _require(
        double is None,
        msg("There is a {kind} called {name} already.", kind=kind, name=entry.name),
        msg("Give it a name of its own."),
    )
    try:
        _CHECKS[kind](entry, catalogue)
    except InputError as problem:
        raise InputError(problem.what, where=entry.name, fix=_FIX) from problem


def add_entry(plan: Plan, catalogue: Catalogue, kind: str, texts: Mapping[str, str]) -> Edit:
    """Return the edit that puts a new entry on the shelf, made from a form.

    Raises
    ------
    InputError
        Where there is no such kind, a field is missing or wrong, or the entry cannot be.
    """
    if kind not in ENTRY_KINDS:
        words = ", ".join(ENTRY_KINDS)
        raise InputError(msg("There is no kind {kind}.", kind=kind), fix=msg("It takes one of {words}.", words=words))
    given = dict(texts)
    if kind == "radio" and given.get("technology") in catalogue.technologies:
        given.setdefault("efficiency", f"{catalogue.technologies[given['technology']].efficiency:g}")
    if kind == "kit":
        given.setdefault("cable_loss_db", "0")
        given.setdefault("parts", f"{given.get('radio', '')}=1")
    for name, value in {"source": "", "maker": "", "price": ""}.items():
        if name in ENTRY_KINDS[kind].__dataclass_fields__:
            given.setdefault(name, value)
    entry: Entry = from_texts(ENTRY_KINDS[kind], own_id(given.get("name", kind), _ids(catalogue)), given)
    check_entry(entry, catalogue)
    return put_entry(plan, entry)


def copy_entry(plan: Plan, catalogue: Catalogue, key: str, texts: Mapping[str, str]) -> Edit:
    """Return the edit that copies an entry to one's own, with other fields where they are given.

    Raises
    ------
    InputError
        Where there is no such entry, or what is made of it cannot be.
    """
    base = find_entry(catalogue, key)
    given = {"name": f"{base.name} (own)", **texts}
    entry: Entry = from_texts(type(base), own_id(given["name"], _ids(catalogue)), given, base)
    if isinstance(base, Radio | Antenna) and isinstance(entry, Radio | Antenna) and "source" not in texts:
        entry = replace(entry, source=Source(f"copy of {base.id}", base.source.publisher, base.source.date))
    if isinstance(entry, Kit) and isinstance(base, Kit) and "parts" not in texts:
        # The radio and the antenna are among the parts: others are bought in their place.
        swap = {base.radio: entry.radio, base.antenna: entry.antenna}
        parts = tuple(Part(swap.get(part.item, part.item), part.quantity) for part in entry.parts)
        entry = replace(entry, parts=parts)
    check_entry(entry, catalogue)
    return put_entry(plan, entry, msg("copy {name}", name=base.name))


def change_entry(plan: Plan, catalogue: Catalogue, key: str, texts: Mapping[str, str]) -> Edit:
    """Return the edit that changes fields of an own entry.

    Raises
    ------
    InputError
        Where there is no such entry, it is the program's, what becomes of it cannot be, or what stands on it could
        not be any more.
    """
    base = find_entry(catalogue, key)
    entry: Entry = from_texts(type(base), key, texts, base)
    edit = put_entry(plan, entry)  # says first that ours are not changed
    check_entry(entry, catalogue)
    after = with_own(catalogue, edit.plan.shelf)
    for kit in after.kits.values():
        if is_own(kit) and key in (kit.radio, kit.antenna):
            check_entry(kit, after)
    return edit


def drop_entry(plan: Plan, catalogue: Catalogue, key: str) -> Edit:
    """Return the edit that takes an own entry away.

    Raises
    ------
    InputError
        Where there is none, it is the program's, or something stands on it.
    """
    return remove_entry(plan, find_entry(catalogue, key))


def confirm_entry(plan: Plan, catalogue: Catalogue, key: str, answers: Mapping[str, str], sheet: str, day: str) -> Edit:
    """Return the edit that keeps what somebody read of an entry's figures in a data sheet.

    Parameters
    ----------
    plan, catalogue, key
        The plan, its shelf, the id of a radio or an antenna.
    answers : mapping
        By figure: ``yes``, ``no`` where the sheet does not bear it out and gives none, or the figure that it gives. An
        answer takes the place of the one before it.
    sheet, day : str
        What was read, and on which day.

    Raises
    ------
    InputError
        Where there is no such entry or figure, an answer is none, nothing says what was read, or what becomes of the
        entry cannot be: a least power above the greatest, a gain that its beam does not allow.
    """
    entry = find_entry(catalogue, key)
    known = readable_fields(entry)
    _require(
        bool(known),
        msg("{name} has no figures of a data sheet.", name=entry.name),
        msg("Choose a radio or an antenna."),
    )
    _require(bool(sheet.strip()), msg("Nothing says which data sheet was read."),
             msg("Write its title, and its date or revision."))  # fmt: skip
    check_day(day)
    source = Source(sheet.strip(), getattr(entry, "maker", "") or "-", day=day, kind=SourceKind.MAKER)
    rows = {(one.entry, one.field): one for one in plan.shelf.readings}
    for name, answer in answers.items():
        fields = ", ".join(known)
        _require(name in known, msg("{field}: there is no such field.", field=name),
                 msg("There are {fields}.", fields=fields))  # fmt: skip
        rows[key, name] = _reading(key, name, answer.strip(), source)
    readings = tuple(rows[one] for one in sorted(rows))
    edit = change_section(plan, "shelf", msg("confirm {name}", name=entry.name), readings=readings)
    before = load_catalogue()
    check_entry(find_entry(with_own(before, edit.plan.shelf), key), with_own(before, edit.plan.shelf))
    return edit


def _reading(key: str, name: str, answer: str, source: Source) -> SheetReading:
    if answer.casefold() in ("yes", "no"):
        agrees = answer.casefold() == "yes"
        _require(agrees or name not in NEEDED, msg("Without {field} nothing can be computed.", field=name),
                 msg("Write the figure that the data sheet gives."))  # fmt: skip
        return SheetReading(key, name, agrees, None, source)
    return SheetReading(key, name, False, quantity(name, answer), source)


class PricesPreview(NamedTuple):
    """What a price list would do: the edit, and what was read and left out."""

    edit: Edit
    found: PriceList


class PriceChange(NamedTuple):
    """An item of the shelf whose price is another one afterwards; None where there is none."""

    item: Item
    before: Price | None
    after: Price | None


def read_prices(plan: Plan, catalogue: Catalogue, path: Path, *, replace_all: bool = False) -> PricesPreview:
    """Read a price list (CSV or XLSX) for the shelf of a plan.

    Parameters
    ----------
    plan, catalogue, path
        The plan, its shelf, the file.
    replace_all : bool
        Whether prices that the file does not have fall back to the program's examples; else they stay.

    Raises
    ------
    FileError, InputError
        As `read_price_list`; or where not a single price can be used.
    """
    found = find_prices(plan, catalogue, path)
    return PricesPreview(take_prices(plan, found, replace_all=replace_all), found)


def find_prices(plan: Plan, catalogue: Catalogue, path: Path) -> PriceList:
    """Return what a price list holds for the shelf of a plan; raises as `read_prices`."""
    from cn_planner.importers.price_list import read_price_list

    others = sorted({item.price.currency for item in catalogue.items.values() if item.price is not None})
    currencies = list(dict.fromkeys([plan.info.currency, *others]))
    found = read_price_list(path, catalogue.items, currencies)
    if not found.prices:
        first = found.left_out[0] if found.left_out else None
        raise InputError(
            first.what if first else msg("There is no price in it."),
            where=first.where if first else path.name,
            fix=first.fix if first else None,
        )
    return _without_examples(found, catalogue)


def _without_examples(found: PriceList, catalogue: Catalogue) -> PriceList:
    """Return a list without the rows that are the program's examples as they were written out: nobody confirmed them.

    A price that was changed and kept the examples' words for its source is one's own, and of no known source.
    """
    examples = {
        key: item.price for key, item in catalogue.items.items() if item.price is not None and item.price.example
    }
    words = {price.source for price in examples.values()}
    kept = []
    for row in found.prices:
        if row.item in examples and replace(row.price, example=True) == examples[row.item]:
            continue
        kept.append(replace(row, price=replace(row.price, source="")) if row.price.source in words else row)
    count = len(found.prices) - len(kept)
    if not count:
        return replace(found, prices=tuple(kept))
    said = counted("{count} price is the program's example as it was, and stays one.",
                   "{count} prices are the program's examples as they were, and stay so.", count)  # fmt: skip
    return replace(found, prices=tuple(kept), warnings=(*found.warnings, said))


def take_prices(plan: Plan, found: PriceList, *, replace_all: bool) -> Edit:
    """Return the edit that puts the prices of a list into a plan, beside its own or in their place."""
    count = len(found.prices)
    label = counted("price list with {count} price", "price list with {count} prices", count)
    if replace_all:
        label = counted("price list with {count} price, in place of all others",
                        "price list with {count} prices, in place of all others", count)  # fmt: skip
    edit = put_prices(plan, found.prices, replace_all=replace_all, label=label)
    if found.items:
        rows = {one.id: one for one in (*plan.shelf.items, *found.items)}
        items = tuple(rows[key] for key in sorted(rows))
        edit = edits.change_section(edit.plan, "shelf", label, items=items)
    return edit


def price_changes(before: Catalogue, after: Catalogue) -> tuple[PriceChange, ...]:
    """Return the items of a shelf whose price is another one on another shelf, by name."""
    old = {key: one.price for key, one in before.items.items()}
    changed = [PriceChange(item, old.get(key), item.price) for key, item in after.items.items()
               if old.get(key) != item.price]  # fmt: skip
    return tuple(sorted(changed, key=lambda one: (one.item.name.casefold(), one.item.id)))


def price_words(price: Price | None) -> Message:
    """Return a price in a few words; an example is called one."""
    if price is None:
        return msg("none")
    if price.example:
        return msg("{amount:,.2f} {currency}, an example", amount=price.amount, currency=price.currency)
    if price.date:
        return msg("{amount:,.2f} {currency}, {date}", amount=price.amount, currency=price.currency, date=price.date)
    return msg("{amount:,.2f} {currency}", amount=price.amount, currency=price.currency)


def write_prices(catalogue: Catalogue, path: Path) -> None:
    """Write the price list of a shelf: XLSX where the name says so, else CSV. The file is replaced whole.

    Raises
    ------
    FileError
        Where it cannot be written.
    """
    from cn_planner.export.price_list import price_list_csv, price_list_xlsx

    items = sorted(catalogue.items.values(), key=lambda item: (item.item_class.value, item.id))
    data = price_list_xlsx(items) if path.suffix.lower() == ".xlsx" else price_list_csv(items)
    write_whole(path, data)
