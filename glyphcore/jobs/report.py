"""``glyphcore report``: analyse one checkpoint's results. Only results are read; no model is loaded."""

from __future__ import annotations

import json
from typing import Any

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.diacritics import PARTS
from glyphcore.analysis.evaluation_slice import evaluation_slice
from glyphcore.analysis.metrics import METRICS, percent
from glyphcore.analysis.report import report
from glyphcore.analysis.terms import ECE
from glyphcore.annotations.dataset import tags_of
from glyphcore.config import ReportConfig
from glyphcore.config.annotations import ANNOTATIONS
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.lookup import open_for
from glyphcore.results.where import of_figures


def run(config: ReportConfig, progress: Progress | None = None) -> dict[str, Any]:
    """Write the report as text or JSON; return it (see :func:`glyphcore.analysis.report.report`)."""
    progress = progress or Silent()
    database = _database(config)
    filters, split, left_out = of_figures(config.where, config.split)
    store = open_for(
        filters, config.model, config.db, config.results, config.cache, progress=progress,
        tags=lambda fingerprint: tags_of(ANNOTATIONS, fingerprint, config.db),
    )  # fmt: skip
    if left_out:
        progress.say(left_out)
    if database is not None and store.meta.dataset_fingerprint != database.fingerprint:
        progress.say(
            f"{store.path.name} was made from another database than {config.db}: "
            "the ceiling and the sizes of marks are unknown"
        )
        database = None
    shapes = None if database is None else Shapes.of(database, config.cache)
    result = report(
        evaluation_slice(store, database, split, filters), store, shapes, config.criterion, config.threshold
    )
    with writing(config.out) as out:
        out.write(json.dumps(result, indent=2, ensure_ascii=False) if config.json else text(result, config.rows))
        out.write("\n")
    return result


def text(result: dict[str, Any], rows: int) -> str:
    """Return a report as Markdown, with ``rows`` rows of each list."""
    seen = "" if result["trained_on"] is None else f", {result['trained_on']:,} of fonts that it was trained on"
    where = f", {result['where']}" if result["where"] else ""
    lines = [
        f"# {result['checkpoint']} on {result['split']}{where}: {result['n']:,} glyphs of {result['families']:,} "
        f"families{seen}",
        *_table(["", "%", "95% over families", "n"], [
            [METRICS[row["name"]].title, percent(row["value"]), _interval(row["interval"]),
             f"{row['n']:,} {METRICS[row['name']].unit}"] for row in result["scores"]
        ]),
        *_in_font(result["in_font"]),
        *_ceiling(result),
        *_table(["errors, by the first cause that applies", "n", "% of all glyphs"],
                [[row["meaning"], f"{row['n']:,}", percent(row["share"])] for row in result["causes"]]),
    ]  # fmt: skip
    for by, groups in result["by"].items():
        lines += _table([f"{by}{_shown_of(groups, rows)}", "right", "wrong", "n"],
                        [[row["name"], percent(row["share"]), f"{row['wrong']:,}", f"{row['n']:,}"]
                         for row in groups[:rows]])  # fmt: skip
    pairs = result["confusions"]
    lines += _table([f"confusions{_shown_of(pairs, rows)}", "predicted", "n", "of", ""],
                    [[row["truth"], row["pred"], f"{row['n']:,}", f"{row['of']:,}",
                      "confusable" if row["twin"] else "form" if row["form"] else ""]
                     for row in pairs[:rows]])  # fmt: skip
    lines += _classes(result["class_matrix"])
    pairs = result["pairs"]
    lines += _table([f"above{_shown_of(pairs, rows)}", "below", "right", "n", "right", "n", "↓", "↑"],
                    [[row["a"], row["b"], *(f"{row[key]:,}" for key in
                     ("right_a", "n_a", "right_b", "n_b", "a_as_b", "b_as_a"))] for row in pairs[:rows]])  # fmt: skip
    if result["sizes"]:
        lines += _table(["marks by longer side, em", "right", "wrong", "n"],
                        [[_size(row), percent(row["share"]), f"{row['wrong']:,}", f"{row['n']:,}"]
                         for row in result["sizes"]])  # fmt: skip
    head = [f"letters with{_shown_of(result['precomposed'], rows)}", "n", *(part.replace("_", " ") for part in PARTS)]
    lines += _table(head,
                    [[f"◌{row['mark']}", f"{row['n']:,}", *(f"{row[part]:,}" for part in PARTS)]
                     for row in result["precomposed"][:rows]])  # fmt: skip
    calibration, at = result["reliability"], result["at"]
    percentages = [percent(calibration[key]) for key in ("p", "share", "ece")]
    lines += [
        "",
        f"Mean confidence {percentages[0]}, right {percentages[1]}, expected calibration error {percentages[2]} over "
        f"{calibration['n']:,} glyphs in tenths.",
        ECE,
    ]
    shares = ", ".join(f"{METRICS[key].title} {percent(at[f'{key}_share'])}" for key in CRITERIA)
    lines.append(f"At confidence {at['threshold']:g} or more: {at['answered']:,} of {at['n']:,} glyphs answered "
                 f"({percent(at['coverage'])}), of these: {shares}.")  # fmt: skip
    if curves := result["rejection"]:
        for key, words in (("p", ""), ("final_p", ", where it says what is none of its labels")):
            if curves[key]:
                its = curves[key]["at"]
                lines.append(
                    f"From confidence {its['threshold']:g} on{words}: {percent(its['kept'])}% of {curves['known']:,} "
                    f"known glyphs are kept, {percent(its['passed'])}% of {curves['unknown']:,} others pass"
                )
    return "\n".join(lines)


