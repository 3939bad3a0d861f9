"""Lists of nodes as the maps of community networks publish them in JSON: meshviewer of Freifunk, NYC Mesh.

meshviewer: ``meshviewer.json`` (nodes with location, links), ``nodes.json`` of version 1 and 2 (nodeinfo, flags; its
links in ``graph.json`` beside it) and ``nodelist.json`` (position, status); as yanic writes them. NYC Mesh:
``nodes.json`` (id, status, coordinates), with ``links.json`` and ``sectors.json`` beside it; as the map of
nycmeshnet/network-map reads them. Heights are not taken: they count from the sea, or from nobody says what. Owners,
contacts and notes on people are taken only where that is asked for.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from cn_planner.errors import FileError
from cn_planner.importers.networks import STANDS_NO_MORE, antennas_note, cables_left_out
from cn_planner.importers.result import RowError, UnwantedRowError
from cn_planner.importers.table import ListedLink, SourceTable, clean, read_bytes
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_COLUMNS = ("id", "name", "latitude", "longitude", "status", "owner", "note")
_NYC_RIGHTS = "NYC Mesh"
_NO_RADIO = frozenset({"vpn", "tunnel", "l2tp", "fastd", "wireguard", "fiber", "cable", "lan", "other"})
_MOST_BYTES = 64 << 20  # all nodes are in memory as values, which take ten times as much


def read_node_list(path: Path, nodes: msgspec.Raw, links: msgspec.Raw, *, private: bool = False) -> SourceTable | None:
    """Return a list of nodes as a table, with the links between them; None where it is none.

    Parameters
    ----------
    path : Path
        Where it was read from: links may stand in a file beside it.
    nodes, links : msgspec.Raw
        As in the file; nodes are a list, or stand by their ids.
    private : bool
        Take owners, contacts and notes, too.

    Raises
    ------
    FileError
        Where it is too large, or no JSON.
    """
    size = len(bytes(nodes)) + len(bytes(links))
    if size > _MOST_BYTES:
        raise FileError(
            msg("The file has {size} MB; at most {most} MB are read.", size=size >> 20, most=_MOST_BYTES >> 20),
            where=str(path),
            fix=msg("Cut the area that you plan for out of it."),
        )
    many = _decoded(bytes(nodes), path)
    many = list(many.values()) if isinstance(many, dict) else many
    if not isinstance(many, list) or not many:
        return None
    first = next((one for one in many if isinstance(one, dict)), {})
    if "coordinates" in first and "id" in first:
        return _nyc(path, many, private=private)
    if not {"node_id", "nodeinfo", "position", "hostname"} & set(first):
        return None
    table = SourceTable(path.name, _COLUMNS, iter(()))
    table.rows = _rows(many, path.name, partial(_freifunk, private=private))
    listed = _decoded(bytes(links), path) if bytes(links) else None
    if not isinstance(listed, list):
        listed = _graph_links(_beside(path, "graph.json", table.warnings))
    _take_links(
        table,
        (
            ("vpn" if one.get("vpn") is True else str(one.get("type")), one.get("source"), one.get("target"), "Working")
            for one in _objects(listed)
        ),
    )
    return table


def _rows(
    nodes: Sequence[Any], file: str, read: Callable[[Mapping[str, Any]], Sequence[Any] | Message]
) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    for row, node in enumerate(nodes, 1):
        if not isinstance(node, dict):
            yield row, RowError(msg("This is not a node."), file=file, row=row)
            continue
        found = read(node)
        yield row, UnwantedRowError(found, file=file, row=row) if isinstance(found, Message) else found


def _objects(values: Any) -> Iterator[dict[str, Any]]:
    return (one for one in values if isinstance(one, dict)) if isinstance(values, list) else iter(())


def _within(value: Any, *names: str) -> Any:
    """Return what stands in objects within each other, None where one of them does not."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _cell(value: Any) -> Any:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _freifunk(node: Mapping[str, Any], *, private: bool) -> Sequence[Any] | Message:
    said = node.get("nodeinfo")
    info = said if isinstance(said, dict) else node
    place = info.get("location") if isinstance(info.get("location"), dict) else node.get("position")
    latitude = _within(place, "latitude") if _within(place, "latitude") is not None else _within(place, "lat")
    longitude = _within(place, "longitude")
    if longitude is None:
        longitude = _within(place, "long") if _within(place, "long") is not None else _within(place, "lng")
    if latitude is None or longitude is None:
        return msg("The node says no place.")
    online = next(
        (one for one in (node.get("is_online"), _within(node, "flags", "online"), _within(node, "status", "online"))
         if isinstance(one, bool)), None,
    )  # fmt: skip
    owner = _within(info, "owner")
    contact = _within(owner, "contact") if isinstance(owner, dict) else owner
    return (
        _cell(info.get("node_id")) or _cell(node.get("id")),
        _cell(info.get("hostname")) or _cell(node.get("name")),
        _cell(latitude), _cell(longitude),
        "Working" if online else "Offline" if online is False else "",
        _cell(contact) if private else None, None,
    )  # fmt: skip


