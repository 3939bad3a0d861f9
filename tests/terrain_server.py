"""A server on this machine with the layout of the public ones, and with their faults."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import numpy as np
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from cn_planner.terrain.tile import tile_name

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class Shelf:
    """What the server has, and how it behaves."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    """By path: what goes wrong with the next requests, in this order; then all is well."""
    asked: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    agents: set[str] = field(default_factory=set)
    ranges: list[str] = field(default_factory=list)
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    """Answers as an object store does: parts of files, marks that are sums, errors in XML."""

    catalogue: Shelf

    def do_HEAD(self) -> None:
        self._answer(head=True)

    def do_GET(self) -> None:
        self._answer(head=False)

    def log_message(self, *_: object) -> None:
        pass

    def _head(self, status: int, length: int, **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for key, value in more.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()

    def _answer(self, *, head: bool) -> None:
        catalogue = self.shelf
        catalogue.asked[self.path] += 1
        catalogue.agents.add(self.headers["User-Agent"])
        faults = catalogue.faults.get(self.path)
        fault = faults.pop(0) if faults else ""
        if fault.isdigit():
            return self._head(int(fault), 0, **({"Retry_After": "0"} if fault == "503" else {}))
        if fault == "login":
            page = b"<html><body>Log in to the Internet</body></html>"
            self._head(200, len(page), Content_Type="text/html; charset=utf-8")
            self.wfile.write(page)
            return None
        if fault == "redirect":
            return self._head(302, 0, Location="http://login.example/")
        if self.path not in catalogue.files:
            return self._head(404, 0)
        data = catalogue.files[self.path]
        tag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted and self.headers.get("If-Range", tag) == tag and fault != "whole":
            catalogue.ranges.append(self.headers["Range"])
            first, last = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
            body, status = data[first : last + 1], 206
            more = {"Content_Range": f"bytes {first}-{last}/{len(data)}"}
        else:
            body, status, more = data, 200, {}
        if fault == "damaged":
            body = bytes(reversed(body))
        self._head(status, len(body), ETag=tag, Content_Type="binary/octet-stream", **more)
        if head:
            return None
        if fault == "cut":
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)
        catalogue.sent[self.path] += len(body)
        return None


@contextmanager
def serving():
    """Run the server while the block does; give what is on its shelf."""
    made = Shelf()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"shelf": made}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def glo30(values: NDArray[np.float32], south: int, west: int) -> tuple[str, bytes]:
    """Return path and bytes of a tile of one degree as Copernicus has it, of heights from its north-western corner."""
    rows, columns = values.shape
    profile = {
        "driver": "COG", "dtype": "float32", "count": 1, "height": rows, "width": columns, "crs": "EPSG:4326",
        # The centres of the outermost pixels lie on the degree in the north and in the west.
        "transform": Affine(1 / columns, 0.0, west - 0.5 / columns, 0.0, -1 / rows, south + 1 + 0.5 / rows),
        "blocksize": 256, "compress": "deflate", "predictor": 3,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as out:
            out.write(np.nan_to_num(values, nan=np.nanmin(values)), 1)  # its makers left no void
        data = memory.read()
    name = tile_name(south, west)
    stem = f"Copernicus_DSM_COG_10_{name[:3]}_00_{name[3:]}_00_DEM"
    return f"/{stem}/{stem}.tif", data
