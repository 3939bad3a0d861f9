"""CNML, the node lists of guifi.net: places with the height of their antennas, and the radio links between them.

Community Network Markup Language 0.1: network, zone, node, device, radio, interface, link, in attributes; a document
type of it is published with libcnml. ``antenna_elevation`` is in metres above the ground. What people wrote about a
node stands as its text: names and telephones are among it, so it is taken only where that is asked for.
"""

from __future__ import annotations

import gzip
import zlib
from typing import IO, TYPE_CHECKING, Any

from cn_planner.errors import FileError
from cn_planner.gis.kinds import sniff
from cn_planner.gis.xml_check import check_xml
from cn_planner.importers.networks import STANDS_NO_MORE, antennas_note, cables_left_out, mast_height
from cn_planner.importers.result import RowError, UnwantedRowError
from cn_planner.importers.table import MOST_LIST_BYTES, MOST_ROWS, ListedLink, SourceTable, clean, first_bytes
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_COLUMNS = ("id", "name", "latitude", "longitude", "status", "antenna_height_m", "note")
_RIGHTS = "guifi.net, Comuns Sensefils licence"
_RADIO_LINKS = frozenset({"wds", "ap/client"})


def is_cnml(path: Path) -> bool:
    """Return whether a file is CNML, packed or not."""
    kind = sniff(path)
    return kind == "cnml" or (kind == "gzip" and b"<cnml" in first_bytes(path)[:1000])


def read_cnml(path: Path, *, private: bool = False) -> SourceTable:
    """Return the nodes of a CNML file as a table, and the radio links between them.

    Parameters
    ----------
    path : Path
        The file; of zones with nodes, or with all their devices. Only the latter has links.
    private : bool
        Take what people wrote about a node, too.

    Raises
    ------
    FileError
        Where it is too large, damaged, or says more than XML of nodes needs; while rows are walked, where it is cut
        short.
    """
    if path.stat().st_size > MOST_LIST_BYTES:
        raise FileError(
            msg("The file has {size} MB; at most {most} MB are read.", size=path.stat().st_size >> 20,
                most=MOST_LIST_BYTES >> 20),
            where=str(path), fix=msg("Ask the server for the zone that you plan for."),
        )  # fmt: skip
    check_xml(path)
    table = SourceTable(path.name, _COLUMNS, iter(()), rights=_RIGHTS)
    table.rows = _rows(path, table, private=private)
    return table


def _rows(path: Path, table: SourceTable, *, private: bool) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    from lxml import etree

    links: dict[tuple[str, str], dict[str, str]] = {}
    try:
        with _opened(path) as stream:
            nodes = etree.iterparse(
                stream, tag="node", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
            )
            for row, (_, node) in enumerate(nodes, 1):
                if row > MOST_ROWS:
                    raise FileError(msg("The file has more than {most} rows.", most=MOST_ROWS), where=str(path))
                for link in node.iter("link"):
                    _note_link(links, node.get("id", ""), link)
                yield row, _cells(node, table.file, row, private=private)
                node.clear()
                while node.getprevious() is not None:  # else the zone keeps an empty element for each
                    del node.getparent()[0]
    except (etree.XMLSyntaxError, EOFError, OSError, zlib.error) as problem:
        if isinstance(problem, FileError):
            raise
        raise FileError(
            msg("The CNML file is damaged or cut short: {problem}.", problem=clean(str(problem))[:200]),
            where=str(path),
            fix=msg("Download it again."),
        ) from problem
    kept = [(ends, one) for ends, one in sorted(links.items()) if one["link_type"] in _RADIO_LINKS]
    table.links += [ListedLink(ends, one["link_status"]) for ends, one in kept]
    table.warnings += cables_left_out(len(links) - len(kept))


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    return gzip.open(path) if sniff(path) == "gzip" else path.open("rb")


def _note_link(links: dict[tuple[str, str], dict[str, str]], node: str, link: Any) -> None:
    """Keep a link once for its two ends: each of them lists it, and of several between the same places one is enough.

    Radio links go before cables, working ones before those that are planned.
    """
    other = link.get("linked_node_id", "")
    if other == node:
        return  # between devices of one place
    ends = (f"guifi-{min(node, other)}", f"guifi-{max(node, other)}")
    found = {"link_type": str(link.get("link_type")), "link_status": str(link.get("link_status"))}
    before = links.get(ends)
    if before is None or _rank(found) > _rank(before):
        links[ends] = found


def _rank(link: dict[str, str]) -> tuple[bool, bool]:
    return link["link_type"] in _RADIO_LINKS, link["link_status"] == "Working"


def _cells(node: Any, file: str, row: int, *, private: bool) -> Sequence[Any] | RowError:
    status = node.get("status", "")
    if status.lower() in STANDS_NO_MORE:
        why = msg("Its status is {status}: nothing stands or is planned there.", status=clean(status)[:40])
        return UnwantedRowError(why, file=file, row=row)
    said = node.get("antenna_elevation", "")
    height = mast_height(said)
    antennas = antennas_note(
        (radio.get("antenna_gain"), radio.get("antenna_angle"), radio.get("antenna_azimuth"))
        for radio in node.iter("radio")
    )
    notes = (
        antennas,
        f"antenna_elevation: {clean(said)[:40]}" if said and height is None else "",
        clean(node.text)[:200] if private and node.text else "",
    )
    place = (node.get("lat"), node.get("lon"))
    return f"guifi-{node.get('id')}", node.get("title"), *place, status, height, "; ".join(filter(None, notes))
