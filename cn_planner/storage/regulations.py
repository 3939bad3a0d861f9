"""What the law of a country allows, read from the data files in resources/rules and checked.

Each file there is one source. Where two speak of the same band of a country, the file that comes first by name holds,
and what they disagree on is named; the other fills the bands of which the first says nothing. A country that no file
speaks of is unknown: there is no world default.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from cn_planner import paths
from cn_planner.errors import FileError, InputError
from cn_planner.message import msg
from cn_planner.model.equipment import Source  # noqa: TC001  # msgspec reads the type
from cn_planner.model.law import CountryRules, Duty, DutyKind, PowerLimit, Use
from cn_planner.model.regulations import check_limit, contradictions, merged

if TYPE_CHECKING:
    from pathlib import Path


class _Limit(msgspec.Struct, forbid_unknown_fields=True):
    """A limit as files write it: those of one source may name the text once, by a word."""

    low_mhz: float
    high_mhz: float
    limit_dbm: float
    eirp: bool
    max_width_mhz: float
    dfs: bool = False
    indoor_only: bool = False
    use: Use = Use.ANY
    licence: bool = False
    database: bool = False
    free_gain_dbi: float | None = None
    less_per_db: float = 1.0
    density_dbm_mhz: float | None = None
    duty_pct: float | None = None
    full_gain_dbi: float | None = None
    registration: bool = False
    tpc: bool = False
    less_without_tpc_db: float = 0.0
    more_eirp_dbm: float | None = None
    more_for: str = ""
    text: str = ""


class _Duty(msgspec.Struct, forbid_unknown_fields=True):
    kind: DutyKind
    words: str
    text: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    source: Source
    countries: dict[str, list[_Limit]]
    texts: dict[str, Source] = {}
    duties: dict[str, list[_Duty]] = {}
    not_reached: dict[str, str] = {}


def _limit(one: _Limit, file: _File, where: str) -> PowerLimit:
    values = {name: getattr(one, name) for name in one.__struct_fields__ if name != "text"}
    limit = PowerLimit(**values, source=_text(one.text, file, where))
    check_limit(limit, where)
    return limit


def _text(name: str, file: _File, where: str) -> Source:
    if name and name not in file.texts:
        raise InputError(msg("There is no text {text}.", text=name), where=where)
    return file.texts[name] if name else file.source


def _read(path: Path) -> _File:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise InputError(msg("{problem}.", problem=str(problem)), where=path.name) from problem
    except OSError as problem:
        raise FileError(msg("It cannot be read: {problem}.", problem=str(problem)), where=str(path)) from problem


def _duties(country: str, file: _File, where: str) -> tuple[Duty, ...]:
    return tuple(Duty(one.kind, one.words, _text(one.text, file, where)) for one in file.duties.get(country, ()))


def _country(country: str, file: _File, name: str) -> CountryRules:
    where = f"{name}: {country}"
    if len(country) != 2 or not country.isalpha() or not country.isupper():
        raise InputError(msg("{country} is not an ISO 3166 code.", country=country), where=where)
    limits = tuple(_limit(one, file, where) for one in file.countries[country])
    return CountryRules(
        country,
        limits,
        file.source,
        contradictions(limits),
        duties=_duties(country, file, where),
        not_reached=file.not_reached.get(country, ""),
    )


def read_rules(folder: Path) -> dict[str, CountryRules]:
    """Read and check every file of rules in a folder, by country.

    Raises InputError where an entry is not of its type, or cannot be real: names file and country; FileError where the
    folder holds no rules or a file cannot be read.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise FileError(
            msg("The rules of the countries are missing."), where=str(folder), fix=msg("Install the program again.")
        )
    rules: dict[str, CountryRules] = {}
    for path in files:
        file = _read(path)
        for country in file.countries:
            one = _country(country, file, path.name)
            rules[country] = merged(rules[country], one) if country in rules else one
    return rules


@lru_cache(maxsize=1)
def _shipped() -> dict[str, CountryRules]:
    return read_rules(paths.resources() / "rules")


def load_country_rules(country: str) -> CountryRules | None:
    """Return the limits of a country (ISO 3166, two letters, either case), None where nothing is known of it."""
    return _shipped().get(country.strip().upper())


@lru_cache(maxsize=1)
def _duties_alone() -> dict[str, tuple[Duty, ...]]:
    """Return what countries ask for of which no limit was read: they stay unknown."""
    found: dict[str, tuple[Duty, ...]] = {}
    for path in sorted((paths.resources() / "rules").glob("*.json")):
        file = _read(path)
        for country in set(file.duties) - set(file.countries):
            found[country] = (*found.get(country, ()), *_duties(country, file, f"{path.name}: {country}"))
    return found


def load_country_duties(country: str) -> tuple[Duty, ...]:
    """Return what a country asks for beside its limits, of one whose limits are unknown too."""
    rules = load_country_rules(country)
    return _duties_alone().get(country.strip().upper(), ()) if rules is None else rules.duties
