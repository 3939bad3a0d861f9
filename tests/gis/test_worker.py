"""Processes in which files of strangers are opened: what passes a limit is ended, in words, and the next is read."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import sandboxed_example as example

from cn_planner import faults
from cn_planner.errors import CancelledError, FileError, UnknownPlaceError
from cn_planner.gis import worker
from cn_planner.progress import CancelToken, cancelled_by


@pytest.fixture
def file(tmp_path, monkeypatch):
    before = os.environ.get("PYTHONPATH")
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(one for one in (here, before) if one))
    monkeypatch.setattr(faults, "log_path", lambda: tmp_path / "faults.log")
    worker._end_all()  # those of other tests know another path
    yield tmp_path / "file.tif"
    worker._end_all()


def test_an_answer_comes_whole_and_the_process_stays_for_the_next_file(file):
    first, name, values = example.act(file, "say")
    assert (first != os.getpid(), name) == (True, "file.tif")
    np.testing.assert_array_equal(values, np.arange(6, dtype=np.float32).reshape(2, 3))
    values[0, 0] = 7.0  # it is the caller's own
    assert example.act(file, "say")[0] == first
    assert example.act(file, "nested") == first  # what calls another door within is not sent on
    with pytest.raises(UnknownPlaceError, match=r"Somewhere, 3\. Say where") as caught:
        example.act(file, "fail")
    assert (caught.value.where, caught.value.corner) == (str(file), (1.0, 2.0))
    assert example.act(file, "say")[0] == first


def test_who_has_nothing_to_do_gives_its_memory_back_when_asked(file):
    first = example.act(file, "say")[0]
    worker.end_idle()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert example.act(file, "say")[0] != first


@pytest.mark.parametrize(
    ("what", "words"),
    [("hang", "took longer than 2 s"), ("grow", "more than 300 MB"), ("die", "cannot be read"), ("code", "cannot be")],
)
def test_what_passes_a_limit_or_dies_is_said_and_the_next_file_is_read(file, what, words):
    if what == "grow" and not sys.platform.startswith("linux"):
        pytest.skip("the limit of memory is measured on Linux alone")
    with pytest.raises(FileError, match=words) as caught:
        example.act(file, what)
    assert (caught.value.where, caught.value.fix is not None) == (str(file), True)
    assert not Path(f"{file}.made").exists()
    assert example.act(file, "say")[1] == "file.tif"


def test_what_nobody_foresaw_is_in_the_log_with_its_place(file):
    with pytest.raises(FileError, match="cannot be read"):
        example.act(file, "unforeseen")
    log = faults.log_path().read_text(encoding="utf-8")
    assert "nobody foresaw this" in log
    assert "sandboxed_example.py" in log


def test_a_long_file_that_goes_on_is_no_hanging_one(file):
    told: list[float] = []
    assert example.act(file, "slowly", progress=lambda done, *_: told.append(done)) == "done"
    assert len(told) > 5
    assert told == sorted(told)


def test_a_job_is_cancelled_while_a_file_hangs(file):
    token = CancelToken()
    timer = threading.Timer(0.5, token.cancel)
    timer.start()
    begun = time.monotonic()
    with cancelled_by(token), pytest.raises(CancelledError):
        example.act(file, "hang")
    timer.join()
    assert time.monotonic() - begun < 1.4 + worker._START_S


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes are not stopped there")
def test_a_process_that_a_dead_drive_holds_is_given_up(file):
    pid = example.act(file, "say")[0]
    os.kill(pid, signal.SIGSTOP)  # as a read does that never comes back
    token = CancelToken()
    threading.Timer(0.5, token.cancel).start()
    with cancelled_by(token), pytest.raises(CancelledError):
        example.act(file, "say")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_process_stays_when_the_program_ends(file):
    program = (
        "import sandboxed_example as e, pathlib, threading, os\n"
        f"print(e.act(pathlib.Path({str(file)!r}), 'say')[0], flush=True)\n"
        f"threading.Thread(target=e.act, args=(pathlib.Path({str(file)!r}), 'hang'), daemon=True).start()\n"
        "threading.Event().wait(1.0)\n"
    )
    import subprocess

    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    pid = int(done.stdout.split()[0])
    assert time.monotonic() - begun < 30.0
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        raise AssertionError(f"process {pid} is there still")
