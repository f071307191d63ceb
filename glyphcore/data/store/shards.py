"""A database cut into parts that can be worked on apart from each other: one process, or one machine, each.

A part is a run of keys, so that it is read like the whole, and parts of one database never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

from glyphcore.data.store.reader import GlyphStore
from glyphcore.errors import ConfigError


@dataclass(frozen=True)
class Part:
    """Some glyphs of a database: keys above ``after``, up to ``upto``; None is no limit."""

    after: int | None = None
    upto: int | None = None
    count: int | None = None
    """Glyphs; None is all there are."""
    name: str = ""
    """Suffix of the names of files about this part."""


EVERYTHING = Part()
SHARD = 10_000
"""Glyphs of a shard where nobody says how many there are: with a worker, ten seconds of a core are lost at most."""


def shards_of(glyphs: int, wanted: int = 0) -> int:
    """How many parts a database of so many glyphs is cut into: as many as are wanted, two at least if it can be."""
    return min(glyphs, max(wanted or -(-glyphs // SHARD), 2))


def part(store: GlyphStore, number: int, of: int) -> Part:
    """Return the ``number``-th (from 1) of ``of`` parts of about as many glyphs each; with 1 of 1, everything.

    Raises ConfigError when there are fewer glyphs than parts.
    """
    if of == 1:
        return EVERYTHING
    total = store.count()
    if of > total:
        raise ConfigError(f"shard must be one of {total} at most, there are no more glyphs.", subject="shard")
    edges = [total * i // of for i in (number - 1, number)]
    return Part(
        after=store.key_at(edges[0] - 1) if number > 1 else None,
        upto=store.key_at(edges[1] - 1) if number < of else None,
        count=edges[1] - edges[0],
        name=f"-{number}of{of}",
    )
