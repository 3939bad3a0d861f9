"""What the law of a country allows, read from the data files in resources/rules and checked.

Each file there is one source; where two speak of a country, the file that comes first by name holds. A country that no
file speaks of is unknown: there is no world default.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from cn_planner import paths
from cn_planner.errors import FileError, InputError
from cn_planner.message import msg
from cn_planner.model.equipment import CountryRules, PowerLimit, Source

if TYPE_CHECKING:
    from pathlib import Path


class _File(msgspec.Struct, forbid_unknown_fields=True):
    source: Source
    countries: dict[str, list[PowerLimit]]


def _check(limit: PowerLimit, where: str) -> None:
    if not 0.0 < limit.low_mhz < limit.high_mhz <= 300_000.0:
        raise InputError(
            msg("A band from {low:g} to {high:g} MHz.", low=limit.low_mhz, high=limit.high_mhz), where=where
        )
    if limit.max_width_mhz <= 0.0:
        raise InputError(msg("A channel of {width:g} MHz.", width=limit.max_width_mhz), where=where)
    if not -60.0 <= limit.limit_dbm <= 80.0:
        raise InputError(msg("A limit of {limit:g} dBm.", limit=limit.limit_dbm), where=where)


def read_rules(folder: Path) -> dict[str, CountryRules]:
    """Read and check every file of rules in a folder, by country.

    Raises
    ------
    InputError
        Where an entry is not of its type or cannot be real: names file and country.
    FileError
        Where the folder holds no rules or a file cannot be read.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise FileError(
            msg("The rules of the countries are missing."), where=str(folder), fix=msg("Install the program again.")
        )
    rules: dict[str, CountryRules] = {}
    for path in files:
        try:
            one = msgspec.json.decode(path.read_bytes(), type=_File)
        except msgspec.DecodeError as problem:
            raise InputError(msg("{problem}.", problem=str(problem)), where=path.name) from problem
        except OSError as problem:
            raise FileError(msg("It cannot be read: {problem}.", problem=str(problem)), where=str(path)) from problem
        for country, limits in one.countries.items():
            where = f"{path.name}: {country}"
            if len(country) != 2 or not country.isalpha() or not country.isupper():
                raise InputError(msg("{country} is not an ISO 3166 code.", country=country), where=where)
            for limit in limits:
                _check(limit, where)
            rules.setdefault(country, CountryRules(country, tuple(limits), one.source))
    return rules


@lru_cache(maxsize=1)
def _shipped() -> dict[str, CountryRules]:
    return read_rules(paths.resources() / "rules")


def load_country_rules(country: str) -> CountryRules | None:
    """Return the limits of a country (ISO 3166, two letters, either case), None where nothing is known of it."""
    return _shipped().get(country.strip().upper())
