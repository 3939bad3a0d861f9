"""Host names of every device, by RFC 1123: letters, digits and hyphens, from names in any script."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from cn_planner.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.model.plan import Link, Site

LONGEST = 63  # RFC 1123, 2.1 with RFC 1034, 3.1: octets of a label
_SITE_LONGEST = 24
"""Of a place's part: a link's name holds two of them."""
_SSID_LONGEST, _TAIL = 32, 6
"""Octets of an SSID: IEEE Std 802.11-2020, 9.4.2.2."""
_ORDER = {Status.BUILT: 0, Status.SURVEYED: 1, Status.AGREED: 2, Status.IDEA: 3, Status.REJECTED: 4}


def first_come(thing: Site | Link) -> tuple[int, str]:
    """Return the order in which things choose numbers and names: those that stand already before ideas, then by id."""
    return _ORDER[thing.status], thing.id


def dns_label(text: str, longest: int = _SITE_LONGEST) -> str:
    """Return a text of any script as letters a to z, digits and hyphens; empty where nothing of it is left."""
    from anyascii import anyascii

    latin = re.sub(r"[^a-z0-9]+", "-", anyascii(text[:200]).lower().replace("'", ""))
    return latin.strip("-")[:longest].strip("-")


def network_name(device: str) -> str:
    """Return what the network of a device is called on the air (SSID): its host name, where that is not too long.

    A longer one keeps its beginning, with some letters that are made of the whole: both ends of a link have the same.
    """
    if len(device) <= _SSID_LONGEST:
        return device
    tail = hashlib.sha256(device.encode()).hexdigest()[:_TAIL]
    return f"{device[: _SSID_LONGEST - _TAIL - 1].rstrip('-')}-{tail}"


def _unique(base: str, taken: set[str]) -> str:
    """Return a name that nothing has yet: the base, or with the first free number."""
    name, number = base, 1
    while name in taken:
        number += 1
        tail = f"-{number}"
        name = base[: LONGEST - len(tail)].strip("-") + tail
    taken.add(name)
    return name


def site_names(sites: Iterable[Site], kept: Mapping[str, str]) -> dict[str, str]:
    """Return the host name of each site's router.

    Two places of one name: the one that stands already, then the one of the smaller id, has it alone. Names that were
    given out are kept, and those of other devices not given again.
    """
    ordered = sorted(sites, key=first_come)
    names = _kept_names((name_key("site", site.id) for site in ordered), kept)
    names = {site.id: names[key] for site in ordered if (key := name_key("site", site.id)) in names}
    taken = {name for word, name in kept.items() if word.startswith("name ")} | set(names.values())
    for site in ordered:
        if site.id not in names:
            base = dns_label(site.name) or dns_label(site.id) or "site"
            if base in taken:
                base = f"{base}-{dns_label(site.id) or 'site'}"
            names[site.id] = _unique(base[:LONGEST], taken)
    return names


def name_key(kind: str, key: str) -> str:
    """Return the word under which the name of a thing is kept."""
    return f"name {kind} {key}"


def _kept_names(words: Iterable[str], kept: Mapping[str, str]) -> dict[str, str]:
    """Return the names that are kept, of those that are host names, and each once."""
    found: dict[str, str] = {}
    for word in words:
        name = kept.get(word, "")
        if name and name == dns_label(name, LONGEST) and name not in found.values():
            found[word] = name
    return found


def sub_names(keys: Iterable[tuple[str, str]], taken: set[str], kept: Mapping[str, str]) -> dict[str, str]:
    """Return names of devices: of each key the kept name, or the wanted one with a number where it is taken."""
    pairs = list(keys)
    names = {word: name for word, name in _kept_names((key for key, _ in pairs), kept).items() if name not in taken}
    taken |= set(names.values())
    return {key: names.get(key) or _unique(wanted[:LONGEST].strip("-"), taken) for key, wanted in pairs}
