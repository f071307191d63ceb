"""Panels of the Dashboard: the diacritic subset."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from app.dashboard.controls import DashboardState
from app.shared.html import Html, named, percent, tag
from app.shared.html_panel import linked
from glyphcore.analysis.diacritics import PARTS
from glyphcore.data.labels import TATWEEL

HEADS = {"right": "✓", "missed": "mark missed", "other_mark": "other mark", "other_letter": "other letter",
         "both": "both"}  # fmt: skip


def pair_table(state: DashboardState, rows: Sequence[dict[str, Any]]) -> Html:
    """Draw confusions between marks above and the same marks below."""
    heads = ("above", "✓", "below", "✓", "as below", "as above")
    body = [
        tag("tr", tag("td", _name(state, row["a"]), class_="name"), tag("td", f"{row['right_a']:,} of {row['n_a']:,}"),
            tag("td", _name(state, row["b"]), class_="name"), tag("td", f"{row['right_b']:,} of {row['n_b']:,}"),
            *(tag("td", linked(f"{row[key]:,}", state.address(row[f"{key}_filters"]) if row[key] else "",
                               f"cell {one} {other}" if row[key] else "", class_="to wrong" if row[key] else "dim"))
              for key, one, other in (("a_as_b", row["a"], row["b"]), ("b_as_a", row["b"], row["a"]))))
        for row in rows
    ]  # fmt: skip
    return _table("Above and below", f"{len(rows)} pairs, most confusions first", heads, body, "pairs", 290)


def size_table(rows: Sequence[dict[str, Any]] | None) -> Html:
    """Draw the accuracy of marks by size; nothing if sizes are unknown."""
    if not rows:
        return Html("")
    body = [
        tag("tr", tag("td", _size(row)), tag("td", _bar(row), class_="bar"), tag("td", percent(row["share"])),
            tag("td", linked(f"{row['wrong']:,}", "", f"size {row['bucket']}" if row["wrong"] else "",
                             class_="to wrong")), tag("td", f"{row['n']:,}"))
        for row in rows
    ]  # fmt: skip
    note = "longer side of the box, em; the smallest are drawn at half scale"
    return _table("Size of marks", note, ("em", "", "right", "✗", "marks"), body, "sizes", 300)


def precomposed_table(state: DashboardState, rows: Sequence[dict[str, Any]]) -> Html:
    """Draw letters that contain a mark, with the outcomes of letter and mark."""
    body = [
        tag("tr", tag("td", linked(_mark(row["mark"]), state.address(row["filters"]), f"part {row['mark']} errors",
                                   class_="to")),
            *(tag("td", linked(f"{row[part]:,}", "", f"part {row['mark']} {part}" if row[part] else "",
                               class_="to" if part == "right" else "to wrong" if row[part] else "dim"))
              for part in PARTS), tag("td", f"{row['n']:,}"))
        for row in rows
    ]  # fmt: skip
    total = {part: sum(row[part] for row in rows) for part in PARTS}
    n = sum(total.values())
    mark, letter = total["missed"] + total["other_mark"], total["other_letter"]
    note = (
        f"{n:,} glyphs: {total['right']:,} right; letter right but mark wrong {mark:,}, mark right but letter wrong "
        f"{letter:,}, both wrong {total['both']:,}"
    )
    heads = ("mark", *HEADS.values(), "glyphs")
    return _table("Letters that contain a mark", note, heads, body, "precomposed", 290)


def _table(title: str, note: str, heads: Sequence[str], body: Sequence[Html], name: str, tall: int) -> Html:
    table = tag(
        "table", tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))), tag("tbody", *body)
    )
    return tag("div", tag("h3", title, tag("span", note, class_="dim small")),
               tag("div", table, class_=f"scroll {name}", data_scroll=name, style=f"--tall:{tall}px", tabindex="0",
                   role="region", aria_label=title))  # fmt: skip


def _name(state: DashboardState, index: int) -> Html:
    return named(state.labels.base[index], state.labels.labels[index], mark=True)


def _mark(mark: str) -> Html:
    names = ", ".join(unicodedata.name(character, "").removeprefix("COMBINING ").lower() for character in mark)
    arabic = "ARABIC" in unicodedata.name(mark[0], "")
    codes = "+".join(f"U+{ord(character):04X}" for character in mark)
    carrier = TATWEEL if arabic else "\u25cc"
    return tag("span", tag("bdi", carrier + mark, class_="char", data_codes=codes), " ", names.removeprefix("arabic "),
               class_="named", title=codes)  # fmt: skip


def _size(row: dict[str, Any]) -> str:
    if row["low"] is None:
        return "unknown"
    return f"{row['low']:g} and more" if row["high"] is None else f"{row['low']:g} – {row['high']:g}"


def _bar(row: dict[str, Any]) -> Html:
    low, high = row["interval"] or (row["share"], row["share"])
    return tag("i", style=f"--share:{row['share']:.1%};--low:{low:.1%};--high:{high:.1%}", role="img",
               aria_label=f"{row['share']:.1%} right")  # fmt: skip
