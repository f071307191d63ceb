"""Fonts that draw small letters as capitals: that is one fact about the font, not a wrong mapping of every letter.

The outline of such a letter is a capital, so a model can only predict the capital. The mapping tells that it is the
small letter: a wrong mapping would not have each small letter at the capital of just this letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glyphcore.audit.findings import Finding
from glyphcore.data.labels import LabelMap

ENOUGH = 8
"""Smallest number of such letters."""
MOST = 0.7
"""Share of such letters among the small letters that look unlike their capitals."""


def with_small_capitals(findings: Sequence[Finding], labels: LabelMap) -> list[Finding]:
    """Return the findings of a font. Where it draws small letters as capitals, these letters are confusable with their
    capitals in this font: their verdict is ``twin``, and ``small_capital`` is set."""
    drawn = [_is_capital(finding, labels) for finding in findings]
    capitals = drawn.count(True)
    if capitals < ENOUGH or capitals < MOST * (len(drawn) - drawn.count(None)):
        return list(findings)
    return [
        replace(finding, verdict="twin", small_capital=True) if is_capital else finding
        for finding, is_capital in zip(findings, drawn, strict=True)
    ]


def _is_capital(finding: Finding, labels: LabelMap) -> bool | None:
    """Whether a glyph that the font maps to a small letter is predicted as its capital; None for other glyphs, and for
    letters whose capital has the same shape."""
    bases = {labels.base[label] for label in finding.mapping.labels}
    small = bases.pop() if len(bases) == 1 else ""
    capital = small.upper()
    if finding.is_outside or len(small) != len(capital) or capital in labels.twin_bases.get(small, {small}):
        return None
    return labels.base[finding.predicted] in labels.twin_bases.get(capital, {capital})
