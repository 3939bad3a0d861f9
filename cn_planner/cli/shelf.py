"""``cn-planner shelf``: the shelf of a plan: look, add, copy, change, remove, prices, antenna patterns."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cn_planner.cli.console import COMMANDS_OF, opened, show, show_json, tell, words_of
from cn_planner.cli.options import Json, PlanPath
from cn_planner.i18n import say
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.model.history import Edit
    from cn_planner.session.project import Project

Pairs = Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE...", help="Fields of the entry.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of an entry; `shelf list` shows them.")]
_Kind = Annotated[str, typer.Argument(metavar="KIND", help="kit, radio, antenna or item.")]

_ALIASES = {"class": "item_class"}  # as price lists call it

group = typer.Typer(help="Kits, radios, antennas, items and prices of a plan.", no_args_is_help=True)
COMMANDS_OF[__name__] = {"shelf": group}


def _texts(pairs: list[str] | None) -> dict[str, str]:
    found = {}
    for pair in pairs or []:
        field, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"{pair!r} is not FIELD=VALUE")
        found[_ALIASES.get(field.strip(), field.strip())] = value
    return found


def _own_ids(project: Project) -> set[str]:
    own = project.plan.shelf
    rows: list[Any] = [*own.kits, *own.radios, *own.antennas, *own.items]
    return {one.id for one in rows}


def _done(project: Project, edit: Edit) -> None:
    before = _own_ids(project)
    project.apply(edit)
    for key in sorted(_own_ids(project) - before):
        show(key)
    tell(msg("Done: {edit}.", edit=edit.label))


@group.command("list")
def list_(
    plan: PlanPath,
    kind: Annotated[str, typer.Option("--kind", help="kit, radio, antenna or item.")] = "kit",
    as_json: Json = False,
) -> None:
    """List what the shelf has; one's own entries are marked."""
    from cn_planner.model.own_entries import ENTRY_KINDS, is_own

    if kind not in ENTRY_KINDS:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(ENTRY_KINDS)}")
    with opened(plan) as project:
        rows: list[Any] = sorted(getattr(project.catalogue, f"{kind}s").values(), key=lambda one: one.id)
    if as_json:
        show_json({f"{kind}s": [{"id": one.id, "name": one.name, "own": is_own(one)} for one in rows]})
        return
    for one in rows:
        show(f"{'* ' if is_own(one) else '  '}{one.id}: {one.name}")


@group.command("show")
def show_entry(plan: PlanPath, key: Id, as_json: Json = False) -> None:
    """Show an entry as a form: first what a kit is made of, then its numbers."""
    from cn_planner.model.entry_form import PLAIN, to_texts, unit_of
    from cn_planner.model.own_entries import entry_kind_of, find_entry, is_own
    from cn_planner.session.own_entries import said_of

    with opened(plan) as project:
        entry = find_entry(project.catalogue, key)
    texts = to_texts(entry)
    source = getattr(entry, "source", None) or getattr(entry, "read_in", None)
    read = {} if source is None else {one.name: getattr(source, one.name) for one in fields(source)}
    if as_json:
        show_json(
            {
                "id": entry.id,
                "kind": entry_kind_of(entry),
                "own": is_own(entry),
                "fields": texts,
                "source": read or None,
            }
        )
        return
    for drawer in (False, True):
        for name, text in texts.items():
            if (name not in PLAIN) is drawer and text:
                show(f"{'    ' if drawer else ''}{name} = {text} {unit_of(name)}".rstrip())
    for name in ("revision", "read", "url"):  # where to look it up again
        if read.get(name):
            show(f"        {name}: {read[name]}")
    for words in said_of(entry):
        show(say(words))


@group.command("add")
def add(plan: PlanPath, kind: _Kind, pairs: Pairs = None) -> None:
    """Add an entry of one's own."""
    from cn_planner.session.own_entries import add_entry

    texts = _texts(pairs)
    with opened(plan) as project:
        _done(project, add_entry(project.plan, project.catalogue, kind, texts))


