"""Makes the icons of all systems from the SVG: ``python packaging/pictures.py FOLDER``. PNG, ICO, ICNS."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
SVG = Path(__file__).resolve().parents[1] / "resources" / "icons" / "cn-planner.svg"
_OF_ICNS = {128: b"ic07", 256: b"ic08", 512: b"ic09"}


def png(size: int) -> bytes:
    """Return the icon as PNG."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return data.data()


def ico(pictures: dict[int, bytes]) -> bytes:
    """Return PNG pictures as an icon of Windows: a head, an entry a picture, the pictures (256 is said as 0)."""
    taken = {size: data for size, data in pictures.items() if size <= 256}
    at, head, body = 6 + 16 * len(taken), struct.pack("<HHH", 0, 1, len(taken)), b""
    for size, data in taken.items():
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), at + len(body))
        body += data
    return head + body


def icns(pictures: dict[int, bytes]) -> bytes:
    """Return PNG pictures as an icon of macOS: each with its name and length."""
    body = b"".join(
        kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size] for size, kind in _OF_ICNS.items()
    )
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def main(folder: Path) -> None:
    """Write them all."""
    app = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: png(size) for size in SIZES}
    for size, data in pictures.items():
        (folder / f"cn-planner-{size}.png").write_bytes(data)
    (folder / "cn-planner.ico").write_bytes(ico(pictures))
    (folder / "cn-planner.icns").write_bytes(icns(pictures))
    del app


if __name__ == "__main__":
    main(Path(sys.argv[1]))
