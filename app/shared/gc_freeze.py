"""Objects that the server keeps forever, hidden from the garbage collector."""

from __future__ import annotations

import gc
import sys

_modules = 0
"""Number of loaded modules at the last freeze."""


def freeze() -> None:
    """Hide all loaded objects from the garbage collector; do nothing if no modules were loaded since the last call.

    Streamlit collects garbage after every run, also after runs of fragments. A scan of the objects of all imported
    libraries took most of the processor time of a page turn and delayed the messages of all other users. These
    objects never become garbage.
    """
    global _modules
    if len(sys.modules) != _modules:
        _modules = len(sys.modules)
        gc.freeze()
