"""Panels of the Dashboard: headline scores, ceiling, groups, tenths of confidence, and the training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.dashboard.controls import GROUPINGS, DashboardState
from app.shared.html import Html, between, character, named, percent, points, tag
from app.shared.html_panel import linked
from app.shared.naming import CLASSES, readable_label
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.analysis.metrics import METRICS
from glyphcore.analysis.terms import ECE

MIN_GLYPHS = 5
"""Groups with fewer glyphs are faint, because their share is unreliable."""
IN_FONT = (
    "Accuracy of font-level decoding, as in audit and infer: the other glyphs of the font, their sizes and their order "
    "decide between the candidates. All other figures are about single glyphs."
)
SORTED = {"share": lambda row: (row["share"], -row["n"]), "name": lambda row: row["name"],
          "wrong": lambda row: (-row["wrong"], row["share"]), "n": lambda row: (-row["n"], row["share"])}  # fmt: skip


def score_cards(
    state: DashboardState,
    scores: Sequence[dict[str, Any]],
    whole: dict[str, float] | None,
    limits: dict[str, Any] | None,
    geometry: bool | None,
) -> Html:
    """Draw the headline: a card per score with its interval, sample size and errors, then the gain from font-level
    decoding (``whole``), then the ceiling."""
    cards = []
    for row in scores:
        name, metric = row["name"], METRICS[row["name"]]
        missed = row["n"] - row["right"] if metric.unit == "glyphs" else 0
        count = f"✗ {missed:,} of {row['n']:,}" if metric.unit == "glyphs" else f"{row['n']:,} {metric.unit}"
        content = _card(metric.short, percent(row["value"]), between(row["interval"]), count)
        address, pick = (state.address(row["filters"]), f"score {name}") if missed else ("", "")
        title = f"{metric.tooltip} 95% interval over resampled families."
        chosen = " chosen" if name == state.criterion else ""
        cards.append(tag("div", linked(content, address, pick, data_key=name), class_=f"score{chosen}", title=title))
    if whole is not None:
        alone = next(row["value"] for row in scores if row["name"] == state.criterion)
        share = whole[state.criterion]
        content = _card("In its font", percent(share), "decoded together", f"{points(share - alone)} points")
        cards.append(tag("div", content, class_="score", title=IN_FONT))
    if limits is not None:
        key = _shape_key(geometry)[0]
        bound = limits[key][state.criterion]
        content = _card("Ceiling", percent(bound["value"]), "of single glyphs", f"✗ {bound['errors']:,} on tied glyphs")
        pick = "tied+geometry" if key == "geometry" else "tied"
        cards.append(
            tag("div", linked(content, "", pick), class_="score", title=ceiling_words(state, limits, geometry))
        )
    return tag("div", *cards, class_="scores", role="group", aria_label="Headline figures")


def ceiling_words(state: DashboardState, limits: dict[str, Any], geometry: bool | None) -> str:
    """Return a sentence that explains the ceiling."""
    key, shape = _shape_key(geometry)
    ceiling = limits[key]
    bound = ceiling[state.criterion]
    return (
        f"Ceiling: {ceiling['tied']:,} of {limits['n']:,} glyphs share their {shape} with another label of their own "
        "font. "
        "Of each such group only the most frequent answer can be right, so a model that predicts glyph by glyph and "
        f"sees their {shape} is wrong at least {bound['lost']:,} times and reaches at most {percent(bound['value'])}. "
        f"{bound['errors']:,} errors of this checkpoint are on these tied glyphs."
    )


def group_table(state: DashboardState, rows: Sequence[dict[str, Any]], *, choose: bool = True) -> Html:
    """Draw the grouping ``state.by`` as a table; each row links to its errors. ``choose`` offers the other
    groupings."""
    tabs = [
        tag("button", words, type="button", data_put=f"by={by}", data_key=f"by {by}",
            aria_pressed="true" if by == state.by else "false")
        for by, words in GROUPINGS.items()
    ]  # fmt: skip
    heads = [("name", GROUPINGS[state.by]), ("", "right and wrong"), ("share", "right"), ("wrong", "✗"),
             ("n", "glyphs"), ("", "cells")]  # fmt: skip
    body = [_group_row(state, row) for row in sorted(rows, key=SORTED[state.sort])]
    spread = "whiskers: 95% over resampled families"
    note = f"{len(rows)} groups; {spread}; fewer than {MIN_GLYPHS} glyphs are faint; cells: share of right primitives"
    table = tag("table", tag("thead", tag("tr", *(_head(state, *head) for head in heads))), tag("tbody", *body))
    head = tag("div", *tabs, class_="tabs", role="group", aria_label="Group by") if choose else tag("h3", "By mark")
    scroll = tag("div", table, class_="scroll", data_scroll="groups", style=None if choose else "--tall:400px",
                 tabindex="0", role="region", aria_label="Groups, worst first")  # fmt: skip
    return tag("div", head, scroll, tag("p", note, class_="dim small"))


def bins_table(state: DashboardState, calibration: dict[str, Any]) -> Html:
    """Draw the tenths of confidence as a table; each row links to its errors."""
    rows = []
    for bin_ in calibration["bins"]:
        wrong = bin_["n"] - bin_["right"]
        address, pick = (state.address(bin_["filters"]), f"tenth {round(10 * bin_['low'])}") if wrong else ("", "")
        rows.append(tag("tr", tag("td", f"{bin_['low']:.1f} – {bin_['high']:.1f}"), tag("td", percent(bin_["p"])),
                        tag("td", percent(bin_["share"])), tag("td", points(bin_["share"] - bin_["p"])),
                        tag("td", linked(f"{wrong:,}", address, pick, class_="to wrong")),
                        tag("td", f"{bin_['n']:,}")))  # fmt: skip
    heads = ("confidence", "mean", "right", "gap", "✗", "glyphs")
    return tag("div", tag("table", tag("thead", tag("tr", *(tag("th", head) for head in heads))), tag("tbody", *rows)))


def calibration_words(calibration: dict[str, Any]) -> Html:
    """Say whether confidences are too high or too low."""
    gap = calibration["p"] - calibration["share"]
    kind = "well calibrated" if abs(gap) < 0.01 else "overconfident" if gap > 0 else "underconfident"
    summary = f"mean {percent(calibration['p'])}, right {percent(calibration['share'])}: {kind}"
    summary += f" · {calibration['n']:,} glyphs"
    error = tag("b", f"ECE {percent(calibration['ece'])}", title=ECE)
    return tag("div", error, tag("span", summary), class_="headline")


def rejection_words(curves: Mapping[str, Any] | None) -> Html:
    """Say what is kept of the known glyphs, and what passes of the others, at the confidence that counts as sure."""
    if curves is None:
        words = (
            "These results have no glyph whose label the checkpoint does not know, so nothing shows how many of such "
            "glyphs would pass. Evaluate a database with more labels."
        )
    else:
        at = (curves["final_p"] or curves["p"])["at"]
        words = (
            f"from confidence {at['threshold']:g} on: {percent(at['kept'])} of {curves['known']:,} known glyphs kept, "
            f"{percent(at['passed'])} of {curves['unknown']:,} unknown ones passed"
        )
        if curves["final_p"]:
            words += f" ({percent(curves['p']['at']['passed'])} without the answer OUTSIDE)"
    return tag("div", tag("b", "Unknown glyphs"), tag("span", words), class_="headline")


def threshold_words(effect: dict[str, Any]) -> Html:
    """Say how many glyphs reach the threshold."""
    summary = f"{effect['answered']:,} of {effect['n']:,} glyphs have a confidence of {effect['threshold']:.2f} or more"
    return tag(
        "div",
        tag("b", f"{percent(effect['coverage'])} answered"),
        tag("span", summary),
        class_="headline",
        role="status",
    )


def threshold_table(state: DashboardState, effect: dict[str, Any]) -> Html:
    """Draw the accuracy of answered glyphs by each criterion, with links to their errors and to the unanswered
    glyphs."""
    rows = []
    for key, criterion in CRITERIA.items():
        wrong = effect["answered"] - effect[key]
        address = state.address(effect[f"{key}_filters"]) if wrong else ""
        pick = f"answered {key} {effect['threshold']}" if wrong else ""
        rows.append(tag("tr", tag("td", criterion.title, title=METRICS[key].tooltip),
                        tag("td", percent(effect[f"{key}_share"])),
                        tag("td", linked(f"{wrong:,}", address, pick, class_="to wrong")),
                        tag("td", f"{effect['answered']:,}")))  # fmt: skip
    left = effect["n"] - effect["answered"]
    address, pick = (state.address(effect["left_filters"]), f"left {effect['threshold']}") if left else ("", "")
    rows.append(tag("tr", tag("td", "Not answered"), tag("td"), tag("td"),
                    tag("td", linked(f"{left:,}", address, pick, class_="to"))))  # fmt: skip
    heads = ("of the answered", "right", "✗", "glyphs")
    return tag("div", tag("table", tag("thead", tag("tr", *(tag("th", head) for head in heads))), tag("tbody", *rows)))


def tie_chips(state: DashboardState, limits: dict[str, Any] | None, geometry: bool | None) -> Html:
    """Draw the labels that cause the ceiling: labels with the same shape in a font. Each links to their errors."""
    if limits is None or not limits[_shape_key(geometry)[0]]["tied"]:
        return Html("")
    key, shape = _shape_key(geometry)
    chips = []
    for pair in limits[key]["pairs"]:
        labels = [(state.labels.base[state.labels.index[label]], label) for label in pair["labels"]]
        shown = Html(" = ".join(character(*label) for label in labels))
        title = (
            f"{' = '.join(readable_label(label) for _, label in labels)}: {pair['n']:,} glyphs with the same {shape}"
        )
        chips.append(linked(Html(shown + tag("span", f" {pair['n']:,}", class_="dim small")),
                            state.address(pair["filters"]), "", title=title, class_="chip"))  # fmt: skip
    note = f"{limits[key]['tied']:,} glyphs; the most frequent sets"
    return tag("div", tag("h3", "Same shape in one font, different labels", tag("span", note, class_="dim small")),
               tag("div", *chips, class_="chips"))  # fmt: skip


def cause_table(causes: list[dict[str, Any]]) -> Html:
    """Draw each error once, under the first cause that applies; the number links to its glyphs."""
    rows = [
        tag("tr", tag("td", cause["meaning"]), tag("td", percent(cause["share"])),
            tag("td", linked(f"{cause['n']:,}", "", f"cause {cause['name']}", class_="to wrong")))
        for cause in causes if cause["n"]
    ]  # fmt: skip
    if not rows:
        return Html("")
    heads = (tag("th", "Cause (by label): the first that applies"), tag("th", "of all"), tag("th", "✗"))
    return tag("div", tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="why"))


def facts(run: dict[str, Any]) -> Html:
    """Draw the facts about the training that the checkpoint contains."""
    shown = [
        ("epochs", run["epochs"]), ("minutes", run["minutes"]),
        ("parameters", run["parameters"] and f"{run['parameters']:,}"),
        ("trained on", run["train_glyphs"] and f"{run['train_glyphs']:,} glyphs of {run['dataset']}"),
        ("font files", run["fonts"]), ("commit", run["commit"]), ("lineage", run["lineage"]),
    ]  # fmt: skip
    pairs = [part for name, value in shown if value for part in (tag("dt", name), tag("dd", str(value)))]
    recipe = [tag("h3", "Settings that differ from the defaults"), tag("pre", run["recipe"])] if run["recipe"] else []
    history = [] if run["history"] else [tag("p", "The checkpoint has no history of its epochs.")]
    return tag("div", tag("dl", *pairs, class_="facts"), *recipe, *history)


def _group_row(state: DashboardState, row: dict[str, Any]) -> Html:
    name, share = row["name"], row["share"]
    address = state.address(row["filters"]) if row["wrong"] else ""
    pick = f"wrong {state.by} {name}" if row["wrong"] else ""
    if state.by == "mark":
        index = state.labels.index[name]
        words: Html | str = named(state.labels.base[index], name, mark=True)
    else:
        words = CLASSES.get(name, name) or "unknown"
    low, high = row["interval"] or (row["share"], row["share"])
    style = f"--share:{share:.1%};--low:{low:.1%};--high:{high:.1%}"
    return tag(
        "tr",
        tag("td", linked(words, address, pick, class_="to", data_key=f"row {name}"), title=name),
        tag("td", tag("i", style=style, role="img", aria_label=f"{share:.1%} right"), class_="bar"),
        tag("td", percent(share)),
        tag("td", linked(f"{row['wrong']:,}", address, pick, class_="to wrong", tabindex="-1")),
        tag("td", f"{row['n']:,}"),
        tag("td", percent(row["cells"]), class_="dim"),
        class_="few" if row["n"] < MIN_GLYPHS else None,
    )  # fmt: skip


def _head(state: DashboardState, sort: str, title: str) -> Html:
    if not sort:
        return tag("th", tag("span", title, class_="dim"), scope="col")
    order = None if sort != state.sort else "ascending" if sort in ("share", "name") else "descending"
    button = tag("button", title, type="button", data_put=f"sort={sort}", data_key=f"sort {sort}")
    return tag("th", button, aria_sort=order, scope="col")


def _card(title: str, value: str, interval: str, count: str) -> Html:
    spread = tag("span", interval or "no interval", class_="between")
    return tag(
        "span", tag("span", title, class_="title"), tag("b", value), spread, tag("span", count, class_="count to")
    )


def _shape_key(geometry: bool | None) -> tuple[str, str]:
    return ("geometry", "pixels, box and advance") if geometry else ("raster", "pixels")


def footnote(
    state: DashboardState, sample: EvaluationSlice, limits: dict[str, Any] | None, geometry: bool | None
) -> str:
    """Explain the figures: their glyphs, the glyphs left out, and the ceiling."""
    fonts = "fonts that it was not trained on" if state.split == "unseen" else f"split {state.split}"
    sentences = [f"{len(sample):,} glyphs of {len(sample.families):,} families ({fonts}), without sampling."]
    if sample.trained_on:
        sentences.append(f"{sample.trained_on:,} of them are of fonts that the checkpoint was trained on.")
    if sample.outside:
        sentences.append(
            f"{sample.outside:,} more glyphs have labels that the checkpoint does not know; they are left out."
        )
    if limits is None:
        sentences.append("The ceiling and the sizes of marks are unknown: the rasters are not in the cache.")
    else:
        sentences.append(ceiling_words(state, limits, geometry))
    return " ".join(sentences)