@group.command("copy")
def copy(plan: PlanPath, key: Id, pairs: Pairs = None) -> None:
    """Copy an entry to one's own, with other fields where they are given."""
    from cn_planner.session.own_entries import copy_entry

    texts = _texts(pairs)
    with opened(plan) as project:
        _done(project, copy_entry(project.plan, project.catalogue, key, texts))


@group.command("change")
def _change(plan: PlanPath, key: Id, pairs: Pairs = None) -> None:
    """Change fields of an entry of one's own."""
    from cn_planner.session.own_entries import change_entry

    texts = _texts(pairs)
    with opened(plan) as project:
        _done(project, change_entry(project.plan, project.catalogue, key, texts))


@group.command("confirm")
def _confirm(
    plan: PlanPath,
    key: Id,
    sheet: Annotated[str, typer.Option("--sheet", help="The data sheet that you read, with its date or revision.")],
    pairs: Pairs = None,
    day: Annotated[str, typer.Option("--day", help="On which day, as 2026-11-28; today where not given.")] = "",
) -> None:
    """Hold a radio or an antenna against its data sheet: FIELD=yes, FIELD=no, or FIELD=the figure that it gives."""
    from datetime import date

    from cn_planner.session.own_entries import confirm_entry

    texts = _texts(pairs)
    today = date.today().isoformat()  # noqa: DTZ011 - the day where the reader is
    with opened(plan) as project:
        _done(project, confirm_entry(project.plan, project.catalogue, key, texts, sheet, day or today))


@group.command("remove")
def _remove(plan: PlanPath, key: Id) -> None:
    """Take an entry of one's own from the shelf."""
    from cn_planner.session.own_entries import drop_entry

    with opened(plan) as project:
        _done(project, drop_entry(project.plan, project.catalogue, key))


@group.command("prices")
def prices(
    plan: PlanPath,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the list: .csv or .xlsx.")] = None,
    file: Annotated[Path | None, typer.Option("--in", metavar="FILE", help="Read a list: CSV or XLSX.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Prices that the list does not have fall back to examples.")
    ] = False,
    look: Annotated[bool, typer.Option("--look", help="Only say what the list would change.")] = False,
) -> None:
    """Write the price list of the shelf, or read one's own; each price that changes is shown."""
    if (out is None) == (file is None):
        raise typer.BadParameter("give --out FILE or --in FILE")
    from cn_planner.export.words import check_out
    from cn_planner.session.own_entries import price_changes, price_words, read_prices, write_prices

    with opened(plan) as project:
        if out is not None:
            check_out(out, (plan,))
            write_prices(project.catalogue, out)
            return
        if file is not None:
            found = read_prices(project.plan, project.catalogue, file, replace_all=replace)
            for warning in found.found.warnings:
                tell(warning)
            for row in found.found.left_out:
                tell(words_of(row))
            for one in price_changes(project.catalogue, project.workspace.catalogue_of(found.edit.plan)):
                show(f"{one.item.id}: {say(price_words(one.before))} -> {say(price_words(one.after))}")
            if not look:
                _done(project, found.edit)


@group.command("pattern")
def pattern(
    plan: PlanPath,
    antenna: Annotated[str, typer.Argument(metavar="ANTENNA", help="Id of an antenna.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.svg", help="The polar plot.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A maker's pattern to look at before it is taken.")
    ] = None,
) -> None:
    """Draw the polar plot of an antenna, or of a maker's file beside what is said of the antenna."""
    from cn_planner.export.words import check_out
    from cn_planner.session.antenna_pattern import draw_pattern, pattern_preview, write_plot

    with opened(plan) as project:
        check_out(out, (plan, file))
        measured = None
        if file is not None:
            found = pattern_preview(project.plan, project.catalogue, antenna, file)
            measured = found.pattern
            for warning in found.warnings:
                tell(warning)
        write_plot(draw_pattern(project.catalogue, antenna, measured, project.plan.info.language), out)
