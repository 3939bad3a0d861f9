"""Rings of objects end on the window's thread: there are objects of Qt among them."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from cn_planner.gui.collector import Collector


@pytest.fixture
def collector(state):
    gc.enable()
    made = Collector(state)
    yield made
    made.end()
    assert gc.isenabled()


def test_what_a_worker_makes_ends_no_ring_of_the_window(collector, qtbot) -> None:
    ended: list[int] = []
    one = QObject()
    one.ring = one
    held = weakref.ref(one, lambda _: ended.append(threading.get_ident()))
    del one
    made: list[list[object]] = []
    worker = threading.Thread(target=lambda: made.extend([] for _ in range(300_000)))
    worker.start()
    worker.join()
    assert not ended
    qtbot.waitUntil(lambda: held() is None, timeout=30_000)
    assert ended == [threading.get_ident()]


def test_while_the_hand_rests_what_was_kept_for_going_back_goes(collector, state) -> None:
    cache = state.project.workspace.cache
    for number in range(11):
        cache.put(f"result {number}", number, 1_000_000)
    collector.look_at_everything()
    assert cache.bytes_used <= 6 * 1024**2
    assert cache.get("result 10") == 10
    assert cache.get("result 0") is None
