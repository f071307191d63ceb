"""A preview of a choice of filters: its first page of glyphs, made without a session and before its run.

The run of the page follows and is the truth. Preview and run make the page with the same functions. So the page has the
same key in both, and the run has nothing left to draw.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlencode

from app.browse.filters import changed, filter_choices
from app.shared import glyphs as cache
from app.shared import label_issues, parameters, pictures, sources
from app.shared import view as state
from app.shared.annotations import of_glyphs
from app.shared.choices import valid_changes
from app.shared.grid import Drawing, card, grid_data, page_entry
from app.shared.naming import facet_options
from app.shared.prefetch import PREVIEW, Prefetched
from app.shared.sources import Source
from glyphcore.errors import StoreError
from glyphcore.results.browse import Page
from glyphcore.results.filters import FACETS
from glyphcore.results.selection import FacetValue


def preview_address(source: Source, view: state.View) -> str:
    """Return the address that previews changes of ``view``; empty for a table, which has no previews."""
    if view.layout != "grid":
        return ""
    query = urlencode(state.encode(replace(view, start=None, glyph=None)), doseq=True)
    return f"{PREVIEW}?{urlencode({'results': source.file.path.name, 'view': query})}"


def preview(results: str, query: str, changes: str) -> dict[str, Any] | None:
    """Return the grid's data for the view ``query`` of these results after the panel's ``changes`` (JSON).

    None if the page does not show a grid (nothing is selected), or if some data must be made first. Raises StoreError
    for an invalid query, for changes that the panel does not offer, and for missing or incomplete results.
    """
    source = sources.named(results)
    view = state.decode(parse_qs(query), lambda _: _refused("The address is not a view of Browse"))
    sized = source.store.selector.extents() is not None
    offered = filter_choices(view.filters, _uncounted(source), cache.options(source, facet_options), sized=sized)
    view = state.selected(view, **changed(view.filters, valid_changes(offered, _parsed(changes), _refused)))
    if view.layout != "grid" or cache.lacking(source, view.filters, view.sort):
        return None
    page = cache.page(source, view.filters, view.sort, None, most=view.most)
    if not page.rows:
        return None
    sprite = pictures.sprite(source, [row.glyph_id for row in page.rows])
    entry = page_entry(selection_name(source, view), page, sprite, card)
    return page_data(source, view, page, [entry], Drawing())


def selection_name(source: Source, view: state.View) -> str:
    """Return a name for the selection and layout of a view."""
    return f"{view.layout} {cache.selection(source, view.filters, view.sort, most=view.most)}"


def page_data(
    source: Source, view: state.View, page: Page, entries: Sequence[Prefetched], drawing: Drawing
) -> dict[str, Any]:
    """Return the data with which the grid shows a ``page`` of ``view``, the first of ``entries``."""
    doubtful = "noise" in (view.filters.outcome, view.sort)
    return grid_data(
        page, entries, shape=pictures.SPRITE, cursor=view.glyph, annotations=partial(of_glyphs, source),
        remarks=partial(label_issues.reasons, source) if doubtful else None, drawing=drawing,
        inspect=parameters.link("inspect", state.encode(replace(view, start=None, glyph=None))),
    )  # fmt: skip


def _uncounted(source: Source) -> dict[str, list[FacetValue]]:
    """Return facets for the offered choices: only the tags in use matter here, the other counts do not."""
    tags = [FacetValue(tag, len(ids), 0) for tag, ids in source.annotated.tagged().items()]
    return {facet: tags if facet == "tag" else [] for facet in FACETS}


def _parsed(changes: str) -> dict[str, Any]:
    try:
        parsed = json.loads(changes)
        json.dumps(parsed, ensure_ascii=False).encode()  # a lone surrogate cannot be encoded in an address
    except (ValueError, RecursionError):
        parsed = None
    return parsed if isinstance(parsed, dict) else _refused("The changes are not a JSON object")


def _refused(line: str) -> NoReturn:
    raise StoreError(f"{line}.", remedy="Reload the page.")
