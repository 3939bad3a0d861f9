"""What every file says of itself, and texts of people made safe to write."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

from cn_planner.i18n import say
from cn_planner.message import Message, msg
from cn_planner.model.fields import two_readings
from cn_planner.model.regulations import NO_ADVICE
from cn_planner.paths import is_device
from cn_planner.report.money_notes import rate_notes

if TYPE_CHECKING:
    from cn_planner.report.columns import TableCell, TableColumn
    from cn_planner.report.deployment import DeploymentPlan

# XML 1.0, production 2: what may not stand in a document, even escaped. Lone surrogates cannot be encoded.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_safe(text: str) -> str:
    """Return a text without the characters that no XML, JSON or table reader takes."""
    return _NOT_XML.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")


def cell_text(cell: TableCell, language: str) -> str:
    """Return a text or message as it is written; empty for what is not known."""
    if cell is None:
        return ""
    return xml_safe(say(cell, language) if isinstance(cell, Message) else str(cell))


def exact_text(value: float, *, money: bool = False) -> str:
    """Return a number in the fewest digits that are read back as the same; GPX bars exponents.

    Of money that is in one way only: 45.678 may be 45,678 in another country, 45.6780 may not.
    """
    text = f"{Decimal(repr(float(value))):f}".removesuffix(".0")
    return f"{text}0" if money and two_readings(text) is not None else text


def header(column: TableColumn, language: str) -> str:
    """Return the title of a column with its unit."""
    title = cell_text(column.title, language)
    return f"{title} [{xml_safe(column.unit)}]" if column.unit else title


def about_lines(plan: DeploymentPlan) -> tuple[tuple[str, str], ...]:
    """Return what every file says of itself, as pairs of label and text: plan, version, date, caution, sources."""
    meta = plan.meta
    lines: list[tuple[Message, str | Message]] = [
        (msg("Plan"), meta.plan),
        (msg("Version"), str(meta.version)),
        (msg("Date"), meta.date),
        (msg("Caution"), meta.estimate),
    ]
    if meta.invented:
        lines.append((msg("Caution"), msg("This place is invented, to try the program with.")))
    lines += [(msg("Prices"), note) for note in rate_notes(plan)]
    lines.append((msg("Radio rules"), NO_ADVICE))
    lines.append((msg("Currency"), meta.currency))
    if meta.homes_blurred_m is not None:
        blur = (
            msg("Homes are left out.")
            if math.isinf(meta.homes_blurred_m)
            else msg("Homes are moved by up to {metres:.0f} m.", metres=meta.homes_blurred_m)
        )
        lines.append((msg("Privacy"), blur))
    lines += [(msg("Missing"), one.what) for one in plan.missing]
    pairs = [(cell_text(label, meta.language), cell_text(text, meta.language)) for label, text in lines]
    pairs += [(cell_text(source.what, meta.language), source_line(source)) for source in meta.sources]
    pairs.append((cell_text(msg("Made with"), meta.language), xml_safe(meta.program)))
    return tuple(pairs)


def source_line(source: object) -> str:
    """Return name, date and licence of a source in one line."""
    parts = (getattr(source, name) for name in ("name", "date", "licence"))
    return xml_safe(", ".join(part for part in parts if part))


def about_text(plan: DeploymentPlan) -> str:
    """Return what every file says of itself in one text."""
    return "\n".join(f"{label}: {text}" for label, text in about_lines(plan))


def attribution(plan: DeploymentPlan) -> str:
    """Return the sources in one line."""
    return "; ".join(source_line(source) for source in plan.meta.sources)


def slug(name: str) -> str:
    """Return a file name, without suffix, that any system takes and that still reads as the plan's name."""
    kept = "".join(
        c if unicodedata.category(c)[0] in "LMN" else "-" for c in unicodedata.normalize("NFC", xml_safe(name))
    )
    word = re.sub("-+", "-", kept).strip("-").lower()
    while len(word.encode()) > 100:  # file systems allow 255 bytes, with suffixes and temporary marks
        word = word[:-1]
    word = word.strip("-")
    return word if word and not is_device(word) else f"plan-{word}".rstrip("-")
