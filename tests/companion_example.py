"""What a process that stays does in tests: it answers, fails, dies, or says nothing."""

from __future__ import annotations

import os
import threading


def greeter(word: str):
    if word == "no file":
        raise FileNotFoundError(word)

    def act(what: str) -> str:
        if what == "fail":
            raise ValueError("on purpose")
        if what == "die":
            os._exit(3)
        if what == "hang":
            threading.Event().wait()
        return word

    return act
