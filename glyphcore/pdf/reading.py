"""The reading of a PDF: the glyphs that it shows, their readings, and the fonts that lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pikepdf

from glyphcore.data.labels import LabelMap
from glyphcore.decoding.outside import Outside
from glyphcore.errors import PdfError
from glyphcore.pdf.content import Content, walk
from glyphcore.pdf.glyphs import Glyphs, Predict, read_glyphs
from glyphcore.pdf.objects import ANEW, CUT, PAGES, damage, open_pdf, promised_pages
from glyphcore.pdf.parts import compose
from glyphcore.pdf.verdicts import Verdict, judge
from glyphcore.progress import counted


@dataclass
class Reading:
    """Everything that is known about one PDF."""

    path: Path
    pdf: pikepdf.Pdf
    content: Content
    glyphs: Glyphs
    verdicts: list[Verdict]
    """One verdict per font that shows a glyph, in the order in which the fonts are met."""
    damage: str = ""
    """Damage of the file, and how much of it could be read; empty if there is none."""
    whole: bool = True
    """Whether all text of the pages could be read, as far as fonts are concerned."""

    @property
    def lies(self) -> bool:
        """Whether any font is not to be trusted."""
        return any(verdict.lies for verdict in self.verdicts)


def read_pdf(
    path: Path, predict: Predict, labels: LabelMap, password: str = "", outside: Outside | None = None
) -> Reading:
    """Open a PDF, read its glyphs and judge its fonts.

    ``predict`` belongs to a predictor with these ``labels``. ``outside`` judges whether a glyph is any of the labels.

    Raises PdfError when the file cannot be read.
    """
    pdf = open_pdf(path, password)
    promised = promised_pages(pdf)
    content = walk(pdf)
    if not content.pages:
        raise PdfError(f"{path} has no pages that can be read.", subject=path)
    what, lost = damage(pdf, path), set(content.fontless)
    if what:
        lost |= content.empty | set(range(content.pages, min(promised, PAGES)))
    elif lost:
        what = "it uses fonts that it does not contain"
    pages = max(content.pages, promised if lost else 0)
    if lost and not content.shown:
        problem = f"{path} is damaged, {what}: no text of its pages can be read."
        raise PdfError(problem, subject=path, remedy=ANEW)
    if what == CUT:  # font programs often come after the pages that use them
        for font in content.fonts:
            font.program_may_be_lost()
        lost |= {shown.page for shown in content.shown if shown.font.program is None}
    glyphs = read_glyphs(content.fonts, predict, labels, outside)
    verdicts = [judge(font, glyphs, labels) for font in content.fonts]
    textless = [verdict.font for verdict in verdicts if verdict.verdict in ("wrong", "missing")]
    compose(content, glyphs, textless, predict, labels, outside)
    remark = f"damaged, {what}: {_read(pages, pages - len(lost))}" if what else ""
    return Reading(path, pdf, content, glyphs, verdicts, remark, not lost)


def _read(pages: int, whole: int) -> str:
    if whole == pages:
        return "all that its pages show could be read" if pages > 1 else "all that its page shows could be read"
    return f"{whole:,} of {counted(pages, 'page')} could be read completely"