def _take_links(table: SourceTable, listed: Iterable[tuple[str, Any, Any, str]], prefix: str = "") -> None:
    """Put radio links into a table, each pair of ends once, and say how many links are none."""
    pairs: dict[tuple[str, str], str] = {}
    cables: set[tuple[str, str]] = set()
    for kind, a, b, status in listed:
        one, other = f"{prefix}{clean(str(a))}", f"{prefix}{clean(str(b))}"
        ends = (min(one, other), max(one, other))
        if kind.lower() in _NO_RADIO:
            cables.add(ends)
        elif one != other and (status == "Working" or ends not in pairs):
            pairs[ends] = status
    table.links += [ListedLink(ends, status) for ends, status in sorted(pairs.items())]
    table.warnings += cables_left_out(len(cables - set(pairs)))


def _graph_links(graph: Any) -> list[dict[str, Any]]:
    """Return the links of a graph.json, whose ends are numbers of its own nodes, by the ids of these."""
    nodes, links = _within(graph, "batadv", "nodes"), _within(graph, "batadv", "links")
    if not isinstance(nodes, list):
        return []
    found = []
    for link in _objects(links):
        ends = (link.get("source"), link.get("target"))
        if all(isinstance(end, int) and 0 <= end < len(nodes) for end in ends):
            names = [_within(nodes[end], "node_id") for end in ends if isinstance(end, int)]
            found.append({**link, "source": names[0], "target": names[1]})
    return found


def _nyc(path: Path, nodes: Sequence[Any], *, private: bool) -> SourceTable:
    table = SourceTable(path.name, _COLUMNS, iter(()), rights=_NYC_RIGHTS)
    listed = [
        one
        for one in _objects(_beside(path, "links.json", table.warnings))
        if str(one.get("status")).lower() not in STANDS_NO_MORE | {"inactive"}
    ]
    sectors: dict[str, list[tuple[object, ...]]] = {}
    for one in _objects(_beside(path, "sectors.json", [])):
        if str(one.get("status")).lower() not in STANDS_NO_MORE | {"inactive"}:
            sectors.setdefault(clean(str(one.get("nodeId"))), []).append((None, one.get("width"), one.get("azimuth")))
    ends = {clean(str(one.get(end))) for one in listed for end in ("from", "to")}
    same = _numbers_of_nodes(nodes)

    def read(node: Mapping[str, Any]) -> Sequence[Any] | Message:
        key, status = clean(str(node.get("id"))), clean(str(node.get("status") or ""))
        if not status:
            return msg("It has no status: somebody asked to be reached, nothing stands there.")
        if key in ends and same.get(key) == key:
            status = "Installed"
        if status.lower() in STANDS_NO_MORE:
            return msg("Its status is {status}: nothing stands or is planned there.", status=status[:40])
        place = node.get("coordinates")
        if not isinstance(place, list) or len(place) < 2:
            return msg("The node says no place.")
        notes = (antennas_note(sectors.get(key, ())), node.get("notes") if private else None)
        note = "; ".join(one for one in notes if isinstance(one, str) and one)
        return f"nycmesh-{key}", _cell(node.get("name")), _cell(place[1]), _cell(place[0]), status, None, note

    table.rows = _rows(nodes, path.name, read)
    _take_links(table, (_nyc_link(one, same) for one in listed), "nycmesh-")
    return table


def _numbers_of_nodes(nodes: Sequence[Any]) -> dict[str, str]:
    """Return which node a number that was assigned anew stands for: that which is installed at the place, else itself.

    The first number of an entry is that of the request; links name the number that the node was given later.
    """
    installed = {
        str(one.get("coordinates")): one.get("id") for one in _objects(nodes) if one.get("status") == "Installed"
    }
    return {
        clean(str(one.get("id"))): clean(str(installed.get(str(one.get("coordinates")), one.get("id"))))
        for one in _objects(nodes)
        if str(one.get("status")).lower() == "nn assigned"
    }


def _nyc_link(link: Mapping[str, Any], same: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Return what kind a link is of, its ends, and whether it works."""
    kind = str(link.get("status"))
    a, b = (clean(str(link.get(end))) for end in ("from", "to"))
    return kind, same.get(a, a), same.get(b, b), "Planned" if kind.lower() == "planned" else "Working"


def _beside(path: Path, name: str, warnings: list[Message]) -> Any:
    """Return what a file beside a list holds, None where there is none; say that it was read, or was not there."""
    other = path.with_name(name)
    if not other.is_file():
        warnings.append(msg("Its links stand in {name}: put that file beside it to have them.", name=name))
        return None
    found = _decoded(read_bytes(other), other)
    warnings.append(msg("{name} beside it was read, too.", name=name))
    return found


def _decoded(data: bytes, path: Path) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise FileError(
            msg("It is not JSON: {problem}.", problem=clean(str(problem))[:200]),
            where=str(path),
            fix=msg("The file may be cut off: copy it again."),
        ) from problem
