"""The glyph grid: a page of thumbnails over one sprite, driven by the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.shared.assets import component
from app.shared.card_grid import cards
from app.shared.events import on_event
from app.shared.naming import readable_character, readable_label, sorted_by, verdict
from app.shared.prefetch import Prefetched, forget_cached_keys, note_cached_keys, prefetch
from app.shared.tags import read_annotations
from glyphcore.annotations.store import Annotation
from glyphcore.data.labels import codepoints
from glyphcore.results.browse import Page, ResultRow

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

SIZE = (
    '<input type="range" class="size" min="40" max="128" step="8" value="64" aria-label="Card size" title="Card size">'
)
CARDS = cards(f'<div class="current"></div>{SIZE}', "Glyphs, arrow keys move, Enter opens")
HTML = f"""
<section class="glyphcore glyphs" aria-label="Glyphs of the selection">
  {CARDS}
</section>
"""

_grid = component(__file__, HTML)


Describe = Callable[[ResultRow, Page], dict[str, Any]]
"""Returns the data of a row of a page that the browser shows, such as :func:`card`."""


@dataclass(frozen=True)
class Drawing:
    """The component that draws the glyphs of a page, and its extra data."""

    draw: ComponentRenderer = _grid
    """A component whose script extends the script of the grid."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Extra data for that component."""


def grid_data(
    page: Page, prefetched: Sequence[Prefetched], *, shape: tuple[int, int], cursor: int | None,
    annotations: Callable[[Sequence[int]], Mapping[int, Annotation]],
    remarks: Callable[[list[int]], Mapping[int, str]] | None, inspect: str, drawing: Drawing,
) -> dict[str, Any]:  # fmt: skip
    """Return the data that shows a page in the grid. A glyph is opened as ``glyph`` of the address ``inspect``.

    :func:`prefetch_pages` makes ``prefetched``; :func:`page_entry` makes a single entry of it. ``annotations`` and
    ``remarks`` return tags with notes, and reasons to doubt a label, by glyph id. ``shape`` is (thumbnails per row of a
    sprite, pixels per thumbnail), ``cursor`` the glyph under the cursor.
    """
    fresh = [shown["id"] for entry in prefetched if entry["content"] for shown in entry["content"]["items"]]
    ids = list(dict.fromkeys([row.glyph_id for row in page.rows] + fresh))
    return {
        "shown": prefetched[0],
        "near": prefetched[1:],
        "annotations": read_annotations(annotations, ids),
        "remarks": {str(glyph): remark for glyph, remark in (remarks(ids) if remarks else {}).items()},
        "columns": shape[0],
        "thumb": shape[1],
        "cursor": cursor,
        "inspect": inspect,
        **drawing.data,
    }


def glyph_grid(
    data: Mapping[str, Any], drawing: Drawing, *, acknowledged: str, key: str, on_turn: Callable[[int], None],
    on_hide: Callable[[int], None], on_only: Callable[[list[int]], None], on_open: Callable[[int], None],
    on_sort: Callable[[str], None],
) -> None:  # fmt: skip
    """Draw a page from ``data`` of :func:`grid_data`. ``acknowledged``: the change of filters that the page follows.

    The callbacks are called before the run. ``on_turn`` gets the first glyph of the requested page. ``on_hide`` gets a
    glyph whose family is to be hidden. ``on_only`` gets the glyphs to browse alone. ``on_open`` gets a glyph whose
    group is to be shown. ``on_sort`` gets a sort.
    """

    def turned(message: dict[str, Any]) -> None:
        note_cached_keys(key, message.get("cached"))
        on_turn(int(message["start"]))

    turn, ahead = on_event(key, "turn", turned), on_event(key, "ahead", lambda keys: note_cached_keys(key, keys))
    hide = on_event(key, "hide", lambda glyph: on_hide(int(glyph)))
    only = on_event(key, "only", lambda ids: on_only([int(glyph) for glyph in ids or ()]))
    group = on_event(key, "group", lambda glyph: on_open(int(glyph)))
    resort = on_event(key, "sort", lambda sort: on_sort(str(sort)))
    drawing.draw(
        data={**data, "acknowledged": acknowledged}, key=key, on_turn_change=turn, on_ahead_change=ahead,
        on_hide_change=hide, on_only_change=only, on_group_change=group, on_sort_change=resort,
    )  # fmt: skip
    forget_cached_keys(key)


def prefetch_pages(
    selection: str,
    page: Page,
    load_sprite: Callable[[int], tuple[Page, str]],
    *,
    key: str,
    describe: Describe,
) -> list[Prefetched]:
    """Return a page of a ``selection`` (a name that changes with it) and its neighbour pages, for the grid of ``key``.

    ``load_sprite`` returns the page that starts at a glyph, and its sprite as a data URL. It is not called for pages
    that the browser has cached. ``describe`` makes the data of a row for the browser, such as :func:`card`.
    """

    starts = [glyph for glyph in (page.rows[0].glyph_id, page.next, page.previous) if glyph is not None]

    def load_page(i: int) -> dict[str, Any]:
        return _content(selection, starts[i], *load_sprite(starts[i]), describe)

    return prefetch([_page_key(selection, start) for start in starts], key, load_page)


def page_entry(selection: str, page: Page, sprite: str, describe: Describe) -> Prefetched:
    """Return the entry of a page as :func:`prefetch_pages` makes it for a browser with an empty cache."""
    start = page.rows[0].glyph_id
    return {"key": _page_key(selection, start), "content": _content(selection, start, page, sprite, describe)}


def _page_key(selection: str, start: int) -> str:
    return f"{selection}.{start}"


def _content(selection: str, start: int, page: Page, sprite: str, describe: Describe) -> dict[str, Any]:
    return {
        "selection": selection,
        "start": start,
        "sprite": sprite,
        "items": [describe(row, page) for row in page.rows],
        "position": page.position,
        "total": page.total,
        "pages": {"first": page.first, "previous": page.previous, "next": page.next, "last": page.last},
    }


def item(row: ResultRow) -> dict[str, Any]:
    """Return the data of a row that the components show."""
    sign, kind, words = verdict(row.correct, row.unicode_correct, row.twin_correct)
    return {
        "id": row.glyph_id,
        "truth": readable_character(row.base, row.label),
        "pred": readable_character(row.pred_base, row.pred),
        "truthName": readable_label(row.label),
        "predName": readable_label(row.pred),
        "codes": codepoints(row.base),
        "predCodes": codepoints(row.pred_base),
        "family": f"{row.family} {row.style}".strip(),
        "p": round(row.p1, 3),
        "sign": sign,
        "kind": kind,
        "words": words,
    }


def card(row: ResultRow, page: Page) -> dict[str, Any]:
    """Return the data of a card for a row: with its sort value and the number of hidden glyphs of its group."""
    glyph = row.glyph_id
    return item(row) | {"figure": sorted_by(page.by, page.values.get(glyph), row), "more": page.more.get(glyph, 0)}
