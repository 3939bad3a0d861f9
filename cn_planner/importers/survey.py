"""What phones send back of a survey: ODK's CSV, or its ZIP with photographs, read into the plan, twice without harm.

Each submission leaves a note under the key that the phone gave it. One whose note is there was read before: it changes
nothing again, whatever people have made of the plan since.
"""

from __future__ import annotations

import lzma
import re
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.errors import FileError, InputError
from cn_planner.faults import reading
from cn_planner.geo import geodesic
from cn_planner.gis.kinds import sniff
from cn_planner.gis.photo import MOST_BYTES, photo_of
from cn_planner.importers.csv_table import read_csv
from cn_planner.importers.field_map import field_answers
from cn_planner.importers.fields import CellError, normal, read_number, text
from cn_planner.importers.left_out import Tally
from cn_planner.importers.measured import Day, WeakerThan, days_written, read_heard
from cn_planner.importers.place import why_not
from cn_planner.importers.result import ImportResult, RowError
from cn_planner.importers.xlsx_table import is_xlsx, read_xlsx
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.clients import who_refused
from cn_planner.model.evidence import FARTHEST_MOVE_M, SAME_M, Evidence, Seen, Visit, photo_name
from cn_planner.model.plan import Household, Measurement, Note, Obstacle, PowerSource, Site, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from cn_planner.importers.table import SourceTable
    from cn_planner.model.plan import Plan

_MOST_BYTES = 512 << 20
_MOST_CSV_BYTES = 64 << 20
_AT_ONCE = 4096
_SOUNDS = 2
"""Rank of a column that is called like a question when signs and capitals are left away."""
_IMPORTED = counted("import {count} answer of the survey {file}", "import {count} answers of the survey {file}", 0)
_NOTHING_HEARD = counted(
    "{count} answer says that nothing was heard, without a level: below {level:g} dBm is taken, the weakest that the "
    "plan's radio of homes hears.",
    "{count} answers say that nothing was heard, without a level: below {level:g} dBm is taken, the weakest that the "
    "plan's radio of homes hears.",
    0,
)
_KEYS = ("key", "meta_instanceid", "instanceid", "uuid")
_PLACE = ("latitude", "longitude", "altitude", "accuracy")
_DAYS = ("start", "submissiondate")
_OF_ALL = ("plan_id", *_DAYS, *(f"place_{part}" for part in _PLACE))
"""What stands in the columns of a form beside its questions."""
_PARTED = re.compile("[-/.:]")
_TORN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, RuntimeError)
"""What reading a member of a ZIP raises; RuntimeError: it asks for a password, or is packed in a way not known."""
_TREE_M = 10.0
_EYES_M = 1.7
"""From where somebody looks who does not say it; what is in the way from there may not be from a mast."""
_FIRST_DAY = "2000"


class HomeRadio(NamedTuple):
    """What the usual radio of homes hears: its band, and the weakest level in it."""

    low_mhz: float
    high_mhz: float
    weakest_dbm: float


@dataclass(frozen=True, slots=True)
class SurveyNames:
    """How the plan's ids and tag stand in a form, and what it means by them: those who write it say so.

    Attributes
    ----------
    tag : str
        Of the plan.
    sites, homes : mapping of str to str
        From the name of a choice to the id.
    questions : collection of str
        What the form asks, by name.
    radio : HomeRadio, optional
        What heard nothing where nobody says how weak it would have shown.
    """

    tag: str
    sites: Mapping[str, str]
    homes: Mapping[str, str]
    questions: Collection[str] = ()
    radio: HomeRadio | None = None


