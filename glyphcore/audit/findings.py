"""A font held against what its outlines look like: where does its own mapping disagree?

Judged is the character, since that is what a mapping is for; a right character in another form agrees, and says so.
A font has no word in two cases that must not be confused: nothing maps to a glyph (``unmapped``), or only characters
that no label stands for (``unlabelled``), where the model could not have agreed. A model has none where it takes a
glyph for none of its labels (``unknown``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glyphcore.data.claims import Claim
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.data.predictions import candidates

VERDICTS = ("disagrees", "twin", "unknown", "unmapped", "unlabelled", "agrees")
"""From what needs a look to what needs none."""
LISTED = 5
MEANING = {
    "disagrees": "the model reads another character",
    "twin": "another character, but one that most fonts draw alike",
    "unknown": "the model takes it for none of its labels",
    "unmapped": "the font does not say what it is",
    "unlabelled": "the font maps only characters that no label stands for",
    "agrees": "the same character",
}


@dataclass(frozen=True)
class Finding:
    """One glyph: what the font says, what the model says, and the verdict."""

    file: str
    glyph_id: int
    name: str
    verdict: str
    """One of :data:`VERDICTS`."""
    claim: Claim
    predicted: int
    """Class index; not the first of ``top`` when a whole font was assigned together."""
    p: float
    """Probability of ``predicted``."""
    claim_p: float
    """Probability of the font's character in its likeliest form; 0 where the font has no word."""
    same_form: bool
    """Whether ``predicted`` is the very label that the font reaches the glyph by."""
    top: tuple[int, ...]
    top_p: tuple[float, ...]
    outside: float = 0.0
    """Probability that it is none of the labels."""

    @property
    def is_outside(self) -> bool:
        """Whether it is rather none of the labels than ``predicted``."""
        return self.outside > self.p

    @property
    def gap(self) -> float:
        """How much surer the model is of its own reading than of the font's; −1 to 1."""
        return self.p - self.claim_p


def from_plain(values: Mapping[str, Any]) -> Finding:
    """A finding from what ``dataclasses.asdict`` made of it, also by way of JSON."""
    claim = Claim(*(tuple(values["claim"][name]) for name in ("characters", "labels")))
    return Finding(**{**values, "claim": claim, "top": tuple(values["top"]), "top_p": tuple(values["top_p"])})


def judge(predicted: int, claim: Claim, labels: LabelMap) -> str:
    """The verdict on one glyph."""
    if not claim.labels:
        return "unlabelled" if claim.characters else "unmapped"
    claimed = list(claim.labels)
    if labels.base_index[predicted] in labels.base_index[claimed]:
        return "agrees"
    return "twin" if labels.twin_index[predicted] in labels.twin_index[claimed] else "disagrees"


def claimed_p(p: np.ndarray, claims: Sequence[Claim], labels: LabelMap) -> np.ndarray:
    """float64 [n]: of all probabilities ``p`` [n, classes], the best one among forms of the claimed characters."""
    base = labels.base_index
    return np.array(
        [row[np.isin(base, base[list(claim.labels)])].max() if claim.labels else 0.0
         for row, claim in zip(p, claims, strict=True)], dtype=np.float64,
    )  # fmt: skip


def finding(
    file: str, glyph_id: int, name: str, claim: Claim, claim_p: float, top: Sequence[int], top_p: Sequence[float],
    labels: LabelMap, place: int = 0, outside: float = 0.0,
) -> Finding:  # fmt: skip
    """Judge one glyph by the candidate at ``place`` (:class:`glyphcore.decoding.decode.Decoded`), unless it is rather
    none of the labels, with probability ``outside``."""
    predicted, p = int(top[place]), float(top_p[place])
    verdict = judge(predicted, claim, labels)
    return Finding(
        file, glyph_id, name, "unknown" if outside > p and verdict != "unlabelled" else verdict, claim, predicted, p,
        float(claim_p), predicted in claim.labels, tuple(map(int, top)), tuple(map(float, top_p)), outside,
    )  # fmt: skip


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Disagreements, the surest first; then the other verdicts in their order, each alike; another form before none."""
    place = {verdict: i for i, verdict in enumerate(VERDICTS)}
    return sorted(findings, key=lambda f: (place[f.verdict], f.verdict == "agrees" and f.same_form, -f.gap))


def summary(findings: Iterable[Finding]) -> dict[str, dict[str, int]]:
    """Per file, and under ``all`` when there are several: glyphs a verdict, and ``n``."""
    files: dict[str, Counter[str]] = {}
    for finding in findings:
        files.setdefault(finding.file, Counter())[finding.verdict] += 1
    if len(files) > 1:
        files["all"] = sum(files.values(), Counter())
    return {
        file: {"n": count.total(), **{verdict: count[verdict] for verdict in VERDICTS}} for file, count in files.items()
    }


def said_by_font(claim: Claim, labels: LabelMap) -> str:
    """The font's word in a line: labels, else code points, else a dash."""
    if claim.labels:
        return " / ".join(f"{labels.labels[i]} {codepoints(labels.base[i])}" for i in claim.labels)
    return " / ".join(f"U+{code:04X}" for code in claim.characters) or "–"


def record(finding: Finding, labels: LabelMap) -> dict[str, Any]:
    """Plain types, for one line of JSON; of the candidates the first :data:`LISTED`."""
    return {
        "file": finding.file,
        "glyph_id": finding.glyph_id,
        "glyph_name": finding.name,
        "verdict": finding.verdict,
        "same_form": finding.same_form,
        "font": {
            "characters": [f"U+{code:04X}" for code in finding.claim.characters],
            "labels": [labels.labels[i] for i in finding.claim.labels],
            "base": list(dict.fromkeys(labels.base[i] for i in finding.claim.labels)),
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
    """For a terminal: counts and shares a font, then the surest disagreements. Letters are shown as code points."""
    lines = [f"| | glyphs | {' | '.join(VERDICTS)} |", f"|---|---:|{'---:|' * len(VERDICTS)}"]
    for file, count in summary(findings).items():
        shares = [f"{count[verdict]:,} ({count[verdict] / count['n']:.1%})" for verdict in VERDICTS]
        lines.append(f"| {file} | {count['n']:,} | {' | '.join(shares)} |")
    worst = [finding for finding in worst_first(findings) if finding.verdict == "disagrees"]
    if worst:
        lines += ["", f"disagrees, surest first ({min(rows, len(worst))} of {len(worst):,}); p: model's, font's", ""]
    several = len({finding.file for finding in worst}) > 1
    for finding in worst[:rows]:
        model = f"{labels.labels[finding.predicted]} {codepoints(labels.base[finding.predicted])}"
        where = f"  {finding.file}" if several else ""
        lines.append(
            f"{finding.p:.3f} {finding.claim_p:.3f}  glyph {finding.glyph_id:<5} {finding.name[:20]:<20}  "
            f"font: {said_by_font(finding.claim, labels)[:60]:<44}  model: {model}{where}"
        )
    return "\n".join(lines)
