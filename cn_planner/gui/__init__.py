"""The window. Qt lives here and nowhere else."""

import builtins

import PySide6.QtCore  # noqa: F401 - what follows is of its making

# From the first class of Qt on PySide reads the source of every module that is imported, to see whether it asks for
# Qt's names in Python's style. None here does: that was 0.1 s of each start, and the window waited for it whenever
# another thread imported something. What loads Qt's classes when they are first asked for stays.
if hasattr(builtins, "__orig_import__"):
    builtins.__import__ = builtins.__orig_import__
del builtins
