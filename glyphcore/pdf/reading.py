"""A PDF, read: what it shows, what its glyphs are, and which of its fonts lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pikepdf

from glyphcore.data.labels import LabelMap
from glyphcore.decoding.outside import Outside
from glyphcore.errors import PdfError
from glyphcore.pdf.content import Content, walk
from glyphcore.pdf.glyphs import Glyphs, Predict, read_glyphs
from glyphcore.pdf.objects import open_pdf
from glyphcore.pdf.verdicts import Verdict, judge


@dataclass
class Reading:
    """Everything that is known of one PDF."""

    path: Path
    pdf: pikepdf.Pdf
    content: Content
    glyphs: Glyphs
    verdicts: list[Verdict]
    """One a font that shows something, in the order in which the fonts are met."""

    @property
    def lies(self) -> bool:
        """Whether any font is not to be trusted."""
        return any(verdict.lies for verdict in self.verdicts)


def read_pdf(
    path: Path, predict: Predict, labels: LabelMap, password: str = "", outside: Outside | None = None
) -> Reading:
    """Open a PDF, read its glyphs and judge its fonts. ``predict``: of a predictor with these ``labels``;
    ``outside`` judges whether its glyphs are any of them.

    Raises PdfError when the file cannot be read.
    """
    pdf = open_pdf(path, password)
    content = walk(pdf)
    if not content.pages:
        raise PdfError(f"{path} has no pages that can be read.", subject=path)
    glyphs = read_glyphs(content.fonts, predict, labels, outside)
    return Reading(path, pdf, content, glyphs, [judge(font, glyphs, labels) for font in content.fonts])