def _database(config: ReportConfig) -> GlyphStore | None:
    try:
        return GlyphStore(config.db)
    except StoreError:
        return None


def _classes(matrix: dict[str, Any]) -> list[str]:
    """Return errors between classes; the diagonal has confusions with another label of the same class."""
    names = [name or "unknown" for name in matrix["classes"]]
    rows = [
        [name, percent(right / n), *(f"{count:,}" if count else "" for count in counts), f"{n:,}"]
        for name, right, n, counts in zip(names, matrix["right"], matrix["n"], matrix["counts"], strict=True)
        if n
    ]
    return _table(["errors, class predicted as", "right", *names, "n"], rows)


def _in_font(shares: dict[str, float] | None) -> list[str]:
    if shares is None:
        return []
    shares_text = ", ".join(f"{METRICS[key].title} {percent(share)}" for key, share in shares.items())
    return ["", f"With font-level decoding: {shares_text}."]


def _ceiling(result: dict[str, Any]) -> list[str]:
    if result["ceiling"] is None:
        return ["", "The ceiling is unknown: the rasters of the database are not in the cache."]
    lines = []
    for key, what in (("raster", "pixels"), ("geometry", "pixels, box and advance")):
        bound, criterion = result["ceiling"][key], result["criterion"]
        lines.append(
            f"- {bound['tied']:,} glyphs share their {what} with another label of their font: a model that sees "
            f"nothing else gets at most {percent(bound[criterion]['value'])}; {bound[criterion]['errors']:,} of "
            "this checkpoint's errors are among them."
        )
    return ["", *lines]


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    lines = [f"| {' | '.join(cells)} |" for cells in [head, ["---"] + ["---:"] * (len(head) - 1), *rows]]
    return ["", *lines]


def _shown_of(rows: list[Any], shown: int) -> str:
    return f", {shown} of {len(rows)}" if len(rows) > shown else ""


def _interval(interval: list[float] | None) -> str:
    return "–" if interval is None else f"{percent(interval[0])} … {percent(interval[1])}"


def _size(row: dict[str, Any]) -> str:
    if row["low"] is None:
        return "unknown"
    return f"{row['low']:g} and more" if row["high"] is None else f"{row['low']:g} to {row['high']:g}"
