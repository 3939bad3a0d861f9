"""The command line: puts the commands together. Each imports what it works with when it runs."""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from cn_planner.i18n import say, use_catalogues, use_own_translation
from cn_planner.paths import resources
from cn_planner.plugins import left_out
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMANDS = {
    "demo": ("demo",),
    "new": ("new",),
    "terrain": ("terrain",),
    "fetch": ("fetch",),
    "base_map": ("base-map",),
    "pack": ("pack",),
    "import_file": ("import",),
    "antenna": ("antenna",),
    "settings": ("set",),
    "shelf": ("shelf",),
    "rules": ("rules", "country"),
    "history": ("undo", "redo", "remove"),
    "candidates": ("candidates",),
    "plan": ("plan",),
    "tradeoff": ("tradeoff",),
    "savings": ("savings",),
    "fibre": ("fibre",),
    "growth": ("growth",),
    "phases": ("phases",),
    "power": ("power",),
    "suggest": ("suggest",),
    "channels": ("channels",),
    "spectrum": ("spectrum",),
    "dishes": ("dishes",),
    "resilience": ("resilience",),
    "homes": ("homes",),
    "hotspots": ("hotspots",),
    "measured": ("calibrate", "predict"),
    "addresses": ("addresses",),
    "check": ("check",),
    "compare": ("compare",),
    "merge": ("merge",),
    "export": ("export",),
    "link": ("link",),
    "panorama": ("panorama",),
    "coverage": ("coverage",),
    "loss": ("loss",),
    "optimise": ("optimise",),
    "shelf_tables": ("bands", "masts"),
}
"""The commands of each module beside this one, in the order of the help."""


class _Commands(TyperGroup):
    """The commands, each module imported where one of its commands is asked for: all take 0.05 s."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names of all commands."""
        return [name for names in _COMMANDS.values() for name in names]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a command; where there is none of that name all are loaded, so that one like it can be named."""
        own = [module for module, names in _COMMANDS.items() if cmd_name in names]
        for module in own or _COMMANDS:
            if self.commands.keys().isdisjoint(_COMMANDS[module]):
                self.commands.update(commands_of(module))
        return self.commands.get(cmd_name)


def commands_of(module: str) -> dict[str, Any]:
    """Return the commands of a module beside this one, by name."""
    from cn_planner.cli.console import ADDED_TO, COMMANDS_OF
    from cn_planner.cli.options import adding

    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    for name, what in COMMANDS_OF[importlib.import_module(f"cn_planner.cli.{module}").__name__].items():
        if isinstance(what, typer.Typer):
            alone.add_typer(what, name=name)
        else:
            alone.command(name, cls=adding(ADDED_TO[name]) if name in ADDED_TO else None)(what)
    return dict(typer.main.get_group(alone).commands)


app = typer.Typer(
    name="cn-planner",
    cls=_Commands,
    help="Plan a community network: from homes and hills to the plan that the village builds from. Works offline.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

_OBJECTS_A_ROUND = 50_000
# Options that take several values, as in `--dem A.hgt B.hgt`.
_SEVERAL: dict[str, Callable[[str], bool]] = {"--dem": lambda _: True, "--map": lambda word: "=" in word}


def _version(asked: bool) -> None:
    if asked:
        print(f"cn-planner {__version__}")  # noqa: T201 - the answer
        raise typer.Exit


@app.callback(epilog="`cn-planner` alone, or with a plan file, opens the window.")
def _program(
    context: typer.Context,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    if context.invoked_subcommand is None:
        from cn_planner.cli.window import open_window

        open_window(context.obj)


def one_value_each(words: list[str]) -> list[str]:
    """Return the words with the flag of a several-valued option repeated before each of its values."""
    result: list[str] = []
    flag = ""
    for word in words:
        if word.startswith("-") and not word[1:2].isdigit():
            flag = word if word in _SEVERAL else ""
            result += [] if flag else [word]
        elif flag and _SEVERAL[flag](word):
            result += [flag, word]
        else:
            flag = ""
            result.append(word)
    return result


def split_plan(words: list[str]) -> tuple[Path | None, list[str]]:
    """Return the plan file to open the window with, where that is all that was said, and the other words."""
    if len(words) == 1 and not words[0].startswith("-") and not any(words[0] in names for names in _COMMANDS.values()):
        path = Path(words[0])
        if path.suffix == ".gpkg" or path.is_file():
            return path, []
    return None, words


def with_own_translation(words: list[str]) -> list[str]:
    """Use the file that follows ``--translation`` where the words begin so, and return the others.

    For translators, who see their file in the window and on paper at once. The program ends where it cannot be read.
    """
    if words[:1] != ["--translation"]:
        return words
    from cn_planner.cli.console import tell, words_of
    from cn_planner.errors import FileError

    if len(words) < 2:
        sys.stderr.write("cn-planner --translation FILE …\n")
        sys.exit(2)
    try:
        use_own_translation(Path(words[1]))
    except FileError as problem:
        tell(words_of(problem))
        sys.exit(1)
    return words[2:]


def speak_utf8(*streams: TextIO | None) -> None:
    """Let streams write every letter: pipes of Windows are in the code page of the machine, others in ASCII."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def spare_rounds() -> None:
    """Have Python look for unreachable objects seldom, and not once more when all of them end with the process.

    What a command loads are several hundred thousand objects that stay: to go through them again and again takes a
    fifth of a short command's time.
    """
    gc.set_threshold(_OBJECTS_A_ROUND)
    atexit.register(gc.freeze)


def main() -> None:
    """Run the command line."""
    speak_utf8(sys.stdout, sys.stderr)
    use_catalogues(resources() / "translations")
    sys.argv[1:] = with_own_translation(sys.argv[1:])
    plan, words = split_plan(one_value_each(sys.argv[1:]))
    if words:  # not the window, which lives for hours
        spare_rounds()
    try:
        app(words, obj=plan)
    finally:
        from cn_planner.cli.console import unread

        if sys.stdout is not None:  # a window without a terminal has none
            with unread():
                sys.stdout.flush()
        for message in left_out():
            print(say(message), file=sys.stderr)  # noqa: T201 - what was left out is said after the work


if __name__ == "__main__":
    main()
