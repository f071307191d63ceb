"""Panels of the Dashboard: confusions as pictures and as a small matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.dashboard.controls import DashboardState
from app.shared.html import Html, character, named, tag
from app.shared.html_panel import linked, thumb
from app.shared.naming import CLASSES, readable_label
from glyphcore.analysis.confusions import OTHER, RIGHT

SHORT = {"diacritic": "mark", "latin": "Latin", "ligature": "lig.", "punctuation": "punct", "symbol": "sym.",
         "isol": "isol.", "init": "init.", "medi": "med."}  # fmt: skip
"""Class names for the heads of narrow columns."""


def confusion_cards(
    state: DashboardState, rows: Sequence[dict[str, Any]], places: Mapping[int, tuple[int, int]], *, tall: bool = False
) -> Html:
    """Draw confusions, each linked to its glyphs. ``places``: glyph → position of its thumbnail. ``tall``: scrolls."""
    if not rows:
        return tag("p", "There are no errors.", class_="dim")
    cards = tag("div", *(_pair(state, row, places) for row in rows), class_="confused")
    if tall:
        cards = tag("div", cards, class_="scroll", data_scroll="confusions", style="--tall:270px")
    note = "left: the most confident error, right: a glyph of the prediction; ≈ confusables, or forms of a character"
    return tag("div", tag("h3", "Most frequent confusions", tag("span", note, class_="dim small")), cards)


def glyphs_shown(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return the glyphs whose thumbnails :func:`confusion_cards` shows."""
    return [row[key] for row in rows for key in ("example", "reference") if row[key] is not None]


def matrix_table(state: DashboardState, matrix: dict[str, Any]) -> Html:
    """Draw the confusion matrix: truth by row, prediction by column. Each cell links to its glyphs."""
    names, counts = matrix["labels"], matrix["counts"]
    if not names:
        return tag("p", "There are no errors.", class_="dim")
    largest = max((n for a, row in zip(names, counts, strict=True) for b, n in zip(names, row, strict=True)
                   if n and OTHER not in (a, b) and a != b), default=1)  # fmt: skip
    head = [
        tag("th", tag("span", "true ↓  predicted →", class_="dim")),
        *(_label(state, name, False) for name in names),
    ]
    body = []
    for a, row, filters in zip(names, counts, matrix["filters"], strict=True):
        cells = [
            _cell(state, a, b, n, cell_filters, largest) for b, n, cell_filters in zip(names, row, filters, strict=True)
        ]
        body.append(tag("tr", _label(state, a, True), *cells))
    return tag("div", tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body), class_="cells"),
               class_="wide")  # fmt: skip


def class_table(state: DashboardState, matrix: dict[str, Any]) -> Html:
    """Draw the errors between classes: true class by row, predicted class by column. Each count links to its glyphs."""
    names, rows = matrix["classes"], []
    largest = max((n for row in matrix["counts"] for n in row), default=0) or 1
    for a, name in enumerate(names):
        if not matrix["n"][a]:
            continue
        cells = [_right(state, matrix, a)]
        for b, other in enumerate(names):
            n = matrix["counts"][a][b]
            description = (
                f"{_class(name)} predicted as {'another label of its class' if a == b else _class(other)}: {n:,}"
            )
            cells.append(_hit(state, n, matrix["filters"][a][b], f"classes {a} {b}", description, largest, own=a == b))
        rows.append(tag("tr", tag("th", _class(name), scope="row"), *cells, tag("td", f"{matrix['n'][a]:,}")))
    heads = [tag("th", tag("span", SHORT.get(name, _class(name)[:5])), scope="col", title=_class(name))
             for name in names]  # fmt: skip
    head = tag("tr", tag("th", tag("span", "predicted →", class_="dim")), tag("th", "✓", scope="col"), *heads,
               tag("th", "all", scope="col"))  # fmt: skip
    note = tag("span", "number of errors; framed: errors within one class", class_="dim small")
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="cells classes")
    return tag("div", tag("h3", "Between classes", note), tag("div", table, class_="wide"))


