"""The documents that were read, for the shelf and for the rules of countries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """Whose words a source are."""

    OTHER = ""
    STANDARD = "standard"
    """What every such radio must do at least."""
    MAKER = "maker"
    COLLECTION = "collection"
    """Somebody put facts of makers together."""
    MEASUREMENT = "measurement"
    REGULATOR = "regulator"
    """The text itself, or a copy of it word for word."""
    QUOTATION = "quotation"
    """Somebody says what a regulator's text says."""
    DRIVER = "driver's table"
    """What radios are told that the law is: it is not the law."""


@dataclass(frozen=True, slots=True)
class Source:
    """The public document that was read for an entry."""

    title: str
    publisher: str
    date: str = ""
    revision: str = ""
    url: str = ""
    read: str = ""
    """What in the document was read, in words."""
    day: str = ""
    """On which day it was read."""
    kind: SourceKind = SourceKind.OTHER
