"""Map tiles from the Internet: off until the user says yes, only those in view, kept on disk as long as they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkDiskCache, QNetworkReply, QNetworkRequest

from cn_planner.area.web import user_agent
from cn_planner.gui.map.layers.tiles import MOST_IMAGES, PicturesLayer, WebTile, web_tiles
from cn_planner.message import msg

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.gui.map.layers.tiles import PlacedTiles


DEFAULT_URL = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
DEFAULT_ATTRIBUTION = "© OpenStreetMap contributors"
_SIDE = 256
_DISK_BYTES = 200_000_000
_MOST_AT_ONCE = 6
_MOST_BYTES = 4_000_000
"""Of one tile, ten times what a photograph of 256 pixels takes: a server may send without end."""
_RETRY_MS = 60_000


class OnlineLayer(PicturesLayer):
    """Tiles of a server that the user chose.

    Parameters
    ----------
    cache_folder : Path or None
        Where tiles are kept as the server's cache headers allow; None: nowhere.
    """

    failed = Signal(str)

    def __init__(self, cache_folder: Path | None) -> None:
        super().__init__("online", msg("Online map"))
        self._visible = False
        self._allowed = False
        self._url = DEFAULT_URL
        self._attribution = DEFAULT_ATTRIBUTION
        self._contact = ""
        self._folder = cache_folder
        self._net: QNetworkAccessManager | None = None
        self._replies: dict[WebTile, QNetworkReply] = {}
        self._queue: list[WebTile] = []
        self._retry = QTimer(self, singleShot=True, interval=_RETRY_MS)
        self._retry.timeout.connect(self._try_again)

    @property
    def allowed(self) -> bool:
        """Whether the user said yes to the Internet."""
        return self._allowed

    def allow(self, allowed: bool) -> None:
        """Take the user's yes or no. A no ends what is under way."""
        self._allowed = allowed
        if not allowed:
            self.close()
        self.set_visible(allowed)
        self.changed.emit()

    def set_server(self, url: str, attribution: str, contact: str = "") -> None:
        """Use another server: an address with {z}, {x}, {y}, and whose data it is."""
        if (url, attribution, contact) == (self._url, self._attribution, self._contact):
            return
        self.close()
        self._forget()
        self._url, self._attribution, self._contact = url, attribution, contact
        self.changed.emit()

    def close(self) -> None:
        """End every request."""
        self._queue.clear()
        self._retry.stop()
        for reply in list(self._replies.values()):
            reply.abort()
        self._replies.clear()

    def attribution(self) -> tuple[str, ...]:
        """Return whose map it is."""
        return (self._attribution,) if self._allowed else ()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the tiles that are there, coarser ones where they are not, and ask for the rest."""
        if not self._allowed:
            return
        tiles = web_tiles(frame.view)
        if not frame.quick:
            self.ask(tiles)
        self._paint_tiles(painter, tiles)

    def ask(self, tiles: PlacedTiles) -> None:
        """Ask for tiles that are seen, as many as are kept, the first one first, instead of those asked for before."""
        if self._allowed:
            self._queue = self._missing(tiles[:MOST_IMAGES])
            self._pump()

    def _manager(self) -> QNetworkAccessManager:
        if self._net is None:
            self._net = QNetworkAccessManager(self)
            # One slot for all replies: a function that holds its own reply crashed the interpreter at times.
            self._net.finished.connect(self._finished)
            self._net.setTransferTimeout(20_000)
            if self._folder is not None:
                cache = QNetworkDiskCache(self._net)
                cache.setCacheDirectory(str(self._folder))
                cache.setMaximumCacheSize(_DISK_BYTES)
                self._net.setCache(cache)
        return self._net

    def _pump(self) -> None:
        while self._queue and len(self._replies) < _MOST_AT_ONCE:
            tile = self._queue.pop(0)
            if tile in self._replies:
                continue
            address = self._url.replace("{z}", str(tile.z)).replace("{x}", str(tile.x)).replace("{y}", str(tile.y))
            request = QNetworkRequest(QUrl(address))
            request.setHeader(QNetworkRequest.KnownHeaders.UserAgentHeader, user_agent(self._contact))
            request.setAttribute(
                QNetworkRequest.Attribute.CacheLoadControlAttribute, QNetworkRequest.CacheLoadControl.PreferNetwork
            )
            request.setAttribute(QNetworkRequest.Attribute.User, f"{tile.z} {tile.x} {tile.y}")
            reply = self._replies[tile] = self._manager().get(request)
            reply.setReadBufferSize(2 * _MOST_BYTES)
            # Not its progress, told ten times a second: by then the buffer is full, and nothing comes any more.
            reply.readyRead.connect(self._came)

    def _came(self) -> None:
        # Not told of which reply: a function that holds its own crashed the interpreter at times.
        for reply in list(self._replies.values()):
            if reply.bytesAvailable() > _MOST_BYTES:
                reply.abort()

    def _finished(self, reply: QNetworkReply) -> None:
        tile = WebTile(*(int(number) for number in reply.request().attribute(QNetworkRequest.Attribute.User).split()))
        reply.deleteLater()
        if self._replies.get(tile) is not reply:
            return
        del self._replies[tile]
        image = QImage()
        if reply.error() is QNetworkReply.NetworkError.NoError:
            image.loadFromData(reply.readAll())
        if image.isNull():
            # Not asked for again at once: neither the server nor the person gains from it.
            self._gone.add(tile)
            if not self._retry.isActive():
                self._retry.start()
            self.failed.emit(reply.errorString())
        else:
            self._keep(tile, image)
            self.changed.emit()
        self._pump()

    def _try_again(self) -> None:
        self._gone.clear()
        self.changed.emit()