def import_survey(plan: Plan, path: Path, names: SurveyNames) -> ImportResult:
    """Return the edit that a file of answers makes.

    Parameters
    ----------
    plan : Plan
        As it is; it is not changed.
    path : Path
        CSV of ODK or Kobo, a ZIP that holds one, or the workbook (XLSX) that Kobo gives where nothing else is chosen.
    names : SurveyNames
        What the form called things.

    Raises
    ------
    FileError
        Where the file cannot be read, or is too large.
    InputError
        Where it is the survey of another plan, or no answer can be used.
    """
    if sniff(path) == "sqlite":
        found = _Survey(plan, names, path.name, _beside(path))
        warnings: Sequence[Message] = ()
        for number, filled in field_answers(path):
            found.add(number, filled)
    else:
        with tempfile.TemporaryDirectory(prefix="cn-planner-") as folder:
            table = read_xlsx(path) if is_xlsx(path) else read_csv(_csv_of(path, Path(folder)))
            found, warnings = _Survey(plan, names, path.name, partial(_of_zip, path, Path(folder))), table.warnings
            for row, answer in _answers(table, {*names.questions, *_OF_ALL, *_KEYS}):
                found.add(row, answer)
    if found.strangers and not found.read and not found.known:
        raise InputError(
            msg("This is the survey of another plan."), where=str(path),
            fix=msg("Open the plan whose form was filled in, and import it there."),
        )  # fmt: skip
    if not found.read and not found.known:
        raise found.bad[0] if found.bad else FileError(msg("The file has no answers."), where=str(path))
    label = _IMPORTED.about(found.read, file=path.name)
    things = tuple(found.things.values())
    edit = edits.put(plan, things, label)
    said: list[Message] = [*warnings, *found.said]
    if found.known:
        said.append(
            counted(
                "{count} answer was read before: it changes nothing again.",
                "{count} answers were read before: they change nothing again.",
                found.known,
            )
        )
    if found.unsaid and names.radio is not None:
        said.append(_NOTHING_HEARD.about(found.unsaid, level=names.radio.weakest_dbm))
    if found.photos:
        said.append(counted("{count} photograph is kept in the plan.", "{count} photographs are kept in the plan.",
                            len(found.photos)))  # fmt: skip
    return ImportResult(
        edit, things, tuple(found.bad), found.tally.count, tuple(said), found.read, found.known,
        bad_reasons=found.tally.reasons(), photos=tuple(found.photos.values()),
    )  # fmt: skip


def _csv_of(path: Path, folder: Path) -> Path:
    """Return the table of answers: the file itself, or the largest CSV of a ZIP, unpacked."""
    try:
        with reading(path):
            packed = zipfile.is_zipfile(path)
            if not packed:
                return path
            if path.stat().st_size > _MOST_BYTES:
                raise FileError(
                    msg("The file has {size} MB; at most {most} MB are read.", size=path.stat().st_size >> 20,
                        most=_MOST_BYTES >> 20),
                    where=str(path), fix=msg("Send it without photographs, or fewer of them at a time."),
                )  # fmt: skip
            with zipfile.ZipFile(path) as archive:
                tables = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
                if not tables:
                    raise FileError(msg("The ZIP holds no table of answers (CSV)."), where=str(path))
                most = max(tables, key=lambda one: (one.file_size, one.filename))
                if most.file_size > _MOST_CSV_BYTES:
                    raise FileError(
                        msg("The file has {size} MB; at most {most} MB are read.", size=most.file_size >> 20,
                            most=_MOST_CSV_BYTES >> 20),
                        where=f"{path.name}/{most.filename}",
                    )  # fmt: skip
                target = folder / "answers.csv"
                target.write_bytes(archive.read(most))  # no more than the size that the directory says
                return target
    except _TORN as problem:
        raise FileError(
            msg("The archive is damaged or cut short."), where=str(path), fix=msg("Download it again.")
        ) from problem


