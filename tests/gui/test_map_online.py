"""Tiles from a server: none before the user says yes, only those in view, each once, by the program's own name."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter

from cn_planner import __version__
from cn_planner.gui.map.layers import online
from cn_planner.gui.map.layers.base import PaintFrame
from cn_planner.gui.map.layers.online import OnlineLayer
from cn_planner.gui.map.layers.tiles import web_tiles
from cn_planner.gui.map.mercator import Viewport

VIEW = Viewport(0.505, 0.37, 10.0, 512, 512)


def tile_png() -> bytes:
    image = QImage(256, 256, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


@pytest.fixture
def server(qapp):
    png, asked = tile_png(), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["User-Agent"]))
            gone = self.path.startswith("/gone")
            self.send_response(404 if gone else 200)
            self.send_header("Content-Length", "0" if gone else str(len(png)))
            self.send_header("Cache-Control", "max-age=3600")
            self.end_headers()
            if not gone:
                self.wfile.write(png)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", asked
        http.shutdown()
        thread.join()


def painted(layer: OnlineLayer) -> QImage:
    image = QImage(512, 512, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    layer.paint(painter, PaintFrame(VIEW))
    painter.end()
    return image


def test_nothing_is_asked_for_before_the_user_says_yes(server, qtbot, tmp_path) -> None:
    address, asked = server
    layer = OnlineLayer(tmp_path)
    layer.set_server(address + "/{z}/{x}/{y}.png", "© somebody")
    assert not layer.visible
    painted(layer)
    qtbot.wait(50)
    assert not asked
    assert layer.attribution() == ()


def test_tiles_in_view_are_asked_for_once_by_name_and_kept_as_the_server_allows(server, qtbot, tmp_path) -> None:
    address, asked = server
    wanted = {f"/{t.z}/{t.x}/{t.y}.png" for t, _ in web_tiles(VIEW)}
    for _ in range(2):  # the second time, as after a new start, they come from the disk
        layer = OnlineLayer(tmp_path)
        layer.set_server(address + "/{z}/{x}/{y}.png", "© somebody", "https://example.org/us")
        layer.allow(True)
        qtbot.waitUntil(lambda layer=layer: painted(layer).pixelColor(256, 256).name() == "#336699", timeout=5000)
        qtbot.waitUntil(lambda layer=layer: len(layer._images) == len(wanted), timeout=5000)
        assert layer.attribution() == ("© somebody",)
        layer.close()
    assert {path for path, _ in asked} == wanted
    assert len(asked) == len(wanted)
    assert {agent for _, agent in asked} == {f"CN Planner/{__version__} (+https://example.org/us)"}


def test_a_tile_that_is_not_there_is_said_and_not_asked_for_again_at_once(server, qtbot, tmp_path) -> None:
    address, asked = server
    layer = OnlineLayer(tmp_path)
    layer.set_server(address + "/gone/{z}/{x}/{y}.png", "© somebody")
    with qtbot.waitSignal(layer.failed, timeout=5000):
        layer.allow(True)
        painted(layer)
    qtbot.waitUntil(lambda: not layer._replies and not layer._queue, timeout=5000)
    count = len(asked)
    painted(layer)
    qtbot.wait(50)
    assert len(asked) == count
    layer.close()


def test_a_tile_without_an_end_is_given_up_before_it_fills_the_memory(qtbot, tmp_path) -> None:
    sent, stop = [0], threading.Event()

    class Endless(BaseHTTPRequestHandler):
        timeout = 2.0  # of a connection that is made and asks for nothing

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    self.wfile.write(bytes(1 << 16))
                    sent[0] += 1 << 16

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        layer = OnlineLayer(tmp_path)
        layer.set_server(f"http://127.0.0.1:{http.server_port}/{{z}}/{{x}}/{{y}}.png", "© somebody")
        layer._manager().setTransferTimeout(0)  # what ends it is its size, and not that it stalled at a full buffer
        with qtbot.waitSignal(layer.failed, timeout=60_000):
            layer.allow(True)
            painted(layer)
        qtbot.waitUntil(lambda: not layer._replies and not layer._queue, timeout=60_000)
        # Every tile of the view was given up soon after its limit; beside that is what the system's pipes hold.
        assert sent[0] < len(web_tiles(VIEW)) * (2 * online._MOST_BYTES + (16 << 20))
        assert not layer._images
        stop.set()
        layer.close()
        http.shutdown()
        thread.join()  # first, or one more is taken in meanwhile
        # The hand that sends ends when its connection has, for which the window's loop must turn.
        qtbot.waitUntil(lambda: not any("process_request" in one.name for one in threading.enumerate()), timeout=60_000)
