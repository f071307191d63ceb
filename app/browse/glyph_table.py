"""The glyphs of a page as a table: numbers to read and copy, pictures, tags, and a header that sorts."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.shared.assets import component
from app.shared.card_grid import pager
from app.shared.grid import Drawing, card
from app.shared.naming import CLASSES
from glyphcore.analysis.terms import ENTROPY, LOSS
from glyphcore.results.browse import Page, ResultRow
from glyphcore.results.filters import SORT_OF, SORTS, parse_sort

HTML = f"""
<section class="glyphcore glyphs table" aria-label="Glyphs of the selection">
  {pager('<div class="current"></div>')}
  <div class="scroll">
    <table><thead><tr></tr></thead><tbody class="cards"></tbody></table>
  </div>
</section>
"""


class Column(NamedTuple):
    """A column of the table."""

    name: str
    title: str
    sort: str = ""
    """The column of :data:`SORTS` that a click on the header sorts by; empty if the column cannot be sorted."""
    help: str = ""
    number: bool = False


COLUMNS = (
    Column("picture", "picture"),
    Column("id", "glyph", "id", number=True),
    Column("sign", "✓", "outcome", "outcome: right, nearly right or wrong"),
    Column("truth", "true", "label", "the true label"),
    Column("codes", "code", "base", "the true character"),
    Column("pred", "predicted", "pred", "the predicted label"),
    Column("tags", "tags and note"),
    Column("p", "p", "p", "confidence", True),
    Column("margin", "margin", "margin", "p of the first candidate minus p of the second", True),
    Column("loss", "loss", "loss", LOSS, True),
    Column("rank", "rank", "rank", "rank of the true label among all labels", True),
    Column("cells", "cells", "cells", "cells with ink whose primitive is the target", True),
    Column("entropy", "entropy", "entropy", ENTROPY, True),
    Column("class", "class", "char_class"),
    Column("family", "family", "family"),
    Column("style", "style"),
    Column("split", "split", "split"),
)
FIRST_DESCENDING = ("loss", "entropy", "rank")
"""Columns whose worst value is the largest; the first click on the header sorts them in descending order."""

BESIDE = {"size": "size", "noise": "doubt", "outside": "none of the labels", "similar": "similarity"}
"""Columns that are shown only if the page is sorted by them."""

_table = component(__file__, HTML)


def table(sort: str, page: Page) -> Drawing:
    """Return the drawing of a page as a table that is sorted by ``sort``."""
    wanted, descends = SORTS[parse_sort(sort)]
    descends = descends or wanted != page.by  # an impossible sort falls back to worst first
    columns = list(COLUMNS)
    if page.by in BESIDE:
        columns.insert(7, Column("figure", BESIDE[page.by], page.by, number=True))
    return Drawing(_table, {"header": [_header(column, page.by, descends) for column in columns]})


def row(result: ResultRow, page: Page) -> dict[str, Any]:
    """Return the data of a row of a page for the table."""
    loss = "–" if result.loss is None else f"{result.loss:.3f}"
    return card(result, page) | {
        "cells": {
            "p": f"{result.p1:.3f}", "margin": f"{result.margin:.3f}", "loss": loss, "entropy": f"{result.entropy:.3f}",
            "rank": f"{result.rank:,}" if result.rank else "–", "cells": f"{result.cells_right}/{result.cells_total}",
            "class": CLASSES.get(result.char_class, result.char_class), "family": result.family,
            "style": result.style, "split": result.split,
        },
    }  # fmt: skip


def _header(column: Column, by: str, descends: bool) -> dict[str, Any]:
    """Return a header as JSON: the current sort order of its column, and the sort after a click on the header."""
    here = column.sort == by != ""
    down = not descends if here else column.sort in FIRST_DESCENDING
    return {
        "name": column.name, "title": column.title, "help": column.help, "number": column.number,
        "sort": SORT_OF.get(f"{column.sort}:{'down' if down else 'up'}", ""),
        "sorted": ("descending" if descends else "ascending") if here else "",
    }  # fmt: skip
