"""The glyph grid: a page of thumbnails over one sprite, driven by the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.shared.assets import component
from app.shared.card_grid import cards
from app.shared.events import heard
from app.shared.naming import readable, shown, verdict
from app.shared.prefetch import Parcel, holds, parcels, sent
from app.shared.tags import plain
from glyphcore.annotations.store import Mark
from glyphcore.data.labels import codepoints
from glyphcore.results.browse import Page, ResultRow

CARDS = cards('<div class="current"></div>', "Glyphs, arrow keys move, Enter opens")
HTML = f"""
<section class="glyphcore glyphs" aria-label="Glyphs of the selection">
  {CARDS}
</section>
"""

_grid = component(__file__, HTML)


def glyph_grid(
    page: Page, around: Sequence[Parcel], *, shape: tuple[int, int], cursor: int | None, key: str,
    marks: Callable[[list[int]], Mapping[int, Mark]], remarks: Callable[[list[int]], Mapping[int, str]] | None,
    inspect: str, on_turn: Callable[[int], None],
) -> None:  # fmt: skip
    """Draw a page. A glyph that is opened is ``glyph`` of the address ``inspect``.

    ``around`` is of :func:`page_parcels`. ``marks`` and
    ``remarks`` tell what is to be said of glyphs. ``shape`` is (thumbnails a row of a sprite, pixels a thumbnail),
    ``cursor`` the glyph to stand on. ``on_turn`` gets the glyph that the wanted page starts at, before the run.
    """
    fresh = [each["id"] for one in around if one["whole"] for each in one["whole"]["items"]]
    ids = list(dict.fromkeys([row.glyph_id for row in page.rows] + fresh))
    data = {
        "shown": around[0],
        "near": around[1:],
        "marks": plain(marks(ids)),
        "remarks": {str(each): remark for each, remark in (remarks(ids) if remarks else {}).items()},
        "columns": shape[0],
        "thumb": shape[1],
        "cursor": cursor,
        "inspect": inspect,
    }

    def turned(wanted: dict[str, Any]) -> None:
        holds(key, wanted.get("held"))
        on_turn(int(wanted["start"]))

    turn, ahead = heard(key, "turn", turned), heard(key, "ahead", lambda keys: holds(key, keys))
    _grid(data=data, key=key, on_turn_change=turn, on_ahead_change=ahead)
    sent(key)


def page_parcels(selection: str, page: Page, drawn: Callable[[int], tuple[Page, str]], *, key: str) -> list[Parcel]:
    """A page of a ``selection`` (a name that changes with it) and those next to it, for the grid of that ``key``.

    ``drawn`` gives the page that starts at a glyph with its sprite, a data URL; it is not asked for what the browser
    holds.
    """

    starts = [each for each in (page.rows[0].glyph_id, page.next, page.previous) if each is not None]

    def whole(i: int) -> dict[str, Any]:
        found, sprite = drawn(starts[i])
        return {
            "selection": selection,
            "start": starts[i],
            "sprite": sprite,
            "items": [item(row) for row in found.rows],
            "position": found.position,
            "total": found.total,
            "pages": {"first": found.first, "previous": found.previous, "next": found.next, "last": found.last},
        }

    return parcels([f"{selection}.{each}" for each in starts], key, whole)


def item(row: ResultRow) -> dict[str, Any]:
    """What the components show of one row."""
    sign, kind, words = verdict(row.correct, row.unicode_correct, row.twin_correct)
    return {
        "id": row.glyph_id,
        "truth": shown(row.base, row.label),
        "pred": shown(row.pred_base, row.pred),
        "truthName": readable(row.label),
        "predName": readable(row.pred),
        "codes": codepoints(row.base),
        "predCodes": codepoints(row.pred_base),
        "family": f"{row.family} {row.style}".strip(),
        "p": round(row.p1, 3),
        "sign": sign,
        "kind": kind,
        "words": words,
    }
