"""A network-design problem as plain numbers, and its solution: what they are, read and written.

The format is the one of the published instances: heights, sites with a cost at each height, homes, who can be served
from where at which least height, possible links with their cost, sectors, hops and cover. Beside those may stand
``must`` of a site or of a home (it has to be in the plan), ``cost`` of a home (its own equipment), ``takes`` of a
home (what is carried for it, where that is not as much as it counts), and capacities in homes' load: a sixth number of
a link's row and ``carries`` of a gateway. What is not there has no limit. A site of
the role ``gateway_option`` becomes a gateway where the plan pays its ``open``.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import tempfile
import zlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import FileError, InputError
from cn_planner.faults import reading, walled
from cn_planner.gis.kinds import sniff
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from cn_planner.message import Message
    from cn_planner.solver.arcs import SectorArcs

MAX_FILE_BYTES = 256 * 1024**2
MAX_TEXT_BYTES = 1024**3
MAX_SITES, MAX_HOMES, MAX_ROWS, MAX_HEIGHTS = 5_000, 200_000, 20_000_000, 64


@dataclass(frozen=True, slots=True)
class StepsRow:
    """What a site costs more at a height, by its radios: sectors and links *like* sectors, and links *unlike* them.

    Attributes
    ----------
    of : tuple of tuple of float
        By the number alike, then unlike, both together `most` at most.
    many : tuple of float
        At least, with so many more than `most`, whatever they are: one at least, two at least, ...
    """

    of: tuple[tuple[float, ...], ...]
    many: tuple[float, ...]

    @property
    def most(self) -> int:
        """Radios up to which each number has its cost."""
        return len(self.of) - 1

    @property
    def most_cost(self) -> float:
        """The most that any number of radios costs more."""
        return max(*self.many, *(max(row) for row in self.of))

    def cost(self, alike: int, unlike: int) -> float:
        """Return what a site with such radios costs more."""
        more = alike + unlike - self.most
        return self.of[alike][unlike] if more <= 0 else min(self.many[:more])


@dataclass(frozen=True, slots=True)
class LinkKinds:
    """What links are bought with, by number.

    Attributes
    ----------
    unlike : tuple of bool
        Whether a link's radios count as unlike sectors in what towers cost more (`StepsRow`).
    margin : tuple of tuple of float
        By how much a link by one kit must be cheaper than by another, at no greater heights and carrying as much, so
        that no plan is better with the other; inf where that is not known.
    raises : tuple of bool
        Whether its ends pay for the height of the mast that they hang on (`InstanceSite.radio_beside`).
    names : tuple of str
        The kits, as far as they have names.
    """

    unlike: tuple[bool, ...]
    margin: tuple[tuple[float, ...], ...]
    raises: tuple[bool, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WholeSpares:
    """What is bought of a thing in reserve: a share of all of it, in whole pieces. The share is in all other costs.

    Attributes
    ----------
    price : float
        Of a piece.
    share : float
    sector : float
        Pieces that a sector needs.
    links : tuple of float
        Pieces that a link needs, by its kit.
    homes : tuple of float
        Pieces that each home needs.
    unsure : tuple of float
        Pieces that each home may need beside.
    """

    price: float
    share: float
    sector: float
    links: tuple[float, ...]
    homes: tuple[float, ...]
    unsure: tuple[float, ...]

    def more(self, sure: float, unsure: float) -> float:
        """Return what whole pieces cost more than the share of so many pieces that are needed, and may be beside."""
        least, most = self.share * sure, self.share * (sure + unsure)
        whole = math.ceil(least - 1e-9)
        return self.price * max(0.0, whole - most)


@dataclass(frozen=True, slots=True)
class InstanceSite:
    """A place where a mast may stand: what it costs at each height, None where a height is not allowed.

    ``carries`` is the weight of homes that a gateway's connection to the Internet carries. ``sector_beside`` is what a
    sector costs here beside the `sector_cost` of the instance, ``radio_beside`` what each sector and link end costs at
    each height more than at the lowest, nothing more where it is empty; a link's row has it for its least heights.
    ``open_cost`` is what it costs to open a connection to the Internet at a site that is no gateway, None where that
    cannot be: where a plan pays it the site needs no link.
    ``steps`` is what it costs more at each height by the sectors and links that hang there, None where nothing.
    """

    id: str
    gateway: bool
    cost: tuple[float | None, ...]
    latitude: float = 0.0
    longitude: float = 0.0
    must: bool = False
    carries: float = math.inf
    sector_beside: float = 0.0
    radio_beside: tuple[float, ...] = ()
    open_cost: float | None = None
    steps: tuple[StepsRow | None, ...] | None = None

    @property
    def may_be_root(self) -> bool:
        """Whether other sites may hang on it while it hangs on none."""
        return self.gateway or self.open_cost is not None


@dataclass(frozen=True, slots=True)
class InstanceHome:
    """A home that may be served: what it counts, and what its own equipment costs.

    ``takes`` is what sectors, links and gateways carry for it, in homes: as much as it counts where it is None.
    """

    id: str
    weight: float = 1.0
    latitude: float = 0.0
    longitude: float = 0.0
    cost: float = 0.0
    must: bool = False
    takes: float | None = None

    @property
    def load(self) -> float:
        """What sectors, links and gateways carry for it, in homes."""
        return self.weight if self.takes is None else self.takes


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A network-design problem.

    Attributes
    ----------
    heights_m : tuple of float
        Mast heights, rising. A height index counts in it from 0.
    serve : (n, 3) int32 array
        Site, home, least height index of the site from which the home is served.
    links : (m, 4) int32 array
        Site a, site b, least height index of a, of b; a < b. Several rows of a pair are alternatives.
    link_cost : (m,) float64 array
        What the link of each row costs.
    sector_cost, sector_homes, max_sectors :
        What a sector costs, the load that it carries, how many a site may have.
    max_hops : int
        Most links between a site and its gateway.
    cover : float
        Share of the coverable weight to serve.
    link_carries : (m,) float64 array, optional
        Load of homes beyond the link of each row that it carries; no limit where not given.
    arcs : SectorArcs, optional
        In which direction each row of ``serve`` lies: a sector then holds what one beam can. Not given, any homes.
    max_radios : int, optional
        Sectors and links that a site may have together.
    link_kind : (m,) int32 array, optional
        The number in `kinds` of each row's kit; 0 where not given.
    kinds : LinkKinds
        What links are bought with.
    spares : tuple of WholeSpares
        What is bought of things in reserve, in whole pieces.
    room_homes : float, optional
        Load of homes that a site may serve, whatever sectors it has: what all that it may ever have carry once demand
        has grown. No limit where not given.
    """

    name: str
    heights_m: tuple[float, ...]
    sites: tuple[InstanceSite, ...]
    homes: tuple[InstanceHome, ...]
    serve: NDArray[np.int32]
    links: NDArray[np.int32]
    link_cost: NDArray[np.float64]
    sector_cost: float
    sector_homes: float
    max_sectors: int
    max_hops: int
    cover: float
    link_carries: NDArray[np.float64] | None = None
    arcs: SectorArcs | None = None
    max_radios: int | None = None
    room_homes: float | None = None
    link_kind: NDArray[np.int32] | None = None
    kinds: LinkKinds = field(default_factory=lambda: LinkKinds((False,), ((0.0,),), (True,)))
    spares: tuple[WholeSpares, ...] = ()

    @property
    def in_steps(self) -> bool:
        """Whether towers or spares cost amounts that do not add up."""
        return bool(self.spares) or any(site.steps for site in self.sites)

    def without_steps(self) -> Instance:
        """Return the instance with amounts that add up alone: it asks for less, and its bound holds for this one."""
        sites = tuple(replace(site, steps=None, radio_beside=()) for site in self.sites)
        return replace(self, sites=sites, spares=(), link_kind=None, kinds=LinkKinds((False,), ((0.0,),), (True,)))

    @property
    def most_homes(self) -> float:
        """The load of homes that a site may serve at most."""
        most = self.max_sectors * self.sector_homes
        return most if self.room_homes is None else min(most, self.room_homes)


