"""Describes a font in one sentence: its scripts, and whether the model knows them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from glyphcore.audit.findings import Finding
from glyphcore.audit.font_predictions import FontReading
from glyphcore.data.labels import LabelMap, is_arabic
from glyphcore.decoding.outside import KINDS

ENOUGH = 5
"""Smallest number of glyphs for a sentence about a font."""
MOSTLY = 0.5
"""Share of glyphs outside the labels from which a font counts as being of another script."""
ALPHABETS = 100
"""Number of predicted letters from which a font has a script that the model knows, whatever other glyphs it has: a font
of wide coverage has some thousand glyphs outside the labels."""
CLEARLY = 0.6
"""Share of one kind among these glyphs from which the kind is named."""
OTHERS = {
    "Cyrillic": "another script, Cyrillic by its looks",
    "Greek": "another script, Greek by its looks",
    "Latin": "Latin letters without a label",
    "Arabic": "Arabic letters without a label",
    "mark": "marks without a label",
    "symbol": "symbols without a label",
    "icon": "pictures or whole words",
}
OTHER = "another script"
WIDER = ("Latin", "Cyrillic", "Greek", "Hebrew", "Armenian", "Georgian")
"""Scripts of the model with more labels, as the names of their characters begin."""


def scripts(findings: Sequence[Finding], labels: LabelMap) -> dict[str, int]:
    """Count glyphs that are predicted as a label, by script, most frequent first: ``Arabic``, ``Latin``, one of
    :data:`WIDER`, or ``signs``."""
    counts = Counter(_script(finding.predicted, labels) for finding in findings if not finding.is_outside)
    return dict(counts.most_common())


def _script(label: int, labels: LabelMap) -> str:
    base = labels.base[label]
    if any(map(is_arabic, base)):
        return "Arabic"
    if labels.char_class[label] == "latin":
        return "Latin"
    named = unicodedata.name(base[0], "").split(" ")[0].capitalize()
    return named if named in WIDER and unicodedata.category(base[0])[0] == "L" else "signs"


def remarks(reading: FontReading, findings: Sequence[Finding]) -> list[str]:
    """Return sentences about a font as a whole; ``findings`` of all its glyphs, in glyph order."""
    bowls = int(reading.parts.sum())
    composes = f"composes letters from parts: {bowls:,} bowls and dots are no text by themselves" if bowls else ""
    capitals = sum(finding.small_capital for finding in findings)
    small = f"draws small letters as capitals: the text of {capitals:,} is the small letter" if capitals else ""
    return [remark for remark in (sentence(findings, reading.kinds, reading.labels), composes, small) if remark]


def sentence(findings: Sequence[Finding], kinds: np.ndarray, labels: LabelMap) -> str:
    """Return sentences about a font with glyphs that are none of the labels; empty for other fonts.

    ``kinds``: log-probabilities float32 [n, kinds] of the same glyphs, in the same order; [n, 0] where unknown.
    """
    outside = np.array([finding.is_outside for finding in findings], bool)
    n, strangers = len(findings), int(outside.sum())
    if not strangers or n < ENOUGH:
        return ""
    counts = scripts(findings, labels)
    letters = sum(count for script, count in counts.items() if script != "signs")
    if strangers < MOSTLY * n or letters >= ALPHABETS:
        counts_text = ", ".join(f"{count:,} {script}" for script, count in counts.items())
        verb = "is" if strangers == 1 else "are"
        return f"{n:,} glyphs read: {counts_text}; {strangers:,} {verb} OUTSIDE, none of the labels"
    if not kinds.shape[1]:
        return f"{n:,} glyphs read: {strangers:,} are OUTSIDE"
    likely = np.exp(kinds[outside, 1:])
    shares = (likely / likely.sum(1, keepdims=True)).mean(0)
    best = int(shares.argmax())
    what = OTHERS.get(KINDS[1 + best], OTHER) if shares[best] >= CLEARLY else OTHER
    return f"{n:,} glyphs read; this looks like a font of {what}: {strangers:,} are OUTSIDE"
