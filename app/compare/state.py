"""URL ↔ state of the Compare page; :mod:`.parameters` has the rules for all pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app.shared import address, parameters
from app.shared import view as views
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.flips import COLUMNS, KINDS
from glyphcore.results import where

SPLITS = ("val", "test", "train")
PARTS = ("flips", "groups", "confidence")
MAX_CHARACTERS = 40
"""Most results files in a link."""


@dataclass(frozen=True)
class Comparison:
    """The state that decides the content of the page."""

    files: tuple[str, ...] = ()
    """File names of the results; empty means the newest results of each checkpoint."""
    a: str = ""
    """The reference, by file name; empty means the best results."""
    b: str = ""
    """The results compared with the reference; empty means the newest other results."""
    split: str = ""
    """Empty: all fonts that no compared checkpoint was trained on."""
    criterion: str = "label"
    kind: str = "broken"
    part: str = "flips"
    start: int | None = None
    """First glyph of the page of flips."""
    glyph: int | None = None
    """Glyph under the cursor."""


def read() -> Comparison:
    """Return the current comparison and selection: from the URL, else from the session."""
    goes_on = parameters.continued()
    views.adopt(goes_on)
    if goes_on and "comparison" in st.session_state:
        write(st.session_state["comparison"])
    else:
        st.session_state["comparison"] = Comparison(
            files=tuple(dict.fromkeys(parameters.words("with")))[:MAX_CHARACTERS],
            a=parameters.word("a"),
            b=parameters.word("b"),
            split=parameters.word("split", "", SPLITS),
            criterion=parameters.word("by", "label", CRITERIA),
            kind=parameters.word("flip", "broken", KINDS),
            part=parameters.word("show", "flips", PARTS),
            start=parameters.integer("at"),
            glyph=parameters.integer("glyph"),
        )
    return st.session_state["comparison"]


def write(comparison: Comparison) -> None:
    """Make ``comparison`` the current one, in the URL and for this session, together with the selection. The URL is
    written in one step, because each write is a step of the back button."""
    st.session_state["comparison"] = comparison
    address.write({**query(comparison), **where.encode(views.carried())})


def query(comparison: Comparison) -> dict[str, list[str]]:
    """Return the address parameters of a comparison, without defaults."""
    plain = Comparison()
    values: dict[str, Any] = {
        "a": comparison.a,
        "b": comparison.b,
        "split": comparison.split,
        "by": "" if comparison.criterion == plain.criterion else comparison.criterion,
        "flip": "" if comparison.kind == plain.kind else comparison.kind,
        "show": "" if comparison.part == plain.part else comparison.part,
        "at": "" if comparison.start is None else comparison.start,
        "glyph": "" if comparison.glyph is None else comparison.glyph,
    }
    files = {"with": list(comparison.files)} if comparison.files else {}
    return files | {name: [str(value)] for name, value in values.items() if value != ""}


def select(**changes: Any) -> None:
    """Change fields of the comparison. Unless a glyph is named, the flips start at their first page again."""
    write(replace(st.session_state["comparison"], **({"start": None, "glyph": None} | changes)))


def narrow(**changes: Any) -> None:
    """Change the selection. The flips start at their first page again."""
    views.carry(replace(views.carried(), **changes))
    select()


def choose_group(sent: Mapping[str, str]) -> None:
    """Show the flips of a class, a family or a label: narrow the selection to it."""
    columns: dict[str, Any] = {name: (sent[name],) for name in COLUMNS if sent.get(name)}
    views.carry(replace(views.carried(), **columns))
    select(**{name: value for name, value in sent.items() if name not in COLUMNS}, part="flips")
