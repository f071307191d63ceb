"""Parts of a database that can be processed independently: by one process, or one machine, each.

A part is a range of keys, so it is read like the whole database, and parts of one database never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

from glyphcore.data.store.reader import GlyphStore
from glyphcore.errors import ConfigError


@dataclass(frozen=True)
class Part:
    """Some glyphs of a database: keys above ``after``, up to ``upto``; None means no limit."""

    after: int | None = None
    upto: int | None = None
    count: int | None = None
    """Number of glyphs; None stands for all."""
    name: str = ""
    """Suffix of the names of files about this part."""


EVERYTHING = Part()
SHARD = 10_000
"""Default number of glyphs of a shard: if a worker dies, at most ten seconds of a core are lost."""


def shards_of(glyphs: int, wanted: int = 0) -> int:
    """Return the number of parts for a database with this number of glyphs: the wanted number, and at least two if
    possible."""
    return min(glyphs, max(wanted or -(-glyphs // SHARD), 2))


def part(store: GlyphStore, number: int, of: int) -> Part:
    """Return the ``number``-th (from 1) of ``of`` parts with similar numbers of glyphs; 1 of 1 is everything.

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
