"""Selections of glyphs and single glyphs, for Browse and Inspect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from zlib import crc32

import streamlit as st

from app.shared import cell_index, label_issues, pictures, sources
from app.shared.refusals import refuse
from app.shared.replaced import let_go_with_results
from app.shared.sources import Source
from glyphcore.analysis.selection_sheet import Beside, sheet
from glyphcore.data.store import GlyphRow
from glyphcore.errors import StoreError
from glyphcore.results import sets
from glyphcore.results.browse import Neighbours, Page, ResultsStore
from glyphcore.results.export import to_csv, to_jsonl
from glyphcore.results.filters import Filters, fixed, fixed_sort
from glyphcore.results.inspection import Inspection, inspect
from glyphcore.results.selection import FacetValue, Summary

Options = dict[str, dict[str, str]]
"""Facet → value → display text."""
PAGE = 96
"""Glyphs per page."""


def page(source: Source, filters: Filters, sort: str, start: int | None, limit: int = PAGE, *, most: str = "") -> Page:
    """Return one page of a selection; ``most`` limits the glyphs of each group."""
    cell_index.ensure(source, filters)
    label_issues.ensure_label_issues(source, filters, sort)
    return source.store.page(filters, sort, start, limit, most=most)


def page_of(source: Source, filters: Filters, sort: str, glyph: int, *, most: str = "") -> int | None:
    """Return the first glyph of the page with ``glyph``; None if the glyph is outside the selection."""
    return source.store.start_of(filters, sort, glyph, PAGE, most=most)


def page_with_sprite(source: Source, filters: Filters, sort: str, most: str, start: int) -> tuple[Page, str]:
    """Return the page that starts at a glyph, and its sprite."""
    result_page = page(source, filters, sort, start, most=most)
    return result_page, pictures.sprite(source, [row.glyph_id for row in result_page.rows])


def selection(source: Source, filters: Filters, sort: str, *, most: str = "") -> str:
    """Return a name for a sorted selection. The name changes when the glyphs of the selection may have changed."""
    beside = selection_state(source, filters, sort)
    return f"{crc32(repr((sources.stamp(source.file.path), filters, sort, most, beside)).encode()):08x}"


def selection_state(source: Source, filters: Filters, sort: str = "loss") -> tuple:
    """Return the state besides results and filters that a selection depends on; empty for most selections."""
    return () if fixed(filters) and fixed_sort(sort) else _annotation_state(source)


def shown(source: Source, filters: Filters, sort: str, most: str) -> int:
    """Return the number of glyphs in a selection with at most ``most`` glyphs of a group."""
    return source.store.shown(filters, sort, most)


def ready(source: Source, filters: Filters) -> None:
    """Make sure that all data for ``filters`` exists; show a spinner while it is made."""
    cell_index.ensure(source, filters)
    label_issues.ensure_label_issues(source, filters, "")


def lacking(source: Source, filters: Filters, sort: str) -> bool:
    """Return whether :func:`page` must first make some data, which takes a while."""
    return cell_index.lacking(source, filters) or label_issues.lacking(source, filters, sort)


def facets(source: Source, filters: Filters) -> dict[str, list[FacetValue]]:
    """Return the values of every facet with their counts."""
    cell_index.ensure(source, filters)
    label_issues.ensure_label_issues(source, filters, "")
    return _facets(sources.stamp(source.file.path), filters, _annotation_state(source), source.store)


def options(source: Source, name_values: Callable[[Mapping[str, Sequence[str]]], Options]) -> Options:
    """Return the values of every facet of these results with their titles, which ``name_values`` makes."""
    return _options(sources.stamp(source.file.path), name_values, source.store)


def summary(source: Source, filters: Filters) -> Summary:
    """Return the counts over a selection."""
    return source.store.summary(filters)


def neighbours(source: Source, filters: Filters, sort: str, glyph: int, *, most: str = "") -> Neighbours:
    """Return the position of a glyph in a selection."""
    cell_index.ensure(source, filters)
    label_issues.ensure_label_issues(source, filters, sort)
    return source.store.neighbours(filters, sort, glyph, most=most)


def standing(
    source: Source, filters: Filters, sort: str, most: str, glyph: int
) -> tuple[Neighbours, Inspection, GlyphRow | None, str]:
    """Return a glyph of a selection: its position there, and the result of :func:`inspection`."""
    return neighbours(source, filters, sort, glyph, most=most), *inspection(source, glyph)


def keep(source: Source, ids: Iterable[int]) -> str:
    """Store a set of glyphs beside the results; return its key for a link. Where it cannot be stored, the page says so,
    and the key is empty."""
    try:
        return sets.save(source.file.path.parent, ids)
    except StoreError as error:
        refuse(str(error).removesuffix("."))
        return ""


def export(source: Source, filters: Filters, sort: str, kind: str, *, most: str = "") -> bytes:
    """Return a whole selection as ``csv`` or ``jsonl``; ``html``: its figures, and its first glyphs with pictures."""
    if kind == "html":
        return "\n".join(sheet(source.store, filters, sort, most, _beside(source))).encode()
    write = to_csv if kind == "csv" else to_jsonl
    return write(source.store.export(filters, sort, most=most)).encode()


def _beside(source: Source) -> Beside:
    """Return the pictures, tags and notes for a sheet."""
    return Beside(
        None if source.database is None else partial(pictures.rasters, source.database),
        lambda ids: {glyph: annotation.words for glyph, annotation in source.annotated.of_glyphs(ids).items()},
    )


def inspection(source: Source, glyph: int) -> tuple[Inspection, GlyphRow | None, str]:
    """Return a glyph, its database row, and the sprite of its candidates' examples. StoreError: unknown id."""
    return _inspection(sources.stamp(source.file.path), glyph, source)


def _annotation_state(source: Source) -> tuple:
    """Return the state that selections and counts depend on besides results and filters."""
    tagged = source.annotated.tagged().items()
    selector = source.store.selector
    return selector.issues() is None, selector.extents() is None, *((tag, ids.tobytes()) for tag, ids in tagged)


@st.cache_data(max_entries=128, show_spinner=False)
def _facets(
    stamp: tuple[str, int], filters: Filters, annotation_state: tuple, _store: ResultsStore
) -> dict[str, list[FacetValue]]:
    """``annotation_state``: see :func:`_annotation_state`."""
    return _store.facets(filters)


@let_go_with_results
@st.cache_resource(max_entries=8, show_spinner=False)
def _options(
    stamp: tuple[str, int], _name_values: Callable[[Mapping[str, Sequence[str]]], Options], _store: ResultsStore
) -> Options:
    return _name_values(_store.columns.words)


@st.cache_data(max_entries=256, show_spinner=False)
def _inspection(stamp: tuple[str, int], glyph: int, _source: Source) -> tuple[Inspection, GlyphRow | None, str]:
    packed, stored = None, None
    if _source.database is not None:
        stored = next(iter(_source.database.glyphs([glyph])), None)
        packed = pictures.rasters(_source.database, [glyph])[0]
    seen = inspect(_source.store, glyph, packed if packed is not None and packed.any() else None)
    return (
        seen,
        stored,
        pictures.sprite(_source, [example for candidate in seen.candidates for example in candidate.examples]),
    )
