"""Files from the net, when the user asks: over TLS, politely, whole or not at all.

Few connections, a name of our own, and longer and longer waits where a server is busy. A download that was cut goes on
where it ended, as long as the server still has the same file. What comes is never taken for what was wanted without a
look: a network that asks for a login answers every address with its own page.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from cn_planner.errors import FileError, InputError
from cn_planner.message import msg
from cn_planner.progress import CancelToken, silent
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cn_planner.progress import Progress

CONNECT_S, READ_S = 10.0, 30.0
PATIENCE_S, LEAST_BYTES_S = 120.0, 200.0
"""After so long a transfer that brings fewer bytes a second is given up: a server may drip for ever."""
TRIES = 5
"""How often a server is asked before it counts as not to be reached."""
FIRST_WAIT_S = 0.5
"""Before the second try; each further one waits twice as long, and at least as long as the server asks for."""
LONGEST_WAIT_S = 60.0
CONNECTIONS = 2
_CHUNK = 1 << 16
_GONE = frozenset({404, 410})
_BUSY = frozenset({429, 500, 502, 503, 504})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_MD5 = re.compile(r'"([0-9a-f]{32})"')


def user_agent(contact: str = "") -> str:
    """Return how the program introduces itself to servers."""
    return f"CN Planner/{__version__}" + (f" (+{contact})" if contact else "")


def check_address(address: str) -> None:
    """Raise InputError where an address is none to fetch from: TLS everywhere but on this machine."""
    parts = urlsplit(address)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        raise InputError(
            msg("{address} is no address to fetch from.", address=address),
            fix=msg("Give one that begins with https://."),
        )


@dataclass(frozen=True, slots=True)
class WebPart:
    """Bytes of a file on a server, and how long the whole file is."""

    data: bytes
    whole: int
    tag: str
    """The server's mark of this state of the file; empty where it gives none."""


