"""What the server keeps in memory for good, and what it need not look at again."""

from __future__ import annotations

import gc
import sys

_modules = 0
"""How many were loaded when memory was last settled."""


def freeze() -> None:
    """Take everything that is loaded by now out of the garbage collector's sight; nothing to do unless modules came.

    Streamlit collects garbage after every run, fragments included. Going over the objects of all imported libraries
    took most of a page turn's processor time and held up everybody else's messages; they never become garbage.
    """
    global _modules
    if len(sys.modules) != _modules:
        _modules = len(sys.modules)
        gc.freeze()
