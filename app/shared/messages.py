"""Messages in place of glyphs: nothing evaluated yet, nothing selected, an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from html import escape
from typing import ParamSpec

import streamlit as st

from app.shared import view as state
from app.shared.conditions import excluded_conditions
from app.shared.naming import OUTCOMES, readable_size
from glyphcore.errors import GlyphError
from glyphcore.results.filters import Filters

P = ParamSpec("P")


@dataclass
class Problem:
    """A problem in one line; empty if there is none."""

    text: str = ""


@contextmanager
def problem() -> Iterator[Problem]:
    """Catch an error caused by the input, for a component that shows the message in its own place."""
    message = Problem()
    try:
        yield message
    except GlyphError as error:
        message.text = str(error)


@contextmanager
def explained() -> Iterator[None]:
    """Show an error caused by the input as one line."""
    try:
        yield
    except GlyphError as error:
        st.error(str(error), icon=":material/error:")


def no_such_glyph(glyph: int, browse: str) -> None:
    """Say that the results have no such glyph; ``browse`` is the address of the selection."""
    st.error(f"These results have no glyph {glyph}.", icon=":material/error:")
    st.html(f'<a class="back" href="{escape(browse)}">Choose a glyph in Browse</a>')


def fragment(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a part of a page that can run alone, as ``st.fragment``; it shows its own errors when it runs alone."""

    @st.fragment
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        with explained():
            draw(*args, **kwargs)

    return drawn


def missing(notes: Sequence[str]) -> None:
    """Say once what data is missing, and that the page hides the parts that need it."""
    if notes:
        st.caption("  ".join(notes))


def nothing_selected(filters: Filters, drop: Callable[..., None] | None = None) -> None:
    """Explain an empty selection: name every active filter, each with a button that removes it.

    ``drop`` gets the changed fields of the filters before the run. Without ``drop``, Browse's filters change.
    """
    st.subheader("No glyph passes all filters")
    active: list[tuple[str, dict[str, object]]] = [("the chosen set", {"ids": ""})] if filters.ids else []
    if filters.search:
        active.append((f"search “{filters.search}”", {"search": ""}))
    if filters.outcome:
        active.append((f"outcome {OUTCOMES[filters.outcome]}", {"outcome": ""}))
    for name, title in (("split", "split"), ("char_class", "class"), ("family", "family"), ("base", "character"),
                        ("label", "label"), ("pred", "predicted as"), ("tag", "tag")):  # fmt: skip
        if chosen := getattr(filters, name):
            active.append((f"{title} {', '.join(chosen)}", {name: ()}))
    for condition in excluded_conditions(filters):
        active.append((condition.text, condition.without))
    if filters.size:
        active.append((f"size {readable_size(filters.size)}", {"size": ""}))
    if filters.pattern:
        active.append((f"cells {filters.pattern}", {"pattern": ""}))
    if filters.like:
        active.append((f"similar by {filters.like.replace('-', ' to ')}", {"like": ""}))
    if (filters.p_min, filters.p_max) != (0.0, 1.0):
        active.append((f"confidence {filters.p_min:g}–{filters.p_max:g}", {"p_min": 0.0, "p_max": 1.0}))
    st.write("Remove one of the filters:" if active else "These results hold no glyphs.")
    with st.container(horizontal=True):
        for line, change in active:
            st.button(f"Remove {line}", on_click=drop or _drop, kwargs=change)


def _drop(**change: object) -> None:
    """Drop a filter of Browse and rerun the page: this code is in a fragment; filters and counts are outside of it."""
    state.select(**change)
    st.session_state["again"] = True
