"""A seeded user in a real browser, and rules that must hold after every gesture.

``user.py``, ``browse.py`` and ``figures.py`` are the gestures, over the controls of ``controls.py``; ``screen.py``
waits until the app has settled and returns the content of the screen; ``truth.py`` computes the expected content of an
address; ``walk.py`` makes one gesture after the other and checks the rules; ``served.py`` runs the app; ``report.py``
prints the table.
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {
    "error": "an error box, or an error page",
    "blank": "a page without its own component",
    "console": "an error in the browser's console",
    "server": "a traceback or an error in the server's log",
    "address": "an address with values that its parameters do not allow",
    "count": "a headline that differs from what glyphcore select counts",
    "selection": "a line under the navigation that shows another selection than the address",
    "fresh": "an address that shows something else in a fresh browser",
    "back": "Back, or Forward after it, that shows something else than before",
    "stuck": "an app that does not come to rest",
    "unreachable": "a visible control that cannot be used",
}
"""Kinds of faults."""


@dataclass(frozen=True)
class Fault:
    """One rule that did not hold."""

    kind: str
    """One of :data:`KINDS`."""
    said: str


@dataclass(frozen=True)
class Broken:
    """A gesture after which a rule did not hold."""

    seed: int
    number: int
    address: str
    faults: tuple[Fault, ...]
    last: tuple[str, ...]
    """The gestures up to this one, ten at most."""


@dataclass(frozen=True)
class Walked:
    """The result of one seed."""

    seed: int
    gestures: int
    seconds: float
    broken: tuple[Broken, ...]
    pages: dict[str, int]
    """Gestures of each page."""
    checks: dict[str, int]
    """Numbers of checks: of counts, with the command, in a fresh browser and with Back."""
