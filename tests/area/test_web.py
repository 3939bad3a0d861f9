"""Files from the net, from a server that does all that servers do."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cn_planner.area import web as module
from cn_planner.area.web import TRIES, Web, check_address, user_agent
from cn_planner.errors import CancelledError, FileError, InputError
from cn_planner.progress import CancelToken

DATA = bytes(300_000) + bytes(range(256)) * 100


@pytest.fixture
def client():
    with Web(contact="net@example.org") as made:
        yield made


def fetch(client, catalogue, tmp_path, largest=1_000_000):
    target = tmp_path / "file.bin"
    return target, client.fetch(f"{catalogue.address}/file.bin", target, largest=largest)


def test_a_file_comes_whole_and_the_program_says_who_it_is(client, catalogue, tmp_path):
    catalogue.files["/file.bin"] = DATA
    told = []
    target = tmp_path / "file.bin"
    assert client.fetch(
        f"{catalogue.address}/file.bin", target, largest=1_000_000, progress=lambda x, _=None: told.append(x)
    )
    assert target.read_bytes() == DATA
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert catalogue.agents == {user_agent("net@example.org")}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file.bin"]
    assert client.size(f"{catalogue.address}/file.bin") == len(DATA)


def test_what_a_server_does_not_have_is_no_error(client, catalogue, tmp_path):
    target, there = fetch(client, catalogue, tmp_path)
    assert not there
    assert not target.exists()
    assert client.size(f"{catalogue.address}/file.bin") is None
    assert client.piece(f"{catalogue.address}/file.bin", 0, 9) is None


def test_a_busy_server_is_asked_again(client, catalogue, tmp_path):
    catalogue.files["/file.bin"] = DATA
    catalogue.faults["/file.bin"] = ["503", "429", "500"]
    target, there = fetch(client, catalogue, tmp_path)
    assert there
    assert target.read_bytes() == DATA
    assert catalogue.asked["/file.bin"] == 4


def test_a_cut_download_goes_on_where_it_ended(client, catalogue, tmp_path):
    catalogue.files["/file.bin"] = DATA
    catalogue.faults["/file.bin"] = ["cut", "cut"]
    target, _ = fetch(client, catalogue, tmp_path)
    assert target.read_bytes() == DATA
    half = len(DATA) // 2
    assert catalogue.ranges == [f"bytes={half}-", f"bytes={half + (len(DATA) - half) // 2}-"]
    assert catalogue.sent["/file.bin"] == len(DATA)  # nothing came twice


def test_after_a_stop_it_goes_on_too_unless_the_file_has_changed(client, catalogue, tmp_path):
    catalogue.files["/file.bin"] = DATA
    catalogue.faults["/file.bin"] = ["cut"] + ["503"] * (TRIES - 1)
    with pytest.raises(FileError, match="busy"):
        fetch(client, catalogue, tmp_path)
    assert not (tmp_path / "file.bin").exists()
    target, _ = fetch(client, catalogue, tmp_path)
    assert target.read_bytes() == DATA
    assert catalogue.sent["/file.bin"] == len(DATA)
    catalogue.faults["/file.bin"] = ["cut"] + ["503"] * (TRIES - 1)
    with pytest.raises(FileError, match=f"tried {TRIES} times"):
        fetch(client, catalogue, tmp_path)
    catalogue.files["/file.bin"] = other = DATA[::-1]
    fetch(client, catalogue, tmp_path)
    assert target.read_bytes() == other


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("403", "refuses"),
        ("login", "A page came"),
        ("redirect", "A page came"),
        ("511", "A page came"),
        ("damaged", "damaged on its way"),
    ],
)
def test_what_is_not_the_file_is_never_kept(client, catalogue, tmp_path, fault, said):
    catalogue.files["/file.bin"] = DATA
    catalogue.faults["/file.bin"] = [fault]
    with pytest.raises(FileError, match=said) as caught:
        fetch(client, catalogue, tmp_path)
    assert catalogue.address in caught.value.where
    assert caught.value.fix is not None
    assert not (tmp_path / "file.bin").exists()
    target, _ = fetch(client, catalogue, tmp_path)  # and what is left does no harm
    assert target.read_bytes() == DATA


def test_a_file_that_is_too_large_is_refused(client, catalogue, tmp_path):
    catalogue.files["/file.bin"] = DATA
    with pytest.raises(FileError, match="larger than"):
        fetch(client, catalogue, tmp_path, largest=len(DATA) - 1)
    assert not (tmp_path / "file.bin").exists()


def test_a_server_that_sends_without_an_end_is_refused_at_the_limit(client, tmp_path):
    sent, stop = [0], threading.Event()

    class Endless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)  # and no word of how long it is
            self.end_headers()
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    self.wfile.write(bytes(1 << 16))
                    sent[0] += 1 << 16

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with pytest.raises(FileError, match="larger than 2 MB"):
                client.fetch(
                    f"http://127.0.0.1:{server.server_port}/file.bin", tmp_path / "file.bin", largest=2_000_000
                )
        finally:
            stop.set()
            server.shutdown()
            thread.join()
    assert not (tmp_path / "file.bin").exists()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3_000_000
    assert sent[0] < 20_000_000  # what lies in the pipes of the system is more than what is kept


def test_a_server_that_is_not_there_is_named(client, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FIRST_WAIT_S", 0.001)
    with pytest.raises(FileError, match="fails or is cut") as caught:
        client.fetch("http://127.0.0.1:9/file.bin", tmp_path / "file.bin", largest=10)
    assert caught.value.where == "http://127.0.0.1:9/file.bin"


def test_parts_of_a_file(client, catalogue):
    catalogue.files["/file.bin"] = DATA
    address = f"{catalogue.address}/file.bin"
    found = client.piece(address, 299_990, 300_010)
    assert (found.data, found.whole) == (DATA[299_990:300_011], len(DATA))
    assert client.piece(address, len(DATA) - 3, len(DATA) + 50).data == DATA[-3:]
    catalogue.faults["/file.bin"] = ["whole"]
    with pytest.raises(FileError, match="parts of a file"):
        client.piece(address, 5, 9)


@pytest.mark.parametrize(
    "address", ["http://example.org/x", "ftp://example.org/x", "file:///etc/passwd", "example.org", ""]
)
def test_nothing_goes_without_tls_but_to_this_machine(address):
    with pytest.raises(InputError, match="no address"):
        check_address(address)


def test_cancel_ends_the_wait(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FIRST_WAIT_S", 600.0)
    catalogue.faults["/file.bin"] = ["500"] * TRIES
    cancel = CancelToken()
    timer = threading.Timer(0.05, cancel.cancel)
    timer.start()
    with Web(cancel=cancel) as client, pytest.raises(CancelledError):
        fetch(client, catalogue, tmp_path)
    timer.join()
