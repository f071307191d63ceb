"""Controls of the Dashboard, and the state that its panels share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from app.shared import parameters
from app.shared import view as views
from app.shared.choices import Choice, choices, single
from app.shared.results_chooser import results_chooser
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.data.labels import LabelMap
from glyphcore.results.filters import Filters
from glyphcore.results.store import ResultsFile

PARTS = {"overview": "Overview", "confusions": "Confusions", "marks": "Marks", "confidence": "Confidence",
         "training": "Training"}  # fmt: skip
SPLITS = {"val": "val", "unseen": "all unseen", "test": "test", "train": "train"}
GROUPINGS = {"family": "Family", "class": "Class", "script": "Script", "form": "Form", "mark": "Mark"}
SORTS = ("share", "name", "wrong", "n")
DEFAULTS = {"part": "overview", "criterion": "label", "by": "family", "sort": "share"}
THRESHOLD = 0.5
_KEY = "dashboard_"


@dataclass(frozen=True)
class DashboardState:
    """The state of the page, read from its URL."""

    results: str
    """File name of the results."""
    labels: LabelMap
    split: str
    criterion: str
    part: str
    by: str
    sort: str
    threshold: float
    chosen: Filters
    """The selection of glyphs for all figures."""

    def address(self, filters: Filters | None) -> str:
        """Return the address of these glyphs in Browse; empty for None."""
        if filters is None:
            return ""
        return parameters.link("browse", views.encode(views.View(results=self.results, filters=filters)))

    def link_to_set(self, key: str) -> views.Query:
        """Return the parameters that show a stored set of glyphs in Browse."""
        return views.encode(views.View(results=self.results, filters=replace(self.chosen, ids=key)))


def grouped(state: DashboardState, by: str) -> DashboardState:
    """Return the state with another grouping."""
    return replace(state, by=by)


def read(results: str, labels: LabelMap, splits: Sequence[str], chosen: Filters) -> DashboardState:
    """Read the state of the page from the URL. Unknown values count as defaults; the default split is the first one.

    ``chosen`` is the selection that all pages share.
    """
    return DashboardState(
        results=results,
        labels=labels,
        split=parameters.word("split", splits[0] if splits else "", splits),
        criterion=parameters.word("criterion", DEFAULTS["criterion"], CRITERIA),
        part=parameters.word("part", DEFAULTS["part"], PARTS),
        by=parameters.word("by", DEFAULTS["by"], GROUPINGS),
        sort=parameters.word("sort", DEFAULTS["sort"], SORTS),
        threshold=parameters.fraction("threshold", THRESHOLD),
        chosen=chosen,
    )


def controls(state: DashboardState, files: Sequence[ResultsFile], current: ResultsFile, splits: Sequence[str]) -> None:
    """Draw part of the page, split, criterion and results. A change goes to the URL before the next run."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        part = Choice("part", "Part", PARTS, (state.part,), style="segments")
        choices([part], key=f"{_KEY}part", on_choose=_chosen(DEFAULTS), label="Part of the page", layout="line")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            titles = {key: criterion.title for key, criterion in CRITERIA.items()}
            of = [Choice("criterion", "Criterion", titles, (state.criterion,), style="segments")]
            if splits:
                names = {name: SPLITS[name] for name in splits}
                of.insert(0, Choice("split", "Split", names, (state.split,), style="segments"))
            defaults = DEFAULTS | {"split": splits[0] if splits else ""}
            choices(of, key=f"{_KEY}choices", on_choose=_chosen(defaults), label="Glyphs and criterion", layout="line")
            results_chooser(files, current, lambda name: parameters.update(results=name), key=f"{_KEY}results")


def threshold_slider(state: DashboardState) -> None:
    """Draw the confidence threshold below which the model abstains."""
    key = parameters.reflect(f"{_KEY}threshold", state.threshold)
    st.slider(
        "Abstain below this confidence", 0.0, 1.0, step=0.01, key=key, format="%.2f", on_change=_move_threshold,
    )  # fmt: skip


def update(name: str, value: str) -> None:
    """Change a parameter from within a sheet. Unknown parameters and values are ignored."""
    known = {"by": GROUPINGS, "sort": SORTS, "criterion": CRITERIA, "part": PARTS}
    if value in known.get(name, ()):
        parameters.update(**{name: None if value == DEFAULTS[name] else value})


def _chosen(defaults: Mapping[str, str]) -> Callable[[dict[str, tuple[str, ...]]], None]:
    def chosen(changes: dict[str, tuple[str, ...]]) -> None:
        plain = single(changes)
        parameters.update(**{name: None if value == defaults[name] else value for name, value in plain.items()})

    return chosen


def _move_threshold() -> None:
    value: float = parameters.reflected(f"{_KEY}threshold")
    parameters.update(threshold=None if value == THRESHOLD else f"{value:g}")