@contextmanager
def _of_zip(path: Path, folder: Path, name: str) -> Iterator[Path | None]:
    """Give a photograph of a ZIP, unpacked for as long as it is looked at."""
    if not zipfile.is_zipfile(path):
        yield None
        return
    with zipfile.ZipFile(path) as archive:
        wanted = PurePosixPath(name.replace("\\", "/")).name.casefold()
        member = next(
            (one for one in archive.infolist() if PurePosixPath(one.filename).name.casefold() == wanted), None
        )
        if member is None:
            yield None
            return
        if member.file_size > MOST_BYTES:
            raise FileError(
                msg("The photograph has {size} MB; at most {most} MB are read.", size=member.file_size >> 20,
                    most=MOST_BYTES >> 20), where=f"{path.name}/{member.filename}",
            )  # fmt: skip
        target = folder / "photograph"
        target.write_bytes(archive.read(member))
    try:
        yield target
    finally:
        target.unlink(missing_ok=True)


def _beside(path: Path) -> Callable[[str], AbstractContextManager[Path | None]]:
    """Return what gives a photograph that lies beside a file or in a folder there, and nowhere else."""

    @contextmanager
    def give(name: str) -> Iterator[Path | None]:
        folder = path.parent.resolve()
        found = (folder / name.replace("\\", "/")).resolve()
        yield found if found.is_file() and found.is_relative_to(folder) else None

    return give


def _questions(columns: Sequence[str], known: Collection[str]) -> list[tuple[int, str]]:
    """Return number and name of each column: the question's, whatever groups a form was given before it.

    ODK writes groups with "-", Kobo with "/" or what people choose. Of several columns of one question those come first
    that are written as it is, and those that only sound like it are none: ODK has a column "Status" of its own, Kobo
    "_status", which say how an answer was sent.
    """
    most = 1 + max((name.count("_") for name in known), default=0)  # more parts make no question

    def named(column: str) -> tuple[int, str]:
        parts = [part for part in _PARTED.split(column) if part.strip()]
        tails = ((tail, normal("_".join(tail))) for tail in (parts[-count:] for count in range(most, 0, -1)))
        tail, name = next(((tail, name) for tail, name in tails if name in known), (parts, normal(column)))
        return 0 if column == name else 1 if tail == [name] else _SOUNDS, name

    found = sorted((*named(column), number) for number, column in enumerate(columns))
    written = {name for rank, name, _ in found if rank < _SOUNDS}
    found = [one for one in found if one[0] < _SOUNDS or one[1] not in written]
    return [(number, name) for _, name, number in sorted(found, key=lambda one: (one[0], one[2]))]


def _answers(table: SourceTable, known: Collection[str]) -> list[tuple[int, dict[str, Any] | RowError]]:
    """Return each row by the names of the questions."""
    names, day = _questions(table.columns, known), Day()
    day.day_zero = table.day_zero
    found: list[tuple[int, dict[str, Any] | RowError]] = []
    for block in table.walk(_AT_ONCE):
        for row, cells in zip(block.numbers, block.cells, strict=True):
            if isinstance(cells, RowError):
                found.append((row, cells))
                continue
            answer: dict[str, Any] = {}
            for number, name in names:
                if cells[number] is not None and str(cells[number]).strip():
                    dated = name in _DAYS and isinstance(cells[number], int | float)  # as workbooks write days
                    answer.setdefault(name, (day(cells[number]) or "") if dated else text(cells[number]))
            found.append((row, answer))
    return found


class _AnswerError(CellError):
    """What was answered to a question cannot be; rows that say it of other questions are told apart by it."""

    def __init__(self, what: Message, question: str) -> None:
        super().__init__(what)
        self.question = question


