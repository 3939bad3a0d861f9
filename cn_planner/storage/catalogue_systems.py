"""Which router systems run on the radios of the shelf: ``systems.toml``, read and held against the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cn_planner.message import msg
from cn_planner.model.equipment import RouterMenu, Source, Systems
from cn_planner.storage.catalogue_files import read_toml, require, require_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cn_planner.model.equipment import Radio

_FILE = "systems.toml"


class _OpenWrt(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    images: dict[str, str]
    untested: list[str] = []


class _RouterOs(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    wifi: list[str]
    wireless: list[str]


class _Systems(msgspec.Struct, forbid_unknown_fields=True):
    sources: dict[str, Source]
    openwrt: _OpenWrt
    routeros: _RouterOs


def read_systems(folder: Path, radios: Mapping[str, Radio]) -> Systems:
    """Read and check systems.toml of a folder.

    Raises InputError where it names a radio that is not on the shelf, one twice, or a source that is none.
    """
    read = read_toml(folder, _FILE, _Systems)
    _check_radios(read.openwrt.images, radios, "openwrt")
    _check_radios(read.openwrt.untested, read.openwrt.images, "untested")
    _check_radios([*read.routeros.wifi, *read.routeros.wireless], radios, "routeros")
    menus = dict.fromkeys(read.routeros.wireless, RouterMenu.WIRELESS)
    menus |= dict.fromkeys(read.routeros.wifi, RouterMenu.WIFI)
    return Systems(
        read.openwrt.images,
        frozenset(read.openwrt.untested),
        _source(read, read.openwrt.source),
        menus,
        _source(read, read.routeros.source),
    )


def _check_radios(keys: Iterable[str], known: Mapping[str, object], what: str) -> None:
    seen = set()
    for key in keys:
        require(
            key in known and key not in seen, f"{_FILE}: {what}", msg("There is no radio {name}, or twice.", name=key)
        )
        seen.add(key)


def _source(read: _Systems, name: str) -> Source:
    require(name in read.sources, _FILE, msg("There is no source {name} in the file.", name=name))
    require_source(read.sources[name], _FILE)
    return read.sources[name]
