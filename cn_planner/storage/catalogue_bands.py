"""The bands by which the shelf is counted, and the countries of the continents: resources/equipment/bands.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cn_planner import paths
from cn_planner.message import msg
from cn_planner.storage.catalogue_files import read_toml, require

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.equipment import Radio


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the spectrum that people name, with the technologies that are meant there.

    ``technologies`` empty: all but those in ``without``.
    """

    name: str
    mhz: tuple[float, float]
    technologies: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def overlaps(self, low_mhz: float, high_mhz: float) -> bool:
        """Return whether some of a range lies in the band."""
        return low_mhz < self.mhz[1] and self.mhz[0] < high_mhz

    def means(self, radio: Radio) -> bool:
        """Return whether a radio is one of this band."""
        meant = radio.technology in self.technologies if self.technologies else radio.technology not in self.without
        return meant and self.overlaps(*radio.band_mhz)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    band: list[Band]
    continents: dict[str, str]


class Bands(msgspec.Struct, frozen=True):
    """The bands in order, and the countries (ISO 3166, two letters) of each continent."""

    bands: tuple[Band, ...]
    continents: dict[str, tuple[str, ...]]


def read_bands(folder: Path) -> Bands:
    """Read and check bands.toml of a folder.

    Raises InputError where it is not of its type, or a country stands on two continents; FileError where it is not
    there.
    """
    file = read_toml(folder, "bands.toml", _File)
    continents = {name: tuple(codes.split()) for name, codes in file.continents.items()}
    seen: set[str] = set()
    for name, codes in continents.items():
        for code in codes:
            where = f"bands.toml: {name}"
            require(len(code) == 2 and code.isupper(), where, msg("{country} is not an ISO 3166 code.", country=code))
            require(code not in seen, where, msg("The country {country} is there twice.", country=code))
            seen.add(code)
    for band in file.band:
        require(
            0.0 < band.mhz[0] < band.mhz[1], f"bands.toml: {band.name}", msg("band_mhz does not go from low to high.")
        )
    return Bands(tuple(file.band), continents)


def load_bands() -> Bands:
    """Return the bands and continents that ship with the program."""
    return read_bands(paths.resources() / "equipment")
