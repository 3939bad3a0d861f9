"""Zip files whose bytes depend on their content and the given date alone."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_zip(path: Path, members: Mapping[str, bytes], date: str) -> None:
    """Write members in the order given, each with the same time and rights."""
    day = dt.date.fromisoformat(date)
    whole = io.BytesIO()  # a zip file that fails to be closed tries again when it is thrown away
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # the same on every platform
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    path.write_bytes(whole.getvalue())
