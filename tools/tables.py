"""Read the public tables again that the shelf and the rules rest on, and show what changed.

    python3 run.py tables [--aredn radios.json] [--regdb db.txt] [--net] [--json]

Two tables are read by machine: AREDN's ``files/etc/radios.json`` (greatest power, gain and width of the radios of
``resources/equipment/radios-*.toml``, each by the key that its entry names) and wireless-regdb's ``db.txt`` (the
limits of ``resources/rules/wireless-regdb.json``). Each from a file, or with --net from where it is published. Nothing
is changed: what differs is shown entry by entry, then a person reads it and writes it in with the day. The end is 1
where something differs.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import tomllib
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
AREDN = "https://raw.githubusercontent.com/aredn/aredn/main/files/etc/radios.json"
REGDB = "https://git.kernel.org/pub/scm/linux/kernel/git/wens/wireless-regdb.git/plain/db.txt"
_LONGEST_S = 60.0
_MOST_BYTES = 20_000_000
_SAME = 0.051  # limits are kept to a hundredth of a dB, powers to a tenth
_KEY = re.compile(r'^"(?P<key>[^"]+)": (?:maxpower|antenna)')
_ROW = re.compile(r"\(([\d.]+) - ([\d.]+) @ ?([\d.]+)\), \(([\d.]+)( ?mW)?\)(.*)")
_LIMIT = ("low_mhz", "high_mhz", "max_width_mhz", "limit_dbm", "dfs", "indoor_only")


class Difference(NamedTuple):
    """One figure that a table gives otherwise than the project; None where one of the two has none."""

    what: str
    field: str
    ours: Any
    theirs: Any


def aredn_differences(table: dict[str, Any], files: dict[str, dict[str, Any]]) -> list[Difference]:
    """Return where AREDN's table differs from the radios of files (name to content) that name a key of it.

    Raises
    ------
    ValueError
        Where it is no such table.
    """
    if not isinstance(table, dict) or not all(isinstance(row, dict) for row in table.values()):
        raise ValueError("not a table of radios by their keys")
    found = []
    for content in files.values():
        for radio in content.get("radio", ()):
            key = _KEY.match(radio.get("read", ""))
            if not _is_aredn(content, radio) or key is None:
                continue
            row = table.get(key["key"])
            if row is None:
                found.append(Difference(radio["id"], "entry", key["key"], None))
                continue
            row = row.get("wlan0", row)
            theirs = _power(row)
            if theirs is not None and abs(theirs - radio["most_tx_power_dbm"]) > _SAME:
                found.append(Difference(radio["id"], "most_tx_power_dbm", radio["most_tx_power_dbm"], theirs))
            if _is_aredn(content, radio.get("antenna")):
                found += _antenna(radio, row)
    return found


def _is_aredn(content: dict[str, Any], entry: Any) -> bool:
    """Return whether an entry of a file, or its antenna, rests on AREDN's table, of whichever day it was read."""
    name = entry.get("source") if isinstance(entry, dict) else None
    source = content.get("sources", {}).get(name) if isinstance(name, str) else name
    return bool(source) and source["publisher"].startswith("aredn/aredn")


def _power(row: dict[str, Any]) -> float | None:
    return float(row["maxpower"]) + float(row.get("pwroffset", 0)) if "maxpower" in row else None


def _antenna(radio: dict[str, Any], row: dict[str, Any]) -> list[Difference]:
    """Return where gain or width differ; a width stands as its maker names it where that is not at half power."""
    ours, theirs = radio.get("antenna"), row.get("antenna")
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return []
    width = ours.get("stated_az_deg", ours["beamwidth_az_deg"])
    rows = (("gain_dbi", ours["gain_dbi"], theirs.get("gain")), ("beamwidth_az_deg", width, theirs.get("beamwidth")))
    return [
        Difference(radio["id"], field, mine, other)
        for field, mine, other in rows
        if other is not None and abs(float(other) - mine) > _SAME
    ]


def regdb_limits(text: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the limits of db.txt by country, as resources/rules/README.md says they are taken over.

    Raises
    ------
    ValueError
        Where a row of a country is not of the form that is known: the table has changed more than its figures.
    """
    found: dict[str, list[tuple[Any, ...]]] = {}
    country = ""
    for line in text.splitlines():
        row = line.split("#")[0].strip()
        if row.startswith("country "):
            country = row.split()[1].rstrip(":")
            found[country] = []
        elif row.startswith("(") and "NO-IR" not in row and "NO-OFDM" not in row:
            one = _ROW.fullmatch(row)
            if one is None:
                raise ValueError(row)
            low, high, width, power = (float(one[number]) for number in range(1, 5))
            dbm = 10.0 * math.log10(power) if one[5] else power
            words = one[6].replace(",", " ").split()
            found[country].append((low, high, width, round(dbm, 2), "DFS" in words, "NO-OUTDOOR" in words))
    found.pop("00", None)
    return found


def regdb_differences(text: str, kept: dict[str, list[dict[str, Any]]]) -> list[Difference]:
    """Return the limits of each country that db.txt has and the project has not, and the other way round."""
    theirs = regdb_limits(text)
    found = []
    for country in sorted({*theirs, *kept}):
        mine = {tuple(row[name] for name in _LIMIT) for row in kept.get(country, ())}
        other = set(theirs.get(country, ()))
        found += [Difference(country, "limit", row, None) for row in sorted(mine - other)]
        found += [Difference(country, "limit", None, row) for row in sorted(other - mine)]
    return found


def _fetched(address: str) -> str:
    request = urllib.request.Request(address, headers={"User-Agent": "cn-planner-tables"})  # noqa: S310 - two https
    with urllib.request.urlopen(request, timeout=_LONGEST_S) as answer:  # noqa: S310
        body: bytes = answer.read(_MOST_BYTES)
    return body.decode("utf-8")


def _text(file: Path | None, address: str, *, net: bool) -> str | None:
    if file is not None:
        return file.read_text(encoding="utf-8")
    return _fetched(address) if net else None


def differences(aredn: str | None, regdb: str | None) -> list[Difference]:
    """Return what the texts of the two tables give otherwise than the project's resources; None is not looked at."""
    found = []
    if aredn is not None:
        equipment = ROOT / "resources" / "equipment"
        files = {path.name: tomllib.loads(path.read_text(encoding="utf-8"))
                 for path in sorted(equipment.glob("radios-*.toml"))}  # fmt: skip
        found += aredn_differences(json.loads(aredn), files)
    if regdb is not None:
        rules = json.loads((ROOT / "resources" / "rules" / "wireless-regdb.json").read_text(encoding="utf-8"))
        found += regdb_differences(regdb, rules["countries"])
    return found


def main(words: list[str] | None = None) -> int:
    """Show what differs; return 1 where something does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--aredn", type=Path, help="radios.json of aredn/aredn")
    parser.add_argument("--regdb", type=Path, help="db.txt of wireless-regdb")
    parser.add_argument("--net", action="store_true", help="fetch what no file is given for")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(words)
    if not (given.aredn or given.regdb or given.net):
        parser.error("give --aredn, --regdb or --net")
    try:
        texts = (_text(given.aredn, AREDN, net=given.net), _text(given.regdb, REGDB, net=given.net))
        found = differences(*texts)
    except (OSError, ValueError) as problem:
        print(f"A table cannot be read: {problem}", file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps({"differences": [one._asdict() for one in found]}, indent=1))
    else:
        for one in found:
            print(f"{one.what}: {one.field}: here {one.ours}, in the table {one.theirs}")
        print("Nothing differs." if not found else f"{len(found)} differ: read each, then write it in with the day.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
