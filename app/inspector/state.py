"""The state of the inspector, all of it in the URL: the open panel, other checkpoints to compare with, and edits.

Parameters: ``panel``, ``beside`` (once for each results file), ``edit`` (``55-0.56-12``: cell 55 gets primitive 0,
then cell 56 gets primitive 12), ``outline`` and ``near``. The next glyph keeps the panel and drops the edits, because
edits belong to one glyph.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app.shared import address
from app.shared import view as views

PANELS = ("", "edit", "sensitivity", "fix", "models", "near", "families")
"""Empty: the candidates."""
NEAR = ("", "all", "train")
"""Scope of the neighbours: other families, every glyph, the training split."""
CELL_SEARCH = "cells "
"""Prefix of a message with a pattern of cells to search for."""
MAX_EDITS, MAX_OTHERS = 64, 8
CELLS, PRIMITIVES = 256, 65536


@dataclass(frozen=True)
class InspectorState:
    """The state that decides how the inspector shows a glyph, apart from the glyph's id."""

    panel: str = ""
    others: tuple[str, ...] = ()
    """File names of other checkpoints' results."""
    edits: tuple[tuple[int, int], ...] = ()
    """Cells and their new primitives, in the order of the edits."""
    outline: bool = False
    near: str = ""


def decode(query: Mapping[str, list[str]]) -> InspectorState:
    """Turn query parameters into a state; an unknown or malformed parameter falls back to its default."""

    def last(name: str) -> str:
        return (query.get(name) or [""])[-1]

    def one(name: str, choices: tuple[str, ...]) -> str:
        return last(name) if last(name) in choices else ""

    edits = []
    for part in last("edit").split(".")[:MAX_EDITS]:
        if match := re.fullmatch(r"(\d{1,3})-(\d{1,5})", part, re.ASCII):
            edits.append((int(match[1]), int(match[2])))
    return InspectorState(
        panel=one("panel", PANELS),
        others=tuple(dict.fromkeys(query.get("beside", [])))[:MAX_OTHERS],
        edits=tuple(edit for edit in edits if edit[0] < CELLS and edit[1] < PRIMITIVES),
        outline=one("outline", ("1",)) == "1",
        near=one("near", NEAR),
    )


def encode(current: InspectorState) -> views.Query:
    """Inverse of :func:`decode`."""
    query: views.Query = {
        "panel": current.panel,
        "beside": list(current.others),
        "edit": ".".join(f"{cell}-{primitive}" for cell, primitive in current.edits),
        "outline": "1" if current.outline else "",
        "near": current.near,
    }
    return {name: value for name, value in query.items() if value}


def updated(current: InspectorState, change: Mapping[str, Any]) -> InspectorState:
    """Return the state after a change from the component: fields of :class:`InspectorState` as JSON. Malformed fields
    are ignored."""
    plain = encode(current)
    for name in ("panel", "near"):
        if name in change:
            plain[name] = str(change[name])
    if "outline" in change:
        plain["outline"] = "1" if change["outline"] else ""
    if isinstance(change.get("others"), list):
        plain["beside"] = [str(name) for name in change["others"]]
    if isinstance(change.get("edits"), list):
        plain["edit"] = ".".join("-".join(map(str, edit)) for edit in change["edits"] if isinstance(edit, list))
    return decode({name: value if isinstance(value, list) else [value] for name, value in plain.items()})


def read() -> InspectorState:
    """Return the current state from the URL."""
    return decode({name: st.query_params.get_all(name) for name in ("panel", "beside", "edit", "outline", "near")})


def write(view: views.View, current: InspectorState) -> None:
    """Make ``view`` and ``current`` the current view and state, in the URL and for this session."""
    st.session_state["view"] = view
    query = views.encode(view) | encode(current)
    address.write(query)


def without_edits(current: InspectorState) -> InspectorState:
    """Return the state for another glyph."""
    return replace(current, edits=())


def leads_out(where: int | str) -> bool:
    """Return whether a message asks for Browse and not for another glyph."""
    return where in ("back", "grid", "embedding") or str(where).startswith(CELL_SEARCH)


def beyond(view: views.View, where: str) -> views.Query:
    """Return the query for Browse: ``back`` is the selection, ``grid`` or ``embedding`` are the most similar glyphs,
    and ``cells`` are the glyphs with a pattern of cells. Raises StoreError for a malformed pattern."""
    if where.startswith(CELL_SEARCH):
        return views.search(view.results, cells=where.removeprefix(CELL_SEARCH))
    return views.encode(replace(view, start=None) if where == "back" else views.alike(view, where))
