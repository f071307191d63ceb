"""Sheets of the Dashboard: headline scores, what a ceiling means, groups, tenths of confidence, how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.dashboard.controls import GROUPINGS, About
from app.shared.html import Html, between, character, named, percent, points, tag
from app.shared.html_sheet import linked
from app.shared.naming import CLASSES, readable
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.metrics import METRICS
from glyphcore.analysis.sample import Sample
from glyphcore.analysis.terms import ECE

FEW = 5
"""Groups with fewer glyphs are faint: their share says little."""
IN_FONT = (
    "The same glyphs read with the rest of their font, as audit and infer begin: candidates weighed by what else the "
    "font draws, how large and in what order. Everything below is about each glyph alone."
)
SORTED = {"share": lambda row: (row["share"], -row["n"]), "name": lambda row: row["name"],
          "wrong": lambda row: (-row["wrong"], row["share"]), "n": lambda row: (-row["n"], row["share"])}  # fmt: skip


def score_cards(
    about: About, scores: Sequence[dict[str, Any]], whole: dict[str, float] | None, limits: dict[str, Any] | None,
    geometry: bool | None,
) -> Html:  # fmt: skip
    """The headline: a card a score, each with interval, sample size and its errors; then what the rest of each font
    adds (``whole``), and the ceiling."""
    cards = []
    for row in scores:
        name, metric = row["name"], METRICS[row["name"]]
        missed = row["n"] - row["right"] if metric.unit == "glyphs" else 0
        count = f"✗ {missed:,} of {row['n']:,}" if metric.unit == "glyphs" else f"{row['n']:,} {metric.unit}"
        content = _card(metric.short, percent(row["value"]), between(row["interval"]), count)
        address, pick = (about.address(row["filters"]), f"score {name}") if missed else ("", "")
        title = f"{metric.tooltip} 95% interval over resampled families."
        chosen = " chosen" if name == about.criterion else ""
        cards.append(tag("div", linked(content, address, pick, data_key=name), class_=f"score{chosen}", title=title))
    if whole is not None:
        alone = next(row["value"] for row in scores if row["name"] == about.criterion)
        share = whole[about.criterion]
        content = _card("In its font", percent(share), "rest of it known", f"{points(share - alone)} points")
        cards.append(tag("div", content, class_="score", title=IN_FONT))
    if limits is not None:
        key = _seen(geometry)[0]
        its = limits[key][about.criterion]
        content = _card("Ceiling", percent(its["value"]), "of a glyph alone", f"✗ {its['errors']:,} on tied glyphs")
        pick = "tied+geometry" if key == "geometry" else "tied"
        cards.append(
            tag("div", linked(content, "", pick), class_="score", title=ceiling_words(about, limits, geometry))
        )
    return tag("div", *cards, class_="scores", role="group", aria_label="Headline figures")


def ceiling_words(about: About, limits: dict[str, Any], geometry: bool | None) -> str:
    """What the ceiling means, exactly."""
    key, what = _seen(geometry)
    its = limits[key]
    bound = its[about.criterion]
    return (
        f"Ceiling: {its['tied']:,} of {limits['n']:,} glyphs share their {what} with another label of their own font. "
        "Of each such group only the most frequent answer can be right, so whoever reads glyph by glyph and sees their "
        f"{what} is wrong at least {bound['lost']:,} times and reaches at most {percent(bound['value'])}. "
        f"{bound['errors']:,} of this checkpoint's errors are among the tied."
    )


def group_table(about: About, rows: Sequence[dict[str, Any]], *, choose: bool = True) -> Html:
    """The grouping ``about.by`` as a table; each row leads to its errors. ``choose`` offers the other groupings."""
    tabs = [
        tag("button", words, type="button", data_put=f"by={by}", data_key=f"by {by}",
            aria_pressed="true" if by == about.by else "false")
        for by, words in GROUPINGS.items()
    ]  # fmt: skip
    heads = [("name", GROUPINGS[about.by]), ("", "right and wrong"), ("share", "right"), ("wrong", "✗"),
             ("n", "glyphs"), ("", "cells")]  # fmt: skip
    body = [_group_row(about, row) for row in sorted(rows, key=SORTED[about.sort])]
    note = f"{len(rows)} groups; whiskers: 95% (Wilson); fewer than {FEW} glyphs are faint; cells: primitives right"
    table = tag("table", tag("thead", tag("tr", *(_head(about, *head) for head in heads))), tag("tbody", *body))
    head = tag("div", *tabs, class_="tabs", role="group", aria_label="Group by") if choose else tag("h3", "By mark")
    scroll = tag("div", table, class_="scroll", data_scroll="groups", style=None if choose else "--tall:400px",
                 tabindex="0", role="region", aria_label="Groups, worst first")  # fmt: skip
    return tag("div", head, scroll, tag("p", note, class_="dim small"))


def bins_table(about: About, calibration: dict[str, Any]) -> Html:
    """Tenths of confidence; each row leads to its errors."""
    rows = []
    for its in calibration["bins"]:
        wrong = its["n"] - its["right"]
        address, pick = (about.address(its["filters"]), f"tenth {round(10 * its['low'])}") if wrong else ("", "")
        rows.append(tag("tr", tag("td", f"{its['low']:.1f} – {its['high']:.1f}"), tag("td", percent(its["p"])),
                        tag("td", percent(its["share"])), tag("td", points(its["share"] - its["p"])),
                        tag("td", linked(f"{wrong:,}", address, pick, class_="to wrong")),
                        tag("td", f"{its['n']:,}")))  # fmt: skip
    heads = ("confidence", "mean", "right", "gap", "✗", "glyphs")
    return tag("div", tag("table", tag("thead", tag("tr", *(tag("th", head) for head in heads))), tag("tbody", *rows)))


def calibration_words(calibration: dict[str, Any]) -> Html:
    """Whether it is too sure or not sure enough."""
    gap = calibration["p"] - calibration["share"]
    kind = "well calibrated" if abs(gap) < 0.01 else "too sure" if gap > 0 else "not sure enough"
    said = f"mean {percent(calibration['p'])}, right {percent(calibration['share'])}: {kind}"
    said += f" · {calibration['n']:,} glyphs"
    error = tag("b", f"ECE {percent(calibration['ece'])}", title=ECE)
    return tag("div", error, tag("span", said), class_="headline")


def threshold_words(at: dict[str, Any]) -> Html:
    """How much a threshold lets through."""
    said = f"{at['answered']:,} of {at['n']:,} glyphs have a confidence of {at['threshold']:.2f} or more"
    return tag(
        "div", tag("b", f"{percent(at['coverage'])} answered"), tag("span", said), class_="headline", role="status"
    )


def threshold_table(about: About, at: dict[str, Any]) -> Html:
    """How good what is answered is, by each criterion; its errors, and what is not answered."""
    rows = []
    for key, criterion in CRITERIA.items():
        wrong = at["answered"] - at[key]
        address = about.address(at[f"{key}_filters"]) if wrong else ""
        pick = f"answered {key} {at['threshold']}" if wrong else ""
        rows.append(tag("tr", tag("td", criterion.title, title=METRICS[key].tooltip),
                        tag("td", percent(at[f"{key}_share"])),
                        tag("td", linked(f"{wrong:,}", address, pick, class_="to wrong")),
                        tag("td", f"{at['answered']:,}")))  # fmt: skip
    left = at["n"] - at["answered"]
    address, pick = (about.address(at["left_filters"]), f"left {at['threshold']}") if left else ("", "")
    rows.append(tag("tr", tag("td", "Not answered"), tag("td"), tag("td"),
                    tag("td", linked(f"{left:,}", address, pick, class_="to"))))  # fmt: skip
    heads = ("of the answered", "right", "✗", "glyphs")
    return tag("div", tag("table", tag("thead", tag("tr", *(tag("th", head) for head in heads))), tag("tbody", *rows)))


def tie_chips(about: About, limits: dict[str, Any] | None, geometry: bool | None) -> Html:
    """The labels that make the ceiling: drawn alike within a font; each leads to their errors."""
    if limits is None or not limits[_seen(geometry)[0]]["tied"]:
        return Html("")
    key, what = _seen(geometry)
    chips = []
    for its in limits[key]["pairs"]:
        labels = [(about.labels.base[about.labels.index[label]], label) for label in its["labels"]]
        shown = Html(" = ".join(character(*label) for label in labels))
        title = f"{' = '.join(readable(label) for _, label in labels)}: {its['n']:,} glyphs with the same {what}"
        chips.append(linked(Html(shown + tag("span", f" {its['n']:,}", class_="dim small")),
                            about.address(its["filters"]), "", title=title, class_="chip"))  # fmt: skip
    note = f"{limits[key]['tied']:,} glyphs; the most frequent sets"
    return tag("div", tag("h3", "Same shape, other label, in one font", tag("span", note, class_="dim small")),
               tag("div", *chips, class_="chips"))  # fmt: skip


def cause_table(why: list[dict[str, Any]]) -> Html:
    """Every error once, by the first cause that holds; the number leads to its glyphs."""
    rows = [
        tag("tr", tag("td", each["meaning"]), tag("td", percent(each["share"])),
            tag("td", linked(f"{each['n']:,}", "", f"cause {each['name']}", class_="to wrong")))
        for each in why if each["n"]
    ]  # fmt: skip
    if not rows:
        return Html("")
    heads = (tag("th", "Why, by label: the first that holds"), tag("th", "of all"), tag("th", "✗"))
    return tag("div", tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="why"))


def facts(how: dict[str, Any]) -> Html:
    """How the checkpoint was made, as far as it says."""
    shown = [
        ("epochs", how["epochs"]), ("minutes", how["minutes"]),
        ("parameters", how["parameters"] and f"{how['parameters']:,}"),
        ("trained on", how["train_glyphs"] and f"{how['train_glyphs']:,} glyphs of {how['dataset']}"),
        ("font files", how["fonts"]), ("commit", how["commit"]), ("lineage", how["lineage"]),
    ]  # fmt: skip
    pairs = [part for name, value in shown if value for part in (tag("dt", name), tag("dd", str(value)))]
    recipe = [tag("h3", "Settings that differ from the defaults"), tag("pre", how["recipe"])] if how["recipe"] else []
    history = [] if how["history"] else [tag("p", "It does not say how its figures went from epoch to epoch.")]
    return tag("div", tag("dl", *pairs, class_="facts"), *recipe, *history)


def _group_row(about: About, row: dict[str, Any]) -> Html:
    name, share = row["name"], row["share"]
    address = about.address(row["filters"]) if row["wrong"] else ""
    pick = f"wrong {about.by} {name}" if row["wrong"] else ""
    if about.by == "mark":
        index = about.labels.index[name]
        words: Html | str = named(about.labels.base[index], name, mark=True)
    else:
        words = CLASSES.get(name, name) or "unknown"
    low, high = row["interval"]
    style = f"--share:{share:.1%};--low:{low:.1%};--high:{high:.1%}"
    return tag(
        "tr",
        tag("td", linked(words, address, pick, class_="to", data_key=f"row {name}"), title=name),
        tag("td", tag("i", style=style, role="img", aria_label=f"{share:.1%} right"), class_="bar"),
        tag("td", percent(share)),
        tag("td", linked(f"{row['wrong']:,}", address, pick, class_="to wrong", tabindex="-1")),
        tag("td", f"{row['n']:,}"),
        tag("td", percent(row["cells"]), class_="dim"),
        class_="few" if row["n"] < FEW else None,
    )  # fmt: skip


def _head(about: About, sort: str, title: str) -> Html:
    if not sort:
        return tag("th", tag("span", title, class_="dim"), scope="col")
    order = None if sort != about.sort else "ascending" if sort in ("share", "name") else "descending"
    button = tag("button", title, type="button", data_put=f"sort={sort}", data_key=f"sort {sort}")
    return tag("th", button, aria_sort=order, scope="col")


def _card(title: str, value: str, interval: str, count: str) -> Html:
    spread = tag("span", interval or "no interval", class_="between")
    return tag(
        "span", tag("span", title, class_="title"), tag("b", value), spread, tag("span", count, class_="count to")
    )


def _seen(geometry: bool | None) -> tuple[str, str]:
    return ("geometry", "pixels, box and advance") if geometry else ("raster", "pixels")


def footnote(about: About, sample: Sample, limits: dict[str, Any] | None, geometry: bool | None) -> str:
    """What the figures are about, what is not in them, and what the ceiling means."""
    what = "fonts that it was not trained on" if about.split == "unseen" else f"split {about.split}"
    said = [f"{len(sample):,} glyphs of {len(sample.families):,} families, {what}; none was sampled."]
    if sample.trained_on:
        said.append(f"{sample.trained_on:,} of them are of fonts that the checkpoint was trained on.")
    if sample.outside:
        said.append(f"{sample.outside:,} more have labels that it does not know and are left out.")
    if limits is None:
        said.append("No ceiling and no sizes of marks: the rasters of the database are not in the cache.")
    else:
        said.append(ceiling_words(about, limits, geometry))
    return " ".join(said)
