"""A selection as one HTML file for people without Python: figures, tables, and its first glyphs with their pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from glyphcore.analysis.metrics import METRICS
from glyphcore.data.labels import readable_label
from glyphcore.data.sheet import head, letter, picture, row
from glyphcore.progress import counted
from glyphcore.results import where
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.filters import Filters

ROWS, MOST_ROWS = 1000, 10_000
"""Default and largest number of glyphs of a sheet; a glyph takes some 1.5 KB."""
HEADS = (
    "", "glyph", "", "true", "predicted", "p", "margin", "loss", "rank", "cells", "class", "family", "split", "notes",
)  # fmt: skip
LINES = 20
"""Number of lines of a table of groups."""
STYLE = ".tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 0 3rem; }"


@dataclass(frozen=True)
class Beside:
    """Data of a sheet that results do not have."""

    rasters: Callable[[Sequence[int]], np.ndarray] | None
    """Ids → packed rasters uint8 [n, 2048]; None where there are no pictures."""
    remarks: Callable[[Sequence[int]], Mapping[int, str]]
    """Ids → tags and note in words; glyphs without any are left out."""


def sheet(
    store: ResultsStore, filters: Filters, sort: str, most: str, beside: Beside, limit: int = ROWS
) -> Iterator[str]:
    """Yield the page line by line: the first ``limit`` glyphs of a selection, and the figures of the whole selection.

    ``limit``: at most :data:`MOST_ROWS`.
    """
    limit = min(limit, MOST_ROWS)
    n, shown = store.count(filters), store.shown(filters, sort, most)
    title = f"{counted(n, 'glyph')} of {store.meta.checkpoint}"
    yield head(title, STYLE)
    yield f"<h1>{escape(title)}</h1>\n<p>{escape(_words(filters, sort, most))}</p>"
    yield from _figures(store, filters)
    yield '<div class="tables">'
    yield from _groups(store, filters)
    yield "</div>"
    group, _, limited = most.partition(":")
    left = f", {shown:,} of them with at most {limited} per {group}" if most else ""
    first = f", the first {limit:,} shown" if shown > limit else ""
    yield f"<h2>Glyphs <small>{n:,}{left}{first}</small></h2>"
    heads = [
        "",
        "glyph",
        "",
        "true",
        "predicted",
        "p",
        "margin",
        "loss",
        "rank",
        "cells",
        "class",
        "family",
        "split",
        "notes",
    ]
    yield row(heads, head=True, numbers=range(5, 10), opens="<table>")
    yield from _glyphs(store, filters, sort, most, beside, limit)
    yield "</table>\n</html>"


def _words(filters: Filters, sort: str, most: str) -> str:
    """Return the selection in the syntax of ``glyphcore select``."""
    parts = [where.write(filters) or "all glyphs", f"sort={sort}", *([f"most={most}"] if most else [])]
    return "  ·  ".join(parts)


def _figures(store: ResultsStore, filters: Filters) -> Iterator[str]:
    around = store.summary(replace(filters, outcome=""))
    if not around.n:
        return
    of = "of these" if not filters.outcome else f"of all {around.n:,} glyphs under the same filters, right or wrong"
    yield f"<h2>Figures <small>{of}</small></h2>"
    yield row(["", "right", "glyphs", ""], head=True, numbers=(1, 2), opens="<table>")
    for name, right in (
        ("label", around.right), ("unicode", around.unicode_right), ("twin", around.twin_right),
        ("top5", around.top5_right),
    ):  # fmt: skip
        metric = METRICS[name]
        meaning = f"<span class=dim>{escape(metric.meaning)}</span>"
        yield row([escape(metric.title), f"{right / around.n:.1%}", f"{right:,}", meaning], numbers=(1, 2))
    yield "</table>"


def _groups(store: ResultsStore, filters: Filters) -> Iterator[str]:
    """Yield classes and families with their errors, and the confusions among the selected glyphs."""
    data, words = store.columns.data, store.columns.words
    around = store.selector.mask(replace(filters, outcome=""))
    wrong = around & (data["correct"] == 0)
    for name, title in (("char_class", "Classes"), ("family", "Families")):
        n, errors = (np.bincount(data[name][mask], minlength=len(words[name])) for mask in (around, wrong))
        codes = [code for code in np.argsort(-errors, kind="stable").tolist() if n[code]]
        lines = [[escape(words[name][code]) or "unknown", f"{n[code]:,}", f"{errors[code]:,}",
                  f"{1 - errors[code] / n[code]:.1%}"] for code in codes[:LINES]]  # fmt: skip
        yield from _table(title, len(codes), ["", "glyphs", "wrong", "right"], lines)
    chosen = np.flatnonzero(store.selector.mask(filters) & (data["correct"] == 0))
    pairs = data["label"][chosen].astype(np.int64) * len(words["pred"]) + data["pred"][chosen]
    found, counts = np.unique(pairs, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    labels = [divmod(int(pair), len(words["pred"])) for pair in found[order[:LINES]]]
    lines = [[escape(readable_label(words["label"][true])), escape(readable_label(words["pred"][read])), f"{count:,}"]
             for (true, read), count in zip(labels, counts[order[:LINES]].tolist(), strict=True)]  # fmt: skip
    yield from _table("Confusions", len(found), ["true", "predicted", "glyphs"], lines)


def _table(title: str, n: int, heads: list[str], lines: list[list[str]]) -> Iterator[str]:
    if not lines:
        return
    numbers = [i for i, name in enumerate(heads) if name in ("glyphs", "wrong", "right")]
    first = f", the first {LINES} shown" if n > LINES else ""
    yield f"<div><h2>{title} <small>{n:,}{first}</small></h2>"
    yield row(heads, head=True, numbers=numbers, opens="<table>")
    yield from (row(line, numbers=numbers) for line in lines)
    yield "</table></div>"


def _glyphs(store: ResultsStore, filters: Filters, sort: str, most: str, beside: Beside, limit: int) -> Iterator[str]:
    ids = store.columns.data["glyph_id"][store.selector.select(filters, sort, most)[:limit]].tolist()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        rasters = [None] * len(some) if beside.rasters is None else beside.rasters(some)
        remarks = beside.remarks(some)
        for result, packed in zip(store.rows(some, all_of_them=True), rasters, strict=True):
            yield _glyph(result, packed, remarks.get(result.glyph_id, ""))


def _glyph(result: ResultRow, packed: np.ndarray | None, remark: str) -> str:
    near = result.unicode_correct or result.twin_correct
    cells = [
        "" if packed is None else picture(packed),
        str(result.glyph_id),
        "✓" if result.correct else "≈" if near else "✗",
        letter(result.base, result.label),
        "" if result.correct else letter(result.pred_base, result.pred),
        f"{result.p1:.3f}",
        f"{result.margin:.3f}",
        "–" if result.loss is None else f"{result.loss:.2f}",
        f"{result.rank:,}" if result.rank else "–",
        f"{result.cells_right}/{result.cells_total}",
        escape(result.char_class),
        escape(f"{result.family} {result.style}".strip()),
        escape(result.split),
        escape(remark),
    ]
    return row(cells, numbers=range(5, 10))
