"""What is chosen on the Primitives page: its URL parameters, and the widgets that write them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.components.choices import Choice, choices
from app.components.chooser import results_chooser
from app.state import parameters
from glyphcore.analysis.codebook import KINDS, SORTS, Codebook
from glyphcore.results.selection import FacetValue
from glyphcore.results.store import ResultsFile

KEY = "primitives_"
SHOW = {"": ":material/grid_view: Patches", "pairs": ":material/swap_horiz: Confusions"}
KIND_NAMES = {"": "All", "dead": "Never read", "duplicate": "Near duplicates", "badly": "Badly read"}
SORT_NAMES = {
    "use": "Most used first", "accuracy": "Lowest accuracy first", "recall": "Lowest recall first",
    "purity": "Least pure first", "ink": "Most ink first", "id": "By ID",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the URL asks for; malformed parameters count as the defaults."""

    split: str
    kind: str
    sort: str
    show: str

    def one(self, ids: np.ndarray, known: int) -> int | None:
        """The primitive of the URL, else the first of ``ids``; ``known`` is the number of primitives."""
        chosen = parameters.whole("id", None, 1, known)
        return chosen if chosen is not None else int(ids[0]) if len(ids) else None


def read(splits: Sequence[str]) -> Asked:
    """Read the URL."""
    return Asked(
        parameters.word("split", "", ("", *splits)), parameters.word("kind", "", ("", *KINDS)),
        parameters.word("sort", "use", SORTS), parameters.word("show", "", SHOW),
    )  # fmt: skip


def choose(which: int) -> None:
    """Make a primitive the one looked at."""
    parameters.put(id=which)


def controls(
    asked: Asked, splits: Sequence[str], files: Sequence[ResultsFile], current: ResultsFile, book: Codebook,
    export: Callable[[], bytes],
) -> None:  # fmt: skip
    """One line of widgets; a change goes to the URL before the next run."""
    counts = [FacetValue("", len(book), 0), *(FacetValue(kind, int(getattr(book, kind).sum()), 0) for kind in KINDS)]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(files) > 1:
            results_chooser(files, current, lambda name: parameters.put(results=name), key=f"{KEY}results")
        if len(splits) > 1:
            _select("split", "Split", asked.split, ["", *splits], lambda name: name or "All splits", "", 130)
        if asked.show != "pairs":
            kinds = Choice("kind", "Kind", KIND_NAMES, (asked.kind,), style="segments", counts=counts)
            choices([kinds], key=f"{KEY}kind", on_choose=_kind, label="Kind of primitives", layout="line")
            _select("sort", "Sort", asked.sort, list(SORT_NAMES), SORT_NAMES.__getitem__, "use", 190)
        parameters.reflect(f"{KEY}show", asked.show)
        st.segmented_control(
            "Show", list(SHOW), key=f"{KEY}show", format_func=SHOW.__getitem__, label_visibility="collapsed",
            required=True, on_change=_changed, args=("show", "", SHOW),
        )  # fmt: skip
        st.download_button(
            "CSV", export, file_name=f"{current.checkpoint}-primitives.csv", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def _select(
    name: str, title: str, value: str, options: list[str], words: Callable[[str], str], default: str, width: int
) -> None:
    parameters.reflect(f"{KEY}{name}", value)
    st.selectbox(
        title, options, key=f"{KEY}{name}", format_func=words, label_visibility="collapsed", width=width,
        on_change=_changed, args=(name, default, options),
    )  # fmt: skip


def _kind(changes: dict[str, tuple[str, ...]]) -> None:
    parameters.put(kind="".join(changes["kind"]))


def _changed(name: str, default: str, options: Collection[str]) -> None:
    if (value := parameters.picked(f"{KEY}{name}", options)) is not None:
        parameters.put(**{name: None if value == default else value})