def _right(state: DashboardState, matrix: dict[str, Any], a: int) -> Html:
    right, n = matrix["right"][a], matrix["n"][a]
    description = f"{_class(matrix['classes'][a])}: {right:,} of {n:,} right"
    pick = f"classes {a} {RIGHT}" if right else ""
    address = state.address(matrix["right_filters"][a])
    return tag(
        "td",
        linked(f"{100 * right / n:.1f}%", address, pick, class_="to", title=description, aria_label=description),
        class_="own",
    )


def _hit(state: DashboardState, n: int, filters: Any, pick: str, description: str, largest: int, *, own: bool) -> Html:
    kind = "within" if own else None
    if not n:
        return tag("td", "", class_=kind)
    content = linked(f"{n:,}", state.address(filters), pick, class_="to", title=description, aria_label=description)
    heat = f"--heat:{15 + 70 * (n / largest) ** 0.5:.0f}%"
    return tag("td", content, class_=f"hit {kind or ''}".strip(), style=heat)


def _class(name: str) -> str:
    return CLASSES.get(name, name) or "unknown"


def _pair(state: DashboardState, row: dict[str, Any], places: Mapping[int, tuple[int, int]]) -> Html:
    labels = state.labels
    truth, pred = (named(labels.base[i], labels.labels[i]) for i in (row["truth"], row["pred"]))
    kind = "confusables" if row["twin"] else "two forms of one character" if row["form"] else ""
    pictures = [
        tag("span", thumb(places[row[key]]), class_=name) if row[key] in places else Html("")
        for key, name in (("example", "glyph"), ("reference", "read"))
    ]
    read = tag("span", tag("span", "≈ " if kind else "→ ", class_="dim"), pred, class_="near" if kind else "wrong")
    words = tag("span", truth, read, class_="words")
    amount = tag(
        "span", tag("b", f"{row['n']:,}"), tag("span", f"of {row['of']:,}", class_="dim small"), class_="amount"
    )
    title = (
        f"{row['n']:,} of {row['of']:,} {readable_label(labels.labels[row['truth']])} predicted as "
        f"{readable_label(labels.labels[row['pred']])}{f' ({kind})' if kind else ''}, mean confidence {row['p']:.2f}. "
        "Left: the most confident error. Right: a glyph of the predicted label."
    )
    content = Html("").join([*pictures, words, amount])
    pick = f"cell {row['truth']} {row['pred']}"
    return linked(Html(content), state.address(row["filters"]), pick, title=title)


def _cell(state: DashboardState, truth: int, pred: int, n: int, filters: Any, largest: int) -> Html:
    own = truth == pred and truth != OTHER
    kind = "own" if own else "hit" if n and OTHER not in (truth, pred) else ""
    if not n:
        return tag("td", "0" if own else "", class_=kind or None)
    description = (
        f"{_words(state, truth)} {'predicted correctly' if own else f'predicted as {_words(state, pred)}'}: {n:,}"
    )
    heat = f"--heat:{15 + 70 * min(1.0, n / largest):.0f}%" if kind == "hit" else None
    content = linked(f"{n:,}" if n < 10_000 else f"{n / 1000:.0f}k", state.address(filters), f"cell {truth} {pred}",
                     class_="to", title=description, aria_label=description)  # fmt: skip
    return tag("td", content, class_=kind or None, style=heat)


def _label(state: DashboardState, index: int, row: bool) -> Html:
    if index == OTHER:
        return tag("th", "other labels" if row else "…", class_="other", title="other labels")
    base, label = state.labels.base[index], state.labels.labels[index]
    if row:
        return tag("th", readable_label(label), " ", character(base, label), title=label, scope="row")
    return tag("th", character(base, label), title=readable_label(label), scope="col")


def _words(state: DashboardState, index: int) -> str:
    return "other labels" if index == OTHER else readable_label(state.labels.labels[index])
