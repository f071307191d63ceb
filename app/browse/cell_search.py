"""Search by cells and by similarity: two fields in the filter panel, and a chip for each condition at its top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from app.shared import parameters
from app.shared import view as state
from glyphcore.errors import GlyphError, StoreError
from glyphcore.results import cell_pattern as pattern
from glyphcore.results.filters import NEAREST, Filters, parse_likeness

PREFIX = "filter_"
OPENED = "cells_opened"
"""Whether this session has searched by cells or similarity: the fields stay open after their first use."""
BY = {"grid": "Grid", "embedding": "Embedding"}


def search_cells(filters: Filters, has: Callable[[int], bool]) -> None:
    """Draw both searches. Valid text goes to the URL before the next run; an error is shown under its field.

    ``has`` tells whether the results have a glyph with that id.
    """
    like_glyph = partial(_like, has)
    chosen = pattern.parse(filters.pattern)
    by, like = parameters.reflected(f"{PREFIX}like_by") or "grid", None
    if filters.like:
        by, like = parse_likeness(filters.like)
    with st.expander("Cells and similarity", expanded=bool(chosen or like or st.session_state.get(OPENED))):
        field, wrong = st.session_state.pop(f"{PREFIX}malformed", ("", ""))
        texts = {"pattern": filters.pattern, "like": "" if like is None else str(like)}
        if wrong:  # the typed text stays, to be corrected
            texts = {name: parameters.reflected(f"{PREFIX}{name}") for name in texts}
        keys = {name: parameters.reflect(f"{PREFIX}{name}", value) for name, value in (texts | {"like_by": by}).items()}
        st.text_input(
            "Primitives in cells", key=keys["pattern"], on_change=_typed, args=("pattern", _pattern),
            placeholder="5,3=17  any=230",
            help="Write `row,column=ID`; rows and columns start at 0. `any=17`: some cell is 17. `5,3=*`: the cell has "
            "ink. `5,3=0`: the cell is empty. `any=17>42`: the target is 17, the prediction is 42. `any=17>*`: the "
            "target is 17, the prediction is wrong.",
        )  # fmt: skip
        if field == "pattern":
            st.caption(f":orange[✗ {wrong}]")
        st.text_input(
            "Similar to glyph", key=keys["like"], on_change=_typed, args=("like", like_glyph), placeholder="glyph id",
            help=f"The {NEAREST:,} most similar glyphs, most similar first.",
        )  # fmt: skip
        if field == "like":
            st.caption(f":orange[✗ {wrong}]")
        st.segmented_control(
            "By", list(BY), key=keys["like_by"], format_func=BY.__getitem__, on_change=_typed,
            args=("like", like_glyph), label_visibility="collapsed", required=True,
        )  # fmt: skip


def chips(filters: Filters) -> None:
    """Draw a button for each active condition, which removes the condition; draw nothing without conditions."""
    chosen = pattern.parse(filters.pattern)
    if not chosen and not filters.like:
        return
    with st.container(horizontal=True, gap="small"):
        for condition in chosen:
            rest = pattern.write([other for other in chosen if other != condition])
            _chip(f"{condition}".replace("*", r"\*"), words(condition), pattern=rest)
        if filters.like:
            by, like = parse_likeness(filters.like)
            _chip(f"similar to {like:,}", f"similar to glyph {like:,} by {by}", like="")


def words(condition: pattern.Condition) -> str:
    """Return a condition in words: ``row 5, column 3 is 17``."""
    row, column = divmod(condition.cell, 16)
    where = "some cell" if condition.cell == pattern.ANY else f"row {row}, column {column}"
    read = {pattern.ANY: "has ink", 0: "is empty"}.get(condition.read, f"is {condition.read}")
    if condition.target is None:
        return f"{where} {read}"
    target, predicted = (
        "another primitive" if primitive == pattern.ANY else f"{primitive}"
        for primitive in (condition.target, condition.read)
    )
    return f"{where}: target {target}, predicted {predicted}"


def _chip(text: str, meaning: str, **without: Any) -> None:
    st.button(
        text, key=f"chip_{text}", icon=":material/close:", help=f"Remove: {meaning}", on_click=state.select,
        kwargs=without,
    )  # fmt: skip


def _typed(field: str, change: Callable[[], dict[str, Any]]) -> None:
    st.session_state[OPENED] = True
    try:
        changes = change()
        replace(Filters(), **changes)
    except GlyphError as error:
        st.session_state[f"{PREFIX}malformed"] = field, str(error)
    else:
        state.select(**changes)
        parameters.rewrite(f"{PREFIX}{field}", changes.get("pattern", changes.get("like", "").rpartition("-")[2]))


def _pattern() -> dict[str, Any]:
    return {"pattern": pattern.write(pattern.parse(parameters.reflected(f"{PREFIX}pattern")))}


def _like(has: Callable[[int], bool]) -> dict[str, Any]:
    glyph = parameters.reflected(f"{PREFIX}like").strip().lstrip("#").replace(",", "")
    by = parameters.chosen_option(f"{PREFIX}like_by", BY) or "grid"
    like = f"{by}-{glyph}" if glyph else ""
    if like and not has(parse_likeness(like)[1]):
        raise StoreError(
            f"These results have no glyph {glyph}.", remedy="Inspect and the table show the id of each glyph."
        )
    return {"like": like}