class _Survey:
    """Answers as things of the plan, while they are read."""

    def __init__(
        self, plan: Plan, names: SurveyNames, file: str, photo_of: Callable[[str], AbstractContextManager[Path | None]]
    ) -> None:
        self.plan, self.names, self.file, self._photo_of = plan, names, file, photo_of
        self.things: dict[tuple[str, str], Any] = {}
        self.photos: dict[str, bytes] = {}
        self.said: list[Message] = []
        self.read = self.known = self.strangers = self.unsaid = 0
        self.bad: list[RowError] = []
        self.tally = Tally()

    def add(self, row: int, answer: dict[str, Any] | RowError) -> None:
        """Take one answer in, or note why it cannot be."""
        if isinstance(answer, RowError):
            self._refuse(answer)
            return
        tag = answer.get("plan_id", "")
        if tag and tag != self.names.tag:
            self.strangers += 1
            self._refuse(RowError(msg("It is an answer about another plan."), self.file, row))
            return
        key = next((answer[name] for name in _KEYS if answer.get(name)), "")
        if not key:
            self._refuse(RowError(msg("The answer has no key (instanceID)."), self.file, row))
            return
        note = "survey-" + key.removeprefix("uuid:")[:36]
        if note in self.plan.notes or ("Note", note) in self.things:
            self.known += 1
            self._late_photo(answer, note)
            return
        try:
            things = self._things(answer, note)
        except CellError as problem:
            question = problem.question if isinstance(problem, _AnswerError) else ""
            self._refuse(RowError(problem.what, self.file, row, question))
            return
        self.read += 1
        for thing in things:
            self.things[type(thing).__name__, thing.id] = thing

    def _refuse(self, error: RowError) -> None:
        self.tally.add(error.what, [error.row], error.column)
        self.bad.append(error)

    def _things(self, answer: dict[str, Any], note: str) -> Sequence[Any]:
        kind = answer.get("kind", "")
        day = (answer.get("start") or answer.get("submissiondate") or "")[:10]
        if day and day < _FIRST_DAY:
            self.said.append(msg("The telephone's clock stood at {day}: that date is left out.", day=day))
            day = ""
        elif days_written(day) == ():
            self.said.append(msg("{day} is a day that no calendar has.", day=day))
            day = ""
        if kind in ("site", "home"):
            thing: Site | Household = self._site(answer) if kind == "site" else self._home(answer)
            return thing, self._note(answer, note, day, thing.id), *self._seen(answer, note, day, thing)
        if kind not in ("tree", "measurement"):
            raise CellError(msg("The answer does not say what it is about."))
        place = _place(answer)
        if place is None:
            raise CellError(msg("The answer does not say where."))
        if kind == "tree":
            height = _number(answer, "tree_height_m", 0.0, 500.0)
            if height is None:
                raise CellError(msg("The answer does not say how high it is."))
            tree = Obstacle(note, *place, height, _TREE_M, note=answer.get("note", ""))
            return tree, self._note(answer, note, day, note), *self._shown(answer, note, day, place)
        heard = self._chosen(answer, "heard", self.names.sites)
        freq = _number(answer, "freq_mhz", 30.0, 100_000.0)
        level = None if freq is None else self._level(answer, freq)
        if freq is None or level is None:
            raise CellError(msg("The answer holds no frequency or no level."))
        height = _number(answer, "height_m", 0.0, 150.0)
        measured = Measurement(
            note, *place, freq, float(level), heard, 2.0 if height is None else height, day, answer.get("note", ""),
            floor_dbm=float(level) if isinstance(level, WeakerThan) else None, who=answer.get("who", ""),
        )  # fmt: skip
        return measured, self._note(answer, note, day, note), *self._shown(answer, note, day, place)

    def _level(self, answer: dict[str, Any], freq_mhz: float) -> float | None:
        """Return the level of an answer, of one that heard nothing the weakest that could have been; None without."""
        nothing, radio = answer.get("nothing_heard") == "yes", self.names.radio
        if "level_dbm" in answer:
            level = _read(answer, "level_dbm", read_heard)
            return WeakerThan(level) if nothing else level
        if not nothing or radio is None or not radio.low_mhz <= freq_mhz <= radio.high_mhz:
            return None
        self.unsaid += 1
        return WeakerThan(radio.weakest_dbm)

    def _shown(self, answer: dict[str, Any], note: str, day: str, place: tuple[float, float]) -> list[Evidence]:
        """Return what a photograph shows of a tree, or of where a level was measured; nothing where there is none."""
        photo, who = self._photo(answer), answer.get("who", "")
        if "photo" not in answer:
            return []
        return [Evidence(note, note, who=who, date=day, from_latitude=place[0], from_longitude=place[1], photos=photo)]

    def _late_photo(self, answer: dict[str, Any], note: str) -> None:
        """Keep the photograph of an answer that was read before, where it could not be kept then."""
        rows = [one for key, one in self.plan.evidence.items() if key == note or key.startswith(f"{note}-")]
        if not answer.get("photo") or not rows or any(one.photos for one in rows):
            return
        photo = self._photo(answer)
        if photo:
            shown = max(rows, key=lambda one: bool(one.towards))
            self.things["Evidence", shown.id] = replace(shown, photos=photo)

    def _stood(self, answer: dict[str, Any], thing: Site | Household) -> tuple[float, float]:
        """Return where somebody stood, as the answer says; else, or where it was written far away, at the thing."""
        there = thing.latitude, thing.longitude
        try:
            place = _place(answer)
        except CellError as problem:
            self.said.append(problem.what)
            return there
        away_m = 0.0 if place is None else geodesic(*there, *place)[2]
        if place is None or away_m > FARTHEST_MOVE_M:
            return there
        if away_m > SAME_M:
            self.said.append(
                msg("Who looked at {name} stood {m:,.0f} m from it: what was seen counts from there only.",
                    name=thing.name or thing.id, m=away_m)
            )  # fmt: skip
        return place

    def _chosen(self, answer: dict[str, Any], question: str, known: Mapping[str, str]) -> str:
        name = answer.get(question, "")
        if name not in known:
            raise CellError(msg("The plan has no {id} (any more).", id=name[:60] or question))
        return known[name]

    def _site(self, answer: dict[str, Any]) -> Site:
        key = self._chosen(answer, "site", self.names.sites)
        old = self.things.get(("Site", key)) or self.plan.sites[key]
        change: dict[str, Any] = _moved(answer, old)
        if answer.get("status") in {one.value for one in Status}:
            change["status"] = Status(answer["status"])
        if answer.get("power") in {one.value for one in PowerSource}:
            change["power"] = PowerSource(answer["power"])
        height = _number(answer, "max_height_m", 0.0, 150.0)
        if height is not None:
            change["max_height_m"] = height
        change |= {name: answer[name] for name in ("owner", "consent", "access", "hazard") if answer.get(name)}
        return replace(old, **change)

    def _home(self, answer: dict[str, Any]) -> Household:
        key = self._chosen(answer, "home", self.names.homes)
        old = self.things.get(("Household", key)) or self.plan.households[key]
        change: dict[str, Any] = _moved(answer, old)
        height = _number(answer, "antenna_height_m", 0.0, 50.0)
        if height is not None:
            change["antenna_height_m"] = height
        new = replace(old, **change)
        return who_refused(new) if answer.get("home_state") == Visit.REFUSED else new

    def _seen(self, answer: dict[str, Any], note: str, day: str, thing: Site | Household) -> list[Evidence]:
        """Return what the answer says of the place, and of the line that it names."""
        visit = answer.get("home_state", "")
        if answer.get("status") == Status.REJECTED:
            visit = Visit.REFUSED
        latitude, longitude = self._stood(answer, thing)
        own = Evidence(
            note, thing.id, visit=Visit(visit) if visit in {one.value for one in Visit} else Visit.VISITED,
            who=answer.get("who", ""), date=day, from_latitude=latitude, from_longitude=longitude,
            photos=self._photo(answer), note=answer.get("note", ""),
        )  # fmt: skip
        towards = self.names.sites.get(answer.get("towards", ""), "")
        seen = answer.get("seen", "")
        if not towards or towards == thing.id or seen not in {one.value for one in Seen}:
            return [own]
        other, height = self.plan.sites[towards], _number(answer, "from_height_m", 0.0, 150.0)
        if height is None and seen != Seen.CLEAR:
            height = _EYES_M
        line = replace(
            own, from_height_m=height, id=f"{note}-{towards}", towards=towards, seen=Seen(seen),
            to_latitude=other.latitude, to_longitude=other.longitude, note="", photos="",
        )  # fmt: skip
        # What was seen along a line is what its photograph shows.
        return [replace(own, photos=""), replace(line, photos=own.photos)]

    def _photo(self, answer: dict[str, Any]) -> str:
        """Return the name of the answer's photograph, made small; empty where there is none that can be kept."""
        name = answer.get("photo", "")
        if not name:
            return ""
        try:
            with self._photo_of(name) as path:
                if path is None:
                    self.said.append(msg("The photograph {name} is not there.", name=name[:80]))
                    return ""
                kept = photo_of(path)
        except FileError as problem:
            self.said.append(msg("The photograph {name} was left out. {why}", name=name[:80], why=problem.what))
            return ""
        except (*_TORN, OSError):
            why = msg("The archive is damaged or cut short.")
            self.said.append(msg("The photograph {name} was left out. {why}", name=name[:80], why=why))
            return ""
        key = photo_name(kept)
        self.photos[key] = kept
        return key

    def _note(self, answer: dict[str, Any], key: str, day: str, about: str) -> Note:
        """Return what was said, word for word, as the record of the answer."""
        names = ("who", "status", "home_state", "towards", "seen", "nothing_heard", "photo", "note")
        said = {name: answer[name] for name in names if answer.get(name)}
        if "towards" in said:
            said["towards"] = self.names.sites.get(said["towards"], said["towards"])
        place = [answer.get(f"place_{name}", "") for name in _PLACE]
        if not any(place):
            place = str(answer.get("place", "")).split()
        if any(place):
            said["place"] = " ".join(filter(None, place))
        return Note(key, "; ".join(f"{name}: {word}" for name, word in said.items()) or "visited", about, day)


