"""Decides one text per glyph: a person's correction, else the model's prediction where it is certain enough, else the
font's mapping.

The font is believed in three cases only: where it maps characters without a label (the model cannot know them), where
the model gives the same text with low confidence, and where it draws small letters as capitals. A glyph without a
certain answer gets no text, because a wrong character in a search index is worse than a missing one. A glyph that is
probably none of the labels gets no text either. Glyph 0 stands for characters that a font lacks. It has no text of its
own, even where its box looks like a digit, and only a person's correction gives it a text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glyphcore.audit.corrections import Correction
from glyphcore.audit.findings import Finding, record
from glyphcore.data.fonts import NOTDEF
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.files import spreadsheet

STEPS = 101


@dataclass(frozen=True)
class Decided:
    """A glyph and its text."""

    finding: Finding
    text: str
    label: str
    """Label of the text; empty where ``text`` has no label."""
    source: str
    """Source of the text: ``confirmed`` (a person), ``model`` or ``font``; empty without a text."""


def decide(
    findings: Sequence[Finding], confirmed: Mapping[int, Correction], threshold: float, labels: LabelMap
) -> list[Decided]:
    """Return one decision per glyph, with or without a text. ``threshold``: probability from which the model is
    believed."""
    return [_decide(finding, confirmed.get(finding.glyph_id), threshold, labels) for finding in findings]


def _decide(finding: Finding, correction: Correction | None, threshold: float, labels: LabelMap) -> Decided:
    if correction:
        return Decided(finding, correction.text, correction.label, "confirmed")
    if finding.glyph_id == NOTDEF:
        return Decided(finding, "", "", "")
    if finding.verdict == "unlabelled":
        return Decided(finding, chr(finding.mapping.characters[0]), "", "font")
    if finding.small_capital:
        label = finding.mapping.labels[0]
        return Decided(finding, labels.base[label], labels.labels[label], "font")
    source = (
        ""
        if finding.is_outside
        else "model"
        if finding.p >= threshold
        else "font"
        if finding.verdict == "agrees"
        else ""
    )
    if not source:
        return Decided(finding, "", "", "")
    return Decided(finding, labels.base[finding.predicted], labels.labels[finding.predicted], source)


def texts(decided: Sequence[Decided]) -> dict[int, str]:
    """Return glyph index → text, for :func:`glyphcore.audit.tounicode.to_unicode`; glyphs without a text are left
    out."""
    return {decision.finding.glyph_id: decision.text for decision in decided if decision.text}


def to_jsonl(decided: Sequence[Decided], labels: LabelMap) -> str:
    """Return one finding per line as ``glyphcore audit`` writes it, followed by ``decided``."""
    return "".join(json.dumps(line(decision, labels), ensure_ascii=False) + "\n" for decision in decided)


def line(decision: Decided, labels: LabelMap) -> dict[str, object]:
    """Return a decision as plain types, for one line of JSON."""
    return {**record(decision.finding, labels), "decided": answer(decision)}


def answer(decision: Decided) -> dict[str, str]:
    """Return a glyph's text and its source, without the finding."""
    return {
        "text": decision.text,
        "codepoints": codepoints(decision.text),
        "label": decision.label,
        "source": decision.source,
    }


def to_csv(decided: Sequence[Decided], labels: LabelMap) -> str:
    """Return the decisions as CSV for a spreadsheet. ``--confirmed`` reads it too, using only its confirmed rows."""
    rows: list[tuple] = [
        ("glyph_id", "glyph_name", "verdict", "text", "codepoints", "label", "source", "font", "model", "p",
         "outside", "font_p", "second", "second_p", "third", "third_p")
    ]  # fmt: skip
    for decision in decided:
        finding = decision.finding
        others = [k for k in range(len(finding.top)) if finding.top[k] != finding.predicted][:2]
        rivals = [value for k in others for value in (labels.labels[finding.top[k]], f"{finding.top_p[k]:.4f}")]
        mapped = " ".join(f"U+{code:04X}" for code in finding.mapping.characters) or " ".join(
            codepoints(labels.base[i]) for i in finding.mapping.labels
        )
        rows.append(
            (
                finding.glyph_id,
                finding.name,
                finding.verdict,
                decision.text,
                codepoints(decision.text),
                decision.label,
                decision.source,
                mapped,
                labels.labels[finding.predicted],
                f"{finding.p:.4f}",
                f"{finding.outside:.4f}",
                f"{finding.claim_p:.4f}",
                *rivals,
            )
        )
    return "".join(spreadsheet(rows))


@dataclass(frozen=True)
class Curve:
    """The effect of thresholds; arrays are [101], for thresholds from 0 to 1."""

    threshold: np.ndarray
    covered: np.ndarray
    """int64: glyphs for which the model has at least this confidence."""
    judged: np.ndarray
    """int64: covered glyphs that the font maps."""
    agrees: np.ndarray
    """int64: judged glyphs whose mapping agrees."""
    agrees_or_twin: np.ndarray
    """int64: judged glyphs whose mapping agrees or is a twin."""
    n: int
    """Number of all glyphs."""


def curve(findings: Sequence[Finding]) -> Curve:
    """Return coverage and agreement with the font for every threshold."""
    threshold = np.linspace(0, 1, STEPS)
    p = np.array([0.0 if finding.is_outside else finding.p for finding in findings], np.float64)
    kind = np.array([finding.verdict for finding in findings], dtype=object)

    def at_least(chosen: np.ndarray) -> np.ndarray:
        values = np.sort(p[chosen])
        return len(values) - np.searchsorted(values, threshold, side="left")

    agrees, confusable = kind == "agrees", kind == "twin"
    return Curve(
        threshold=threshold,
        covered=at_least(np.ones(len(p), bool)),
        judged=at_least(agrees | confusable | (kind == "disagrees")),
        agrees=at_least(agrees),
        agrees_or_twin=at_least(agrees | confusable),
        n=len(findings),
    )