class Web:
    """One client for a job; use it in a ``with`` block. ``read_s``: so long a server may think before it answers."""

    def __init__(self, *, contact: str = "", cancel: CancelToken | None = None, read_s: float = READ_S) -> None:
        import certifi
        import urllib3

        self._cancel = cancel or CancelToken()
        self._errors = urllib3.exceptions
        self._pool = urllib3.PoolManager(
            num_pools=2,
            maxsize=CONNECTIONS,
            block=True,
            headers={"User-Agent": user_agent(contact)},
            timeout=urllib3.Timeout(connect=CONNECT_S, read=read_s),
            ca_certs=certifi.where(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def size(self, address: str) -> int | None:
        """Return how many bytes a file has, or None where the server has none at this address.

        Raises
        ------
        FileError
            Where the server cannot be reached, refuses, or does not say.
        CancelledError
            Where the user cancelled.
        """

        def ask(answer: Any) -> int:
            length = answer.headers.get("Content-Length", "")
            if not length.isdigit():
                raise FileError(msg("The server does not say how large the file is."), where=address)
            return int(length)

        found = self._ask(address, {}, ask, method="HEAD")
        return None if found is None else int(found)

    def piece(self, address: str, first: int, last: int) -> WebPart | None:
        """Return the bytes from the first to the last, counted from 0; fewer where the file ends before.

        None where the server has no file at this address.

        Raises
        ------
        FileError
            As `size`; also where the server hands out whole files only.
        CancelledError
            Where the user cancelled.
        """

        def take(answer: Any) -> WebPart:
            given = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if answer.status != 206 or given is None or int(given[1]) != first:
                raise FileError(
                    msg("The server does not hand out parts of a file."),
                    where=address,
                    fix=msg("Choose another server, or bring the file on a stick."),
                )
            data = b"".join(self._chunks(answer, last - first + 1))
            if len(data) != int(given[2]) - first + 1:
                raise self._errors.IncompleteRead(len(data), int(given[2]) - first + 1 - len(data))
            return WebPart(data, int(given[3]), answer.headers.get("ETag", ""))

        found: WebPart | None = self._ask(address, {"Range": f"bytes={first}-{last}"}, take)
        return found

    def fetch(self, address: str, target: Path, *, largest: int, progress: Progress = silent) -> bool:
        """Fetch a file into its place; return False where the server has none at this address.

        What came of it stays beside the target where it is cut, and is gone on with at the next call.

        Parameters
        ----------
        address : str
            Of the file.
        target : Path
            The folder must be there.
        largest : int
            Bytes; a larger file is refused.
        progress
            Told as bytes come.

        Raises
        ------
        FileError
            As `size`; also where the file is too large, is not what the server says that it is, or cannot be written.
        CancelledError
            Where the user cancelled.
        """
        partial = target.with_name(f".{target.name}.part")
        marked = target.with_name(f".{target.name}.part-tag")

        def take(answer: Any) -> str:
            tag = answer.headers.get("ETag", "")
            given = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            goes_on = answer.status == 206 and given is not None and int(given[1]) == _length(partial)
            came = _length(partial) if goes_on else 0
            length = answer.headers.get("Content-Length", "")
            whole = came + int(length) if length.isdigit() else 0
            if whole > largest:
                raise _too_large(address, largest)
            marked.write_text(f"{tag}\n{whole}", encoding="ascii", errors="ignore")
            with partial.open("ab" if goes_on else "wb") as stream:
                for chunk in self._chunks(answer, largest + 1 - came):
                    stream.write(chunk)
                    came += len(chunk)
                    if came > largest:
                        raise _too_large(address, largest)
                    progress(came / whole if whole else 0.0)
            if came < whole:
                raise self._errors.IncompleteRead(came, whole - came)
            return str(tag)

        def ask() -> dict[str, str]:
            # Only of a file that is marked for good: "W/" says that two states of it may be marked alike.
            tag, _, whole = marked.read_text(encoding="ascii").partition("\n") if marked.exists() else ("", "", "0")
            if tag.startswith('"') and 0 < _length(partial) < int(whole or 0):
                return {"Range": f"bytes={_length(partial)}-", "If-Range": tag}
            return {}

        try:
            tag = self._ask(address, ask, take)
            if tag is None:
                return False
            _check_sum(partial, tag, address)
            partial.replace(target)
        except OSError as error:
            if isinstance(error, FileError):
                raise
            raise FileError(
                msg("The file cannot be written."),
                where=str(target),
                fix=msg("Check the folder, and the space on the disk."),
            ) from error
        marked.unlink(missing_ok=True)
        progress(1.0)
        return True

    def _chunks(self, answer: Any, most: int) -> Iterator[bytes]:
        """Yield what a server sends, no more than so many bytes, as long as it is not too slow and nobody cancels."""
        began, came = time.monotonic(), 0
        while came < most and (chunk := answer.read1(min(_CHUNK, most - came))):
            self._cancel.check()
            came += len(chunk)
            spent = time.monotonic() - began
            if spent > PATIENCE_S and came < LEAST_BYTES_S * spent:
                raise self._errors.ProtocolError("too slow")
            yield chunk

    def _ask(self, address: str, headers: Any, take: Any, *, method: str = "GET") -> Any:
        """Ask until there is an answer to take; None where the server has nothing at this address."""
        check_address(address)
        wait, why = FIRST_WAIT_S, msg("There is no answer.")
        for attempt in range(TRIES):
            self._cancel.check()
            asked = 0.0
            try:
                answer = self._pool.request(
                    method,
                    address,
                    headers={**self._pool.headers, **(headers() if callable(headers) else headers)},
                    redirect=False,
                    retries=False,
                    preload_content=False,
                )
                try:
                    if answer.status in _GONE:
                        return None
                    if answer.status not in _BUSY:
                        _check(answer, address)
                        return take(answer)
                    why = msg("The server is busy ({status}).", status=answer.status)
                    asked = _seconds(answer.headers.get("Retry-After", ""))
                finally:
                    answer.close()  # what was read to its end has given its connection back already
                    answer.release_conn()
            except self._errors.SSLError as error:
                raise FileError(
                    msg("The server is not who it says it is, or the computer's clock is wrong."),
                    where=address,
                    fix=msg("Set the clock. Where the network asks for a login, open a browser first."),
                ) from error
            except self._errors.HTTPError:
                why = msg("The connection fails or is cut.")
            if attempt < TRIES - 1:
                self._cancel.wait(min(max(wait, asked), LONGEST_WAIT_S))
                wait *= 2.0
        raise FileError(
            msg("{why} It was tried {count} times.", why=why, count=TRIES),
            where=address,
            fix=msg("Try again later: what has come is kept. Or bring the files on a stick."),
        )


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _seconds(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,6}", text) else 0.0


def _too_large(address: str, largest: int) -> FileError:
    return FileError(
        msg("The file is larger than {limit:.0f} MB.", limit=largest / 1e6),
        where=address,
        fix=msg("Check the address."),
    )


def _check(answer: Any, address: str) -> None:
    """Raise FileError where an answer is not a file."""
    page = answer.headers.get("Content-Type", "").lower().startswith("text/html")
    if 300 <= answer.status < 400 or (answer.status < 300 and page) or answer.status == 511:
        raise FileError(
            msg("A page came in place of the file."),
            where=address,
            fix=msg("If this network asks for a login, open a browser and log in, then try again."),
        )
    if answer.status >= 300:
        raise FileError(
            msg("The server refuses ({status}).", status=answer.status),
            where=address,
            fix=msg("Check the address, or choose another server."),
        )


def _check_sum(path: Path, tag: str, address: str) -> None:
    """Compare with the sum that object stores give as a file's mark, where it is one."""
    told = _MD5.fullmatch(tag)
    if told is None:
        return
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != told[1]:
        path.unlink()
        raise FileError(
            msg("The file was damaged on its way."), where=address, fix=msg("Try again: it is fetched anew.")
        )
