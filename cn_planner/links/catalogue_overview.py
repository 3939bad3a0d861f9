"""Where the shelf is full and where it is empty: radios and antennas by band, and what the law is known to allow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.model.equipment import Part
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.catalogue_bands import load_bands
from cn_planner.storage.regulations import load_country_rules

if TYPE_CHECKING:
    from cn_planner.model.equipment import Catalogue, Mast
    from cn_planner.model.law import CountryRules
    from cn_planner.storage.catalogue_bands import Band, Bands


class Law(StrEnum):
    """What the rules that were read say of a band in a country, outdoors."""

    FREE = "free"
    """Something in the band is allowed without asking anybody."""
    ASKED = "asked"
    """Only with a licence, or on channels that a data base gives out."""
    INDOORS = "indoors"
    UNKNOWN = "unknown"
    """Nothing was read: neither a limit nor a ban."""


@dataclass(frozen=True, slots=True)
class BandCell:
    """A band on a continent: in how many of its countries the law is known to allow it."""

    continent: str
    free: int
    asked: int
    indoors: int
    unknown: int

    @property
    def countries(self) -> int:
        """How many countries the continent has."""
        return self.free + self.asked + self.indoors + self.unknown


@dataclass(frozen=True, slots=True)
class Row:
    """A band: what the shelf has for it, and its cells in the order of the continents."""

    band: str
    radios: int
    antennas: int
    cells: tuple[BandCell, ...]

    @property
    def empty(self) -> bool:
        """Whether the shelf has no radio for the band."""
        return self.radios == 0


def _regulations_of(band: Band, rules: CountryRules | None) -> Law:
    """Return the mildest thing that a country's rules say of a band."""
    found = [one for one in rules.limits if band.overlaps(one.low_mhz, one.high_mhz)] if rules is not None else []
    outdoors = [one for one in found if not one.indoor_only]
    if any(not (one.licence or one.database) for one in outdoors):
        return Law.FREE
    if outdoors:
        return Law.ASKED
    return Law.INDOORS if found else Law.UNKNOWN


def bands_by_continent(catalogue: Catalogue | None = None, bands: Bands | None = None) -> tuple[Row, ...]:
    """Return the table of bands and continents, counted from the shelf and the rules that ship with the program.

    Antennas are those of the band's radios and those that are sold by themselves for it, whatever they were made for.
    The law is that of any channel of the band: how much power it allows is for the rules of the country to say.
    """
    catalogue = catalogue or load_catalogue()
    known = load_bands() if bands is None else bands
    built_in = {one.antenna for one in catalogue.radios.values()}
    rows = []
    for band in known.bands:
        radios = [one for one in catalogue.radios.values() if band.means(one)]
        own = {one.antenna for one in radios}
        fitting = [
            key
            for key, one in catalogue.antennas.items()
            if key in own or (key not in built_in and band.overlaps(*one.band_mhz))
        ]
        cells = []
        for continent, countries in known.continents.items():
            laws = [_regulations_of(band, load_country_rules(country)) for country in countries]
            cells.append(BandCell(continent, *(laws.count(one) for one in Law)))
        rows.append(Row(band.name, len(radios), len(fitting), tuple(cells)))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class MastCost:
    """What a mast costs by the example prices: the parts, by what they are for, and the days of work."""

    height_m: float
    name: str
    mast: float
    grounding: float
    safety: float
    cable: float
    labour_days: float
    currency: str
    date: str

    @property
    def total(self) -> float:
        """Parts without work."""
        return self.mast + self.grounding + self.safety + self.cable


def mast_costs(catalogue: Catalogue | None = None, *, below_m: float = 10.0) -> tuple[MastCost, ...]:
    """Return what each mast of the shelf costs, with one cable down to a box that is ``below_m`` away from its foot."""
    catalogue = catalogue or load_catalogue()
    return tuple(_mast_cost(catalogue, one, below_m) for one in catalogue.masts)


def _mast_cost(catalogue: Catalogue, mast: Mast, below_m: float) -> MastCost:
    spent = {"mast": 0.0, "grounding": 0.0, "safety": 0.0}
    for part in mast.parts:
        item = catalogue.items[part.item]
        spent[item.item_class.value] += _price(catalogue, part)
    cable = catalogue.items["outdoor-cable"].price
    length_m = mast.height_m + below_m
    return MastCost(
        mast.height_m,
        mast.name,
        spent["mast"],
        spent["grounding"],
        spent["safety"],
        0.0 if cable is None else cable.amount * length_m,
        mast.labour_days,
        "" if cable is None else cable.currency,
        "" if cable is None else cable.date,
    )


def _price(catalogue: Catalogue, part: Part) -> float:
    price = catalogue.items[part.item].price
    return 0.0 if price is None else price.amount * part.quantity


class SiteCosts(NamedTuple):
    """What a site costs beside its mast and radios: what every one has, and its power from the sun or the mains."""

    every_tower: float
    sun: float
    mains: float


def site_costs(catalogue: Catalogue | None = None) -> SiteCosts:
    """Return what a site costs beside its mast and radios, by the example prices."""
    catalogue = catalogue or load_catalogue()
    gear = catalogue.gear
    box = tuple(Part(item, 1.0) for item in (gear.router, *gear.switches[:1], gear.patch_lead) if item)
    return SiteCosts(
        *(
            sum(_price(catalogue, part) for part in parts)
            for parts in ((*catalogue.site_parts, *box), catalogue.solar_parts, catalogue.grid_parts)
        )
    )
