"""Compares a font's own mapping with the predictions for its outlines.

The verdict is about the character, because a mapping gives characters. The correct character in another form agrees,
and the finding says so. Two cases have no mapping to compare: nothing maps to the glyph (``unmapped``), or only
characters without a label do (``unlabelled``), so that the model could not agree. A prediction is missing where the
model takes a glyph for none of its labels (``unknown``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glyphcore.data.glyph_mappings import GlyphMapping
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.data.predictions import candidates

VERDICTS = ("disagrees", "twin", "unknown", "unmapped", "unlabelled", "agrees")
"""Verdicts in order of urgency."""
LISTED = 5
MEANING = {
    "disagrees": "the model predicts another character",
    "twin": "the model predicts a confusable: most fonts, or this font, draw both alike",
    "unknown": "the model predicts none of its labels",
    "unmapped": "the font maps no character to it",
    "unlabelled": "the font maps only characters without a label",
    "agrees": "the same character",
}


@dataclass(frozen=True)
class Finding:
    """One glyph: the font's mapping, the model's prediction, and the verdict."""

    file: str
    glyph_id: int
    name: str
    verdict: str
    """One of :data:`VERDICTS`."""
    mapping: GlyphMapping
    predicted: int
    """Class index; font-level decoding may give another label than the first of ``top``."""
    p: float
    """Probability of ``predicted``."""
    claim_p: float
    """Probability of the mapped character in its likeliest form; 0 where the font maps none."""
    same_form: bool
    """Whether ``predicted`` is exactly the label that the font maps to the glyph."""
    top: tuple[int, ...]
    top_p: tuple[float, ...]
    outside: float = 0.0
    """Probability that the glyph is none of the labels."""
    small_capital: bool = False
    """Whether it is a small letter of a font that draws small letters as capitals."""

    @property
    def is_outside(self) -> bool:
        """Whether the glyph is more probably none of the labels than ``predicted``."""
        return self.outside > self.p

    @property
    def gap(self) -> float:
        """Probability of the prediction minus that of the font's character; −1 to 1."""
        return self.p - self.claim_p


def from_plain(values: Mapping[str, Any]) -> Finding:
    """Make a finding from its ``dataclasses.asdict``, also after JSON."""
    mapping = GlyphMapping(*(tuple(values["mapping"][name]) for name in ("characters", "labels")))
    return Finding(**{**values, "mapping": mapping, "top": tuple(values["top"]), "top_p": tuple(values["top_p"])})


def judge(predicted: int, mapping: GlyphMapping, labels: LabelMap) -> str:
    """Return the verdict on one glyph."""
    if not mapping.labels:
        return "unlabelled" if mapping.characters else "unmapped"
    mapped = list(mapping.labels)
    if labels.base_index[predicted] in labels.base_index[mapped]:
        return "agrees"
    return "twin" if labels.twin_index[predicted] in labels.twin_index[mapped] else "disagrees"


def claimed_p(p: np.ndarray, mappings: Sequence[GlyphMapping], labels: LabelMap) -> np.ndarray:
    """Return float64 [n]: the highest of the probabilities ``p`` [n, classes] among forms of the mapped characters."""
    highest = np.zeros(len(mappings))
    for i, mapping in enumerate(mappings):
        if mapping.labels:
            highest[i] = p[i, [form for label in mapping.labels for form in labels.forms_of[label]]].max()
    return highest