def _moved(answer: dict[str, Any], old: Site | Household) -> dict[str, Any]:
    """Return a new place, where the answer says that it is to be moved there."""
    wanted = answer.get("move") == "yes" or answer.get("home_state") in ("wrong_position", "better_place")
    place = _place(answer) if wanted else None
    away_m = 0.0 if place is None else geodesic(old.latitude, old.longitude, *place)[2]
    if away_m > FARTHEST_MOVE_M:
        raise CellError(
            msg("The place lies {km:,.0f} km from where the plan has {id}: is a sign missing, or are latitude and "
                "longitude turned round?", km=away_m / 1000.0, id=old.id)
        )  # fmt: skip
    return {} if place is None else {"latitude": place[0], "longitude": place[1]}


def _place(answer: dict[str, Any]) -> tuple[float, float] | None:
    """Return where it is: of ODK's columns, of Kobo's, or of one that holds both."""
    pair = [answer.get(f"place_{name}") for name in ("latitude", "longitude")]
    if None in pair:
        pair = list(str(answer.get("place", "")).split()[:2])
    if len(pair) < 2 or not all(pair):
        return None
    latitude, longitude = (read_number(one) for one in pair)
    wrong = why_not(latitude, longitude)
    if wrong is not None:
        raise CellError(wrong[1])
    return latitude, longitude


def _number(answer: dict[str, Any], name: str, low: float, high: float) -> float | None:
    if name not in answer:
        return None
    value = _read(answer, name, read_number)
    if not low <= value <= high:
        raise _AnswerError(msg("{value:g} is not between {low:g} and {high:g}.", value=value, low=low, high=high), name)
    return value


def _read(answer: dict[str, Any], name: str, read: Callable[[Any], float]) -> float:
    """Return what was answered to a question as a number, or raise with the question named."""
    try:
        return read(answer[name])
    except CellError as problem:
        raise _AnswerError(problem.what, name) from None
