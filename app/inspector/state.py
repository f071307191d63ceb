"""How one glyph is looked at: which panel is open, what stands beside it, what was edited. All of it is in the URL.

``panel``, ``beside`` (once a results file), ``edit`` (``55-0.56-12``: cell 55 gets primitive 0, then …), ``outline``
and ``near``. Going on to another glyph keeps how one looks and drops the edits, which belong to a glyph.
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
"""Whose neighbours: other families, everybody, the training split."""
MOST_EDITS, MOST_BESIDE = 64, 8
CELLS, PRIMITIVES = 256, 65536


@dataclass(frozen=True)
class Look:
    """Everything that decides how a glyph is shown, apart from which one it is."""

    panel: str = ""
    beside: tuple[str, ...] = ()
    """Names of results files."""
    edits: tuple[tuple[int, int], ...] = ()
    """Cells and their primitives, in the order in which they were made."""
    outline: bool = False
    near: str = ""


def decode(query: Mapping[str, list[str]]) -> Look:
    """Query parameters → look; what is unknown or malformed falls back to the default."""

    def last(name: str) -> str:
        return (query.get(name) or [""])[-1]

    def one(name: str, choices: tuple[str, ...]) -> str:
        return last(name) if last(name) in choices else ""

    edits = []
    for part in last("edit").split(".")[:MOST_EDITS]:
        if found := re.fullmatch(r"(\d{1,3})-(\d{1,5})", part, re.ASCII):
            edits.append((int(found[1]), int(found[2])))
    return Look(
        panel=one("panel", PANELS),
        beside=tuple(dict.fromkeys(query.get("beside", [])))[:MOST_BESIDE],
        edits=tuple(edit for edit in edits if edit[0] < CELLS and edit[1] < PRIMITIVES),
        outline=one("outline", ("1",)) == "1",
        near=one("near", NEAR),
    )


def encode(look: Look) -> views.Query:
    """Inverse of :func:`decode`."""
    query: views.Query = {
        "panel": look.panel,
        "beside": list(look.beside),
        "edit": ".".join(f"{cell}-{primitive}" for cell, primitive in look.edits),
        "outline": "1" if look.outline else "",
        "near": look.near,
    }
    return {name: value for name, value in query.items() if value}


def changed(look: Look, change: Mapping[str, Any]) -> Look:
    """A look after what the component sent: fields of :class:`Look` as JSON has them; nonsense is left out."""
    plain = encode(look)
    for name in ("panel", "near"):
        if name in change:
            plain[name] = str(change[name])
    if "outline" in change:
        plain["outline"] = "1" if change["outline"] else ""
    if isinstance(change.get("beside"), list):
        plain["beside"] = [str(each) for each in change["beside"]]
    if isinstance(change.get("edits"), list):
        plain["edit"] = ".".join("-".join(map(str, each)) for each in change["edits"] if isinstance(each, list))
    return decode({name: value if isinstance(value, list) else [value] for name, value in plain.items()})


def read() -> Look:
    """The current look."""
    return decode({name: st.query_params.get_all(name) for name in ("panel", "beside", "edit", "outline", "near")})


def write(view: views.View, look: Look) -> None:
    """Make both the current ones, in the URL and for this session."""
    st.session_state["view"] = view
    query = views.encode(view) | encode(look)
    address.write(query)


def another(look: Look) -> Look:
    """The look at another glyph."""
    return replace(look, edits=())