class SolutionStatus(StrEnum):
    """What can be said of a solution."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"
    """No plan was found before the search was stopped, and none was proven impossible."""


class StoppedBy(StrEnum):
    """Why the search ended. A search that a clock stopped need not give the same again."""

    DONE = "done"
    NODES = "nodes"
    TIME = "time"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class SolutionSite:
    """A site that is built: its height, its sectors, and whether its connection to the Internet is bought."""

    id: str
    height_m: float
    sectors: int
    opened: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the site as it stands in its file; ``opened`` only where it is."""
        row = {"id": self.id, "height_m": _plain(self.height_m), "sectors": self.sectors}
        return {**row, "opened": True} if self.opened else row


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A plan for an instance, with what is known of how good it is.

    For least cost, ``lower_bound`` bounds the cost and gap = (cost - lower_bound) / cost. For a budget,
    ``upper_bound`` bounds the served weight and gap = (upper_bound - served) / served. None: not known.
    """

    status: SolutionStatus
    stopped_by: StoppedBy
    seconds: float
    cost: float | None = None
    served_weight: float | None = None
    coverable_weight: float | None = None
    lower_bound: float | None = None
    upper_bound: float | None = None
    gap: float | None = None
    sites: tuple[SolutionSite, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    homes: Mapping[str, str] = field(default_factory=dict)
    reason: Message | None = None
    """Why there is no plan."""

    def as_dict(self) -> dict[str, Any]:
        """Return the solution as it stands in its file: in fixed order, what is not known left out."""
        content: dict[str, Any] = {"status": self.status.value}
        for name in ("cost", "lower_bound", "upper_bound", "gap", "served_weight", "coverable_weight"):
            value = getattr(self, name)
            if value is not None:
                content[name] = _plain(value)
        content["seconds"] = round(self.seconds, 3)
        content["stopped_by"] = self.stopped_by.value
        if self.reason is not None:
            content["reason"] = str(self.reason)
        content["sites"] = [site.as_dict() for site in self.sites]
        content["links"] = [list(ends) for ends in self.links]
        content["homes"] = dict(sorted(self.homes.items()))
        return content


@walled
def read_instance(path: Path) -> Instance:
    """Read an instance, JSON or JSON in gzip, told apart by what the file holds.

    Raises
    ------
    FileError
        Where the file cannot be read, is too large, or is not JSON.
    InputError
        Where a field is missing or outside what it may be; ``where`` names it.
    """
    where = str(path)
    sniff(path)  # says what is no file at all, and what to do
    with reading(path):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileError(msg("The file is larger than {mb} MB.", mb=MAX_FILE_BYTES // 1024**2), where=where)
        data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, where)
    try:
        raw = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise FileError(
            msg("The file is not JSON in UTF-8."), where=where, fix=msg("Give an instance as JSON, plain or gzip.")
        ) from problem
    return parse_instance(raw, where=where)


def _no_constant(text: str) -> float:
    raise ValueError(text)


def _unpacked(data: bytes, where: str) -> bytes:
    try:
        stream = zlib.decompressobj(wbits=31)
        text = stream.decompress(data, MAX_TEXT_BYTES)
        if stream.unconsumed_tail:
            raise FileError(msg("The file unpacks to more than {mb} MB.", mb=MAX_TEXT_BYTES // 1024**2), where=where)
        if not stream.eof:
            raise FileError(msg("The file is cut short."), where=where, fix=msg("Fetch it again."))
    except zlib.error as problem:
        raise FileError(msg("The file is damaged."), where=where, fix=msg("Fetch it again.")) from problem
    return text


def _number(value: Any, where: str, low: float = -math.inf, high: float = math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(msg("A number is missing."), where=where)
    # A whole number of hundreds of digits is no float: it is compared as it is.
    if not (low <= value <= high and abs(value) < math.inf):
        raise InputError(msg("{value} is not between {low} and {high}.", value=value, low=low, high=high), where=where)
    return value


def _whole(value: Any, where: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(msg("A whole number from {low} to {high} is missing.", low=low, high=high), where=where)
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(msg("A text is missing."), where=where)
    return value


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(msg("True or false is missing."), where=where)
    return value


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(msg("An object is missing."), where=where)
    return value


def _list(value: Any, where: str, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(msg("A list is missing."), where=where)
    if len(value) > most:
        raise InputError(msg("There are {count} entries, more than {most}.", count=len(value), most=most), where=where)
    return value


def parse_instance(raw: Any, *, where: str = "") -> Instance:
    """Return the instance that a parsed JSON object holds, every field checked.

    Raises
    ------
    InputError
        Where a field is missing or outside what it may be.
    """

    def at(place: str) -> str:
        return f"{where}: {place}" if where else place

    top = _object(raw, where)
    heights = tuple(
        _number(h, at(f"heights_m[{i}]"), 0, 1000)
        for i, h in enumerate(_list(top.get("heights_m"), at("heights_m"), MAX_HEIGHTS))
    )
    if not heights or any(b <= a for a, b in pairwise(heights)):
        raise InputError(msg("The heights must rise, and there must be one."), where=at("heights_m"))
    sites = tuple(
        _site(_object(row, at(f"sites[{i}]")), at(f"sites[{i}]"), len(heights))
        for i, row in enumerate(_list(top.get("sites"), at("sites"), MAX_SITES))
    )
    homes = tuple(
        _home(_object(row, at(f"homes[{i}]")), at(f"homes[{i}]"))
        for i, row in enumerate(_list(top.get("homes"), at("homes"), MAX_HOMES))
    )
    _no_doubles([site.id for site in sites], at("sites"))
    _no_doubles([home.id for home in homes], at("homes"))
    tops = [len(sites), len(homes), len(heights)]
    serve = _rows(top.get("serve"), at("serve"), 3, tops, lambda row, _place: row[:3])
    links, link_cost, link_carries = _links(top.get("links"), at("links"), len(sites), len(heights))
    sector = _object(top.get("sector"), at("sector"))
    return Instance(
        name=str(top.get("name", "")),
        heights_m=heights,
        sites=sites,
        homes=homes,
        serve=serve,
        links=links,
        link_cost=link_cost,
        sector_cost=_number(sector.get("cost"), at("sector.cost"), 0, 1e12),
        sector_homes=_number(sector.get("homes"), at("sector.homes"), 0, 1e9),
        max_sectors=_whole(sector.get("max_per_site"), at("sector.max_per_site"), 0, 1000),
        max_hops=_whole(top.get("max_hops"), at("max_hops"), 0, 1000),
        cover=_number(top.get("cover"), at("cover"), 0, 1),
        link_carries=link_carries,
        room_homes=_number(sector["room"], at("sector.room"), 0, 1e12) if "room" in sector else None,
    )


def _no_doubles(ids: list[str], where: str) -> None:
    seen: set[str] = set()
    for i, one in enumerate(ids):
        if one in seen:
            raise InputError(msg("The id {id} is there twice.", id=one), where=f"{where}[{i}].id")
        seen.add(one)


def _site(row: dict[str, Any], where: str, heights: int) -> InstanceSite:
    role = row.get("role")
    if role not in ("gateway", "candidate", "gateway_option"):
        raise InputError(msg("The role must be gateway, candidate or gateway_option."), where=f"{where}.role")
    cost = _list(row.get("cost"), f"{where}.cost", MAX_HEIGHTS)
    if len(cost) != heights:
        raise InputError(
            msg("There are {count} costs for {heights} heights.", count=len(cost), heights=heights),
            where=f"{where}.cost",
        )
    return InstanceSite(
        id=_text(row.get("id"), f"{where}.id"),
        gateway=role == "gateway",
        cost=tuple(None if c is None else _number(c, f"{where}.cost[{k}]", 0, 1e12) for k, c in enumerate(cost)),
        latitude=_number(row.get("latitude", 0), f"{where}.latitude", -90, 90),
        longitude=_number(row.get("longitude", 0), f"{where}.longitude", -180, 180),
        must=_flag(row.get("must", False), f"{where}.must"),
        carries=_number(row["carries"], f"{where}.carries", 0, 1e12) if "carries" in row else math.inf,
        open_cost=_number(row.get("open"), f"{where}.open", 0, 1e12) if role == "gateway_option" else None,
    )


def _home(row: dict[str, Any], where: str) -> InstanceHome:
    return InstanceHome(
        id=_text(row.get("id"), f"{where}.id"),
        weight=_number(row.get("weight", 1), f"{where}.weight", 0, 1e6),
        latitude=_number(row.get("latitude", 0), f"{where}.latitude", -90, 90),
        longitude=_number(row.get("longitude", 0), f"{where}.longitude", -180, 180),
        cost=_number(row.get("cost", 0), f"{where}.cost", 0, 1e12),
        must=_flag(row.get("must", False), f"{where}.must"),
        takes=_number(row["takes"], f"{where}.takes", 1e-6, 1e6) if "takes" in row else None,
    )


def _rows(
    value: Any, where: str, width: int, tops: list[int], pick: Callable[[list[Any], str], list[int]]
) -> NDArray[np.int32]:
    """Return rows of indices, each from 0 to below its top."""
    rows = _list(value, where, MAX_ROWS)
    picked: list[list[int]] = []
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) < width:
            raise InputError(msg("A row of {width} numbers is missing.", width=width), where=f"{where}[{i}]")
        numbers = pick(row, f"{where}[{i}]")
        for j, (number, top) in enumerate(zip(numbers, tops, strict=True)):
            if top == 0:
                raise InputError(
                    msg("This row is about something of a list that is empty."), where=f"{where}[{i}][{j}]",
                    fix=msg("Leave the row out, or fill the list of sites, homes or heights."),
                )  # fmt: skip
            if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < top:
                raise InputError(
                    msg("A whole number from {low} to {high} is missing.", low=0, high=top - 1),
                    where=f"{where}[{i}][{j}]",
                )
        picked.append(numbers)
    return np.array(picked, dtype=np.int32).reshape(-1, len(tops))


def _links(
    value: Any, where: str, sites: int, heights: int
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64] | None]:
    cost: list[float] = []
    carries: list[float] = []

    def pick(row: list[Any], place: str) -> list[int]:
        cost.append(_number(row[4], f"{place}[4]", 0, 1e12))
        carries.append(_number(row[5], f"{place}[5]", 0, 1e12) if len(row) > 5 else math.inf)
        return row[:4]

    links = _rows(value, where, 5, [sites, sites, heights, heights], pick)
    wrong = np.flatnonzero(links[:, 0] >= links[:, 1])
    if len(wrong):
        raise InputError(msg("The first site of a link must be before the second."), where=f"{where}[{wrong[0]}]")
    limited = min(carries, default=math.inf) < math.inf
    return links, np.array(cost, dtype=np.float64), np.array(carries, dtype=np.float64) if limited else None


def _plain(value: float) -> float:
    """Return a whole number as int, so that it is written without a point."""
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else value


def write_solution(solution: Solution, path: Path) -> None:
    """Write a solution as JSON (gzip where the name ends in .gz): the whole file, or nothing.

    Raises
    ------
    FileError
        Where the file cannot be written.
    """
    data = (json.dumps(solution.as_dict(), ensure_ascii=False, allow_nan=False) + "\n").encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise FileError(
            msg("The file cannot be written: {reason}.", reason=problem.strerror or str(problem)),
            where=str(path),
            fix=msg("Give a folder that is there and may be written to."),
        ) from problem