def finding(
    file: str, glyph_id: int, name: str, mapping: GlyphMapping, claim_p: float, top: Sequence[int],
    top_p: Sequence[float], labels: LabelMap, rank: int = 0, outside: float = 0.0,
) -> Finding:  # fmt: skip
    """Judge one glyph by the candidate at ``rank`` (:class:`glyphcore.decoding.decode.Decoded`), or as ``unknown``
    where ``outside``, the probability that it is none of the labels, is higher."""
    predicted, p = int(top[rank]), float(top_p[rank])
    verdict = judge(predicted, mapping, labels)
    return Finding(
        file, glyph_id, name, "unknown" if outside > p and verdict != "unlabelled" else verdict, mapping, predicted, p,
        float(claim_p), predicted in mapping.labels, tuple(map(int, top)), tuple(map(float, top_p)), outside,
    )  # fmt: skip


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: disagreements first, the most certain first; then the other verdicts in their order, each sorted
    the same way. Agreement in another form comes before full agreement."""
    order = {verdict: i for i, verdict in enumerate(VERDICTS)}
    return sorted(findings, key=lambda f: (order[f.verdict], f.verdict == "agrees" and f.same_form, -f.gap))


def summary(findings: Iterable[Finding]) -> dict[str, dict[str, int]]:
    """Return the number of glyphs per verdict, and ``n``, for each file, and under ``all`` when there are several
    files."""
    files: dict[str, Counter[str]] = {}
    for finding in findings:
        files.setdefault(finding.file, Counter())[finding.verdict] += 1
    if len(files) > 1:
        files["all"] = sum(files.values(), Counter())
    return {
        file: {"n": count.total(), **{verdict: count[verdict] for verdict in VERDICTS}} for file, count in files.items()
    }


def said_by_font(mapping: GlyphMapping, labels: LabelMap) -> str:
    """Return the mapping in one line: labels, else code points, else a dash."""
    if mapping.labels:
        return " / ".join(f"{labels.labels[i]} {codepoints(labels.base[i])}" for i in mapping.labels)
    return " / ".join(f"U+{code:04X}" for code in mapping.characters) or "–"


def record(finding: Finding, labels: LabelMap) -> dict[str, Any]:
    """Return a finding as plain types, for one line of JSON, with the first :data:`LISTED` candidates."""
    return {
        "file": finding.file,
        "glyph_id": finding.glyph_id,
        "glyph_name": finding.name,
        "verdict": finding.verdict,
        "same_form": finding.same_form,
        "font": {
            "characters": [f"U+{code:04X}" for code in finding.mapping.characters],
            "labels": [labels.labels[i] for i in finding.mapping.labels],
            "base": list(dict.fromkeys(labels.base[i] for i in finding.mapping.labels)),
            "prob": round(finding.claim_p, 6),
        },
        "model": {
            "label": labels.labels[finding.predicted],
            "base": labels.base[finding.predicted],
            "prob": round(finding.p, 6),
            "outside": round(finding.outside, 6),
        },
        "gap": round(finding.gap, 6),
        "topk": candidates(finding.top[:LISTED], finding.top_p[:LISTED], labels),
    }


def table(findings: Sequence[Finding], labels: LabelMap, rows: int = 20) -> str:
    """Return a table for a terminal: counts and shares per font, then the most certain disagreements. Letters are shown
    as code points."""
    lines = [f"| | glyphs | {' | '.join(VERDICTS)} |", f"|---|---:|{'---:|' * len(VERDICTS)}"]
    for file, count in summary(findings).items():
        shares = [f"{count[verdict]:,} ({count[verdict] / count['n']:.1%})" for verdict in VERDICTS]
        lines.append(f"| {file} | {count['n']:,} | {' | '.join(shares)} |")
    worst = [finding for finding in worst_first(findings) if finding.verdict == "disagrees"]
    if worst:
        lines += [
            "",
            f"disagrees, most confident first ({min(rows, len(worst))} of {len(worst):,}); p of model and font",
            "",
        ]
    several = len({finding.file for finding in worst}) > 1
    for finding in worst[:rows]:
        model = f"{labels.labels[finding.predicted]} {codepoints(labels.base[finding.predicted])}"
        where = f"  {finding.file}" if several else ""
        lines.append(
            f"{finding.p:.3f} {finding.claim_p:.3f}  glyph {finding.glyph_id:<5} {finding.name[:20]:<20}  "
            f"font: {said_by_font(finding.mapping, labels)[:60]:<44}  model: {model}{where}"
        )
    return "\n".join(lines)
