"""Fonts that draw small letters as capitals: that is one fact about the font, not a wrong mapping of every letter.

The outline of such a letter is a capital, so a model can only predict the capital. The mapping tells that it is the
small letter: a wrong mapping would not have each small letter at the capital of just this letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from glyphcore.audit.findings import Finding
from glyphcore.data.labels import LabelMap

ENOUGH = 8
"""Smallest number of such letters of a script."""
MOST = 0.7
"""Share of such letters among the small letters of the script that look unlike their capitals."""


def with_small_capitals(findings: Sequence[Finding], labels: LabelMap) -> list[Finding]:
    """Return the findings of a font. Where it draws small letters as capitals, all of them or those of a script, these
    letters are confusable with their capitals in this font: their verdict is ``twin``, and ``small_capital`` is set."""
    scripts: dict[str, dict[int, bool]] = {}
    for i, finding in enumerate(findings):
        if (letter := _small_letter(finding, labels)) is not None:
            script, is_capital = letter
            scripts.setdefault(script, {})[i] = is_capital
    whole_font = {i: is_capital for letters in scripts.values() for i, is_capital in letters.items()}
    drawn_so: set[int] = set()
    for letters in (whole_font, *scripts.values()):
        capitals = {i for i, is_capital in letters.items() if is_capital}
        if len(capitals) >= max(ENOUGH, MOST * len(letters)):
            drawn_so |= capitals
    return [
        replace(finding, verdict="twin", small_capital=True) if i in drawn_so else finding
        for i, finding in enumerate(findings)
    ]


def _small_letter(finding: Finding, labels: LabelMap) -> tuple[str, bool] | None:
    """Return the script of a glyph that the font maps to a small letter, and whether it is predicted as its capital;
    None for other glyphs, and for letters whose capital has the same shape."""
    bases = {labels.base[label] for label in finding.mapping.labels}
    small = bases.pop() if len(bases) == 1 else ""
    capital = small.upper() if len(small.upper()) == len(small) else small.title()  # ᾁ: ᾉ, not ἉΙ
    if finding.is_outside or len(small) != len(capital) or capital in labels.twin_bases.get(small, {small}):
        return None
    script = unicodedata.name(small[0], "").split(" ")[0]
    return script, labels.base[finding.predicted] in labels.twin_bases.get(capital, {capital})
