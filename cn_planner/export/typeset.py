"""Typst, in a process of its own: fonts and pages take 150 MB, which are given back when it ends, and it can be ended.

Its own module, so that the process loads nothing else of the program.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner.errors import PlannerError
from cn_planner.helpers import helper_words
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.progress import CancelToken

_DOCUMENT = "document.pdf"
_LOOK_S = 0.1


def typeset(folder: Path, template: str, day: date, fonts: Iterable[Path], cancel: CancelToken | None = None) -> bytes:
    """Return the PDF that typst sets from the template and the data in a folder.

    Parameters
    ----------
    folder : Path
        Holds the template and all that it reads; the document is written there too.
    template : str
        Name of the template.
    day : date
        That of the document.
    fonts : iterable of Path
        Folders of the only fonts that are used.
    cancel : CancelToken, optional
        Ends the process.

    Raises
    ------
    PlannerError
        Where typst cannot set the document.
    CancelledError
    """
    words = helper_words(__name__, typeset_folder.__name__, str(folder), template, day.isoformat(), *map(str, fonts))
    with (folder / "said.txt").open("w+b") as said:
        try:
            process = subprocess.Popen(  # noqa: S603 - our own words
                words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise _not_set(str(error)) from error
        try:
            while process.poll() is None:
                if cancel is not None:
                    cancel.check()
                try:
                    process.wait(_LOOK_S)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()  # nothing where it has ended
            process.wait()
        if process.returncode:
            said.seek(0)
            raise _not_set(said.read().decode("utf-8", "replace").strip())
    return (folder / _DOCUMENT).read_bytes()


def _not_set(reason: str) -> PlannerError:
    return PlannerError(
        msg("The report could not be set: {reason}", reason=reason),
        fix=msg("Write the other formats, and tell the makers of the program."),
    )


def typeset_folder(folder: str, template: str, day: str, *fonts: str) -> int:
    """Set the document: what the process does. Return its exit status; what typst says goes to the standard error."""
    import typst

    root = Path(folder)
    when = date.fromisoformat(day)
    try:
        typst.compile(
            str(root / template),
            output=str(root / _DOCUMENT),
            root=str(root),
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(fonts)),
            ignore_system_fonts=True,
            format="pdf",
            timestamp=datetime(when.year, when.month, when.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        sys.stderr.buffer.write(str(error).encode())
        return 1
    return 0
