"""A plan that is open: its file, its ground, the shelf and the law, and what people do with them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from cn_planner.errors import InputError
from cn_planner.importers.choices import EVERYTHING
from cn_planner.message import msg
from cn_planner.model.plan import Demand, Info, Plan
from cn_planner.paths import part_of
from cn_planner.progress import ALONE, Run
from cn_planner.session.customs import remember_duties, with_known_duties
from cn_planner.session.versions import version_before, version_named
from cn_planner.storage.plan_file import PlanFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from cn_planner.importers.choices import Choices
    from cn_planner.importers.result import ImportResult
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.history import Change, Edit, History
    from cn_planner.model.law import CountryRules
    from cn_planner.model.parting import Beside
    from cn_planner.model.plan import Objective, TerrainFile
    from cn_planner.planning.result import Design
    from cn_planner.session.versions import Earlier
    from cn_planner.session.workspace import Snapshot, Workspace
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.storage.plan_file import Version
    from cn_planner.terrain.asked import Answers
    from cn_planner.terrain.surface import Surface

SUFFIX = ".cnplan.gpkg"
NEW_ROOF_M = 6.5
"""Of antennas on roofs in a new plan: a pole of 3 m on a house of one floor. Older plans have 5 m, by one of 1.5 m."""
NEW_DEMAND = Demand(antenna_height_m=NEW_ROOF_M, school_mbps=20.0, clinic_mbps=10.0)
"""What is asked for in a new plan. In older ones a school takes as much as the homes that it counts for."""


# What CLDR lists beside countries: groups of them, test codes, the unknown one.
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


def check_country(country: str) -> None:
    """Raise InputError where a country is not one of ISO 3166; empty stands for not known yet."""
    from babel import Locale

    code = country.upper()
    if code and (len(code) != 2 or code in _NO_COUNTRY or code not in Locale("en").territories):
        raise InputError(
            msg("{country} is not a country of ISO 3166.", country=country),
            fix=msg("Give two letters, such as UG for Uganda or ES for Spain."),
        )


def _check_currency(currency: str) -> None:
    from babel.numbers import list_currencies

    if currency not in list_currencies():
        raise InputError(
            msg("{currency} is not a currency of ISO 4217.", currency=currency),
            fix=msg("Give three capital letters, such as UGX or EUR."),
        )


def _check_language(language: str) -> None:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError) as problem:
        raise InputError(
            msg("{language} is not a language tag.", language=language), fix=msg("Give one such as en, es or sw.")
        ) from problem


class Project:
    """An open plan.

    Everything that window and command line do with a plan goes through here, so that both do the same.
    """

    def __init__(self, file: PlanFile) -> None:
        self._file = file

    @classmethod
    def new(cls, path: Path, *, name: str, country: str, language: str = "en") -> Self:
        """Make an empty plan file and open it.

        Raises
        ------
        InputError
            Where the country is not one, or the language is none.
        FileError
            Where the file is there already or cannot be written.
        """
        check_country(country)
        _check_language(language)
        if not name.strip():
            raise InputError(msg("A plan needs a name."))
        part_of(path)  # it has a name
        if not path.name.endswith(SUFFIX):
            path = path.with_name(path.name.removesuffix(".gpkg").removesuffix(".cnplan") + SUFFIX)
        code = country.upper()
        info = Info(name=name, country=code, language=language, secret=secrets.token_hex(16))
        return cls.create(path, with_known_duties(Plan(info=info, demand=NEW_DEMAND)).plan)

    @classmethod
    def create(cls, path: Path, plan: Plan) -> Self:
        """Make a plan file with this content and open it."""
        return cls(PlanFile.create(path, plan))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a plan file."""
        return cls(PlanFile.open(path))

    def close(self) -> None:
        """Close the file; everything is in it already."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Where the plan file is."""
        return self._file.path

    def changed_elsewhere(self) -> bool:
        """Return whether another program has changed the plan since it was opened."""
        return self._file.changed_elsewhere()

    def is_at(self, path: Path) -> bool:
        """Return whether this is the plan in that file."""
        try:
            return self.path.samefile(path)
        except OSError:
            return False

    @property
    def plan(self) -> Plan:
        """The plan as it stands."""
        return self._file.plan

    @property
    def version(self) -> int:
        """How many edits stand."""
        return self._file.version

    @property
    def notices(self) -> tuple[Message, ...]:
        """What was found in the file when it was opened, and what was done about it."""
        return tuple(self._file.notices)

    @cached_property
    def workspace(self) -> Workspace:
        """What computations share: ground, shelf and law read once, and their results."""
        from cn_planner.session.workspace import Workspace

        return Workspace(self.path)

    def snapshot(self) -> Snapshot:
        """Return the plan as it stands with what belongs to it, for a job."""
        return self.workspace.snapshot(self.plan)

    @property
    def catalogue(self) -> Catalogue:
        """The shelf."""
        return self.workspace.catalogue_of(self.plan)

    @property
    def country_rules(self) -> CountryRules | None:
        """The law of the plan's country; None where it is not known."""
        return self.workspace.regulations_of(self.plan)

    @property
    def surface(self) -> Surface:
        """The ground.

        Raises
        ------
        MissingTerrainError
            Where the plan has no terrain.
        FileError
            Where a terrain file is gone or damaged.
        """
        return self.workspace.surface(self.plan)

    @property
    def read_only(self) -> bool:
        """Whether the file could be opened for reading only."""
        return self._file.read_only

    @property
    def history(self) -> History:
        """The edits that were made, also in earlier sessions."""
        return self._file.history

    @property
    def undo_label(self) -> Message | None:
        """The name of what `undo` takes back, None where there is nothing."""
        return self._file.history.undo_label

    @property
    def redo_label(self) -> Message | None:
        """The name of what `redo` does again, None where there is nothing."""
        return self._file.history.redo_label

    @property
    def beside(self) -> tuple[Beside, ...]:
        """Edits that are kept beside the history: those of others that came in, and own ones that were given up."""
        return self._file.edits_beside()

    def apply(self, edit: Edit, *, beside: Beside | None = None) -> Sequence[Change]:
        """Make an edit: it is in the file when this returns. Return what it changed.

        ``beside``: edits of somebody else that the edit stands for: they are kept as well.
        """
        before, costs = self._file.version, self.plan.costs
        self._file.commit(edit, beside=beside)
        if self.plan.costs != costs:
            remember_duties(self.plan)
        return self.history.steps[self.history.done - 1].changes if self._file.version != before else ()

    def undo(self) -> Sequence[Change]:
        """Take back the last edit; return what that changed."""
        self._file.undo()
        changes = self.history.steps[self.history.done].changes
        return tuple(replace(one, before=one.after, after=one.before) for one in changes)

    def redo(self) -> Sequence[Change]:
        """Do the next edit again; return what that changed."""
        self._file.redo()
        return self.history.steps[self.history.done - 1].changes

    def versions(self) -> tuple[Version, ...]:
        """Return the versions that were handed out, in their order; their names are their numbers."""
        return self._file.versions()

    def version_of(self, name: str) -> Plan:
        """Return the plan of a version that was handed out.

        Raises
        ------
        InputError
            Where none of this name was.
        PlanFileError
            Where it is damaged.
        """
        return self._file.load_version(name)

    def version_before(self) -> Earlier | None:
        """Return the version against which the change log is written; None where there is none."""
        return version_before(self._file)

    def version_named(self, number: int) -> Earlier:
        """Return a version that was handed out, by its number.

        Raises
        ------
        InputError
            Where none of this number was.
        """
        return version_named(self._file, number)

    def keep_version(self, plan: Plan, version: int, date: str) -> None:
        """Remember a plan as it was handed out, where it is another than the last one that was."""
        kept = self.versions()
        if self.read_only or any(one.name == str(version) for one in kept):
            return
        if not kept or self.version_of(kept[-1].name) != plan:
            self._file.save_version(str(version), date, plan)

    def keep_photos(self, photos: Iterable[bytes]) -> tuple[str, ...]:
        """Keep photographs (JPEG, as `gis.photo` makes them small) in the plan file; return their names."""
        return self._file.keep_photos(photos)

    def photo(self, name: str) -> bytes | None:
        """Return a photograph that the plan file keeps; None where there is none of this name."""
        return self._file.photo(name)

    def change_settings(self, texts: Mapping[str, str]) -> Edit:
        """Change settings, or fields of rows, from texts, as one edit; return it.

        Raises
        ------
        InputError
            Where a key is not known, a country, currency, language, kit or box is none, an amount may be two, or a row
            gets a channel width that its radio has not.
        """
        from cn_planner.area.elevation_sources import GeoBox
        from cn_planner.model.regulations import own_limits
        from cn_planner.model.settings import change_setting, check_amounts
        from cn_planner.model.tree_scenarios import read_tree_scenarios
        from cn_planner.session.row_gear import unfit_rows

        check_amounts(texts)
        edit = change_setting(self.plan, texts)
        before, after = self.plan, edit.plan
        if after.info.country != before.info.country:
            check_country(after.info.country)
        if after.info.currency != before.info.currency:
            _check_currency(after.info.currency)
        if after.info.language != before.info.language:
            _check_language(after.info.language)
        if not after.info.name.strip():
            raise InputError(msg("A plan needs a name."))
        if after.area.box and after.area.box != before.area.box:
            GeoBox(*after.area.box)
        if after.rules != before.rules:
            own_limits(after.rules.own_limits, typed=True)  # says here what is wrong, and not at the first map
        read_tree_scenarios(after.rules.trees)
        for kit in (*(kit for _, kit in after.kits.named), *after.more_access):
            self.catalogue.kit(kit)
        had = {(one.where, str(one.what)) for one in unfit_rows(before, self.catalogue)}
        for problem in unfit_rows(after, self.catalogue):
            if (problem.where, str(problem.what)) not in had:
                raise InputError(problem.what, where=problem.where, fix=problem.fix)
        if after.info.country != before.info.country:
            edit = replace(edit, plan=with_known_duties(after).plan)
        self.apply(edit)
        return edit

    def add_terrain(self, files: Iterable[Path], answers: Answers | None = None) -> tuple[TerrainFile, ...]:
        """Add files of elevation, tree heights or land cover, as one edit; return their rows."""
        from cn_planner.terrain.asked import Answers
        from cn_planner.terrain.files import add_terrain

        before = self.plan.terrain
        self.apply(add_terrain(self.plan, self.path, list(files), answers or Answers()))
        return tuple(row for key, row in self.plan.terrain.items() if before.get(key) != row)

    def put_first(self, file: str) -> Edit:
        """Let a file of the plan answer before the others of its kind."""
        from cn_planner.terrain.files import put_first

        edit = put_first(self.plan, file)
        self.apply(edit)
        return edit

    def import_file(
        self, file: Path, kind: str, columns: Mapping[str, str], choices: Choices = EVERYTHING, *, run: Run = ALONE
    ) -> ImportResult:
        """Import sites, households, measurements, or the sun of the place, as one edit, or nothing at all."""
        from cn_planner.session.bulk import many_things
        from cn_planner.session.tasks import read_things

        with many_things():
            result = read_things(self.snapshot(), file, kind, columns, choices, run=run)
            self.take_in(result)
        return result

    def take_in(self, result: ImportResult) -> Sequence[Change]:
        """Make the edit of an import, and keep the photographs that came with it; return what it changed."""
        self.keep_photos(result.photos)
        return self.apply(result.edit)

    def make_plan(
        self,
        *,
        cover: float | None = None,
        budget: float | None = None,
        objective: Objective | None = None,
        time_limit_s: float | None = None,
        run: Run = ALONE,
    ) -> Design:
        """Choose sites, masts and links, and put them into the plan as one edit.

        Where no plan keeps the rules and none stands, the plan keeps why each home is left out.
        """
        from cn_planner.planning.left_out_told import why_none
        from cn_planner.session.network import plan_network

        result = plan_network(
            self.snapshot(), cover=cover, budget=budget, objective=objective, time_limit_s=time_limit_s, run=run
        )
        edit = result.edit or why_none(result, self.plan)
        if edit is not None:
            self.apply(edit)
        return result

    def give_channels(self, *, fresh: bool = False, keep: bool = False, run: Run = ALONE) -> ChannelPlan:
        """Give sectors and links their channels, as one edit where any changes."""
        from cn_planner.session.tasks import give_channels

        result = give_channels(self.snapshot(), fresh=fresh, keep=keep, run=run)
        if result.edit is not None:
            self.apply(result.edit)
        return result

    def export(
        self,
        folder: Path,
        formats: tuple[str, ...] | None = None,
        *,
        date: str,
        blur_homes_m: float | None = None,
        run: Run = ALONE,
    ) -> tuple[Path, ...]:
        """Write the plan as files, each whole or not at all, and remember it as the version that was handed out."""
        from cn_planner.session.tasks import write_exports

        written = write_exports(
            self.snapshot(),
            folder,
            formats,
            version=self.version,
            date=date,
            before=self.version_before(),
            blur_homes_m=blur_homes_m,
            run=run,
        )
        self.keep_version(self.plan, self.version, date)
        return written
