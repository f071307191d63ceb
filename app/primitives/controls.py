"""The state of the Primitives page: its URL parameters, and the widgets that write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.shared import parameters
from app.shared.choices import Choice, choices, single
from app.shared.results_chooser import results_chooser
from glyphcore.analysis.codebook import KINDS, SORTS, Codebook
from glyphcore.results.selection import FacetValue
from glyphcore.results.store import ResultsFile

KEY = "primitives_"
SHOW = {"": "▦ Patches", "pairs": "⇄ Confusions"}
KIND_NAMES = {"": "All", "dead": "Never predicted", "duplicate": "Near duplicates", "badly": "Poorly predicted"}
SORT_NAMES = {
    "use": "Most used first", "accuracy": "Lowest accuracy first", "recall": "Lowest recall first",
    "purity": "Least pure first", "ink": "Most ink first", "id": "By ID",
}  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """The state of the page, from the URL; malformed parameters count as the defaults."""

    split: str
    kind: str
    sort: str
    show: str

    def primitive_id(self, ids: np.ndarray, known: int) -> int | None:
        """Return the primitive of the URL, else the first of ``ids``; ``known`` is the number of primitives."""
        chosen = parameters.integer("id", None, 1, known)
        return chosen if chosen is not None else int(ids[0]) if len(ids) else None


def read(splits: Sequence[str]) -> Selection:
    """Read the URL."""
    return Selection(
        parameters.word("split", "", ("", *splits)), parameters.word("kind", "", ("", *KINDS)),
        parameters.word("sort", "use", SORTS), parameters.word("show", "", SHOW),
    )  # fmt: skip


def choose(primitive_id: int) -> None:
    """Make a primitive the chosen one."""
    parameters.update(id=primitive_id)


def controls(
    selection: Selection, splits: Sequence[str], files: Sequence[ResultsFile], current: ResultsFile, codebook: Codebook,
    export: Callable[[], bytes],
) -> None:  # fmt: skip
    """Draw one line of widgets. A change goes to the URL before the next run."""
    counts = [
        FacetValue("", len(codebook), 0),
        *(FacetValue(kind, int(getattr(codebook, kind).sum()), 0) for kind in KINDS),
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(files) > 1:
            results_chooser(files, current, lambda name: parameters.update(results=name), key=f"{KEY}results")
        of = [Choice("show", "Show", SHOW, (selection.show,), style="segments")]
        if selection.show != "pairs":
            of = [Choice("kind", "Kind", KIND_NAMES, (selection.kind,), style="segments", counts=counts),
                  Choice("sort", "Sort", SORT_NAMES, (selection.sort,)), *of]  # fmt: skip
        if len(splits) > 1:
            names = {"": "All splits"} | {name: name for name in splits}
            of.insert(0, Choice("split", "Split", names, (selection.split,)))
        choices(of, key=f"{KEY}choices", on_choose=_chosen, label="Kind and order", layout="line")
        st.download_button(
            "CSV", export, file_name=f"{current.checkpoint}-primitives.csv", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def _chosen(changes: dict[str, tuple[str, ...]]) -> None:
    plain = single(changes)
    parameters.update(**{name: None if (name, value) == ("sort", "use") else value for name, value in plain.items()})
