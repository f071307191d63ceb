"""The claims of a PDF about its glyphs, weighed against the outlines before any text is considered.

A source of a font (its ToUnicode, its encoding, the glyph names or the ``cmap`` of its program) is believed by its
agreement with outlines that were read with certainty. In a font that is right, every glyph is what its sources claim.
In a font that is not right, a believed source changes the order of the candidates. Where such a source names a
character that the model does not know, it alone decides.
"""

from __future__ import annotations

from math import log

from glyphcore.pdf.glyphs import Glyph, Glyphs, plain, unbound
from glyphcore.pdf.verdicts import BELIEVED, ENOUGH, SOURCES, STRANGER, Agreement, Verdict, is_part, told
from glyphcore.text.grammar import Candidate

EXTRA = 2.0
"""Nats that a believed source adds beyond its odds: its errors concern a whole font, not single glyphs."""
ZERO_WIDTH = 0.05
"""Em; a blank glyph that is narrower is not a space."""
UNHEARD = 1.0
"""Nats below the last candidate at which a claim joins the candidates if it is not one of them."""


def settle(verdicts: list[Verdict], glyphs: Glyphs, *, every: bool = False) -> None:
    """Give each glyph the candidates that follow from the claims of the PDF. ``every``: also read fonts that are
    right."""
    heard: set[int] = set()
    for verdict in verdicts:
        if not verdict.lies and not every:
            for code, glyph in glyphs.of_font(verdict.font):
                if text := told(verdict.font, code, glyph):
                    glyphs.kept[id(verdict.font), code] = text
                    _pin(glyph, text, "kept")
                    heard.add(id(glyph))
    for verdict in verdicts:
        if verdict.lies or every:
            for code, glyph in glyphs.of_font(verdict.font):
                if verdict.verdict == "partly" and not every and (text := told(verdict.font, code, glyph)):
                    glyphs.kept[id(verdict.font), code] = text
                    if id(glyph) not in heard:
                        _pin(glyph, text, "kept")
                elif verdict.verdict == "partly" and not every and is_part(glyph) and not glyph.blank:
                    glyphs.kept[id(verdict.font), code] = ""  # the glyph of the letter has the text
                elif id(glyph) not in heard:
                    _weigh(glyph, verdict, code)
                heard.add(id(glyph))


def believed(agreement: Agreement) -> bool:
    """Whether a source is used for a font: it agrees, or too few glyphs could be judged to disbelieve it."""
    return agreement.judged < ENOUGH or agreement.rate >= BELIEVED


def _pin(glyph: Glyph, text: str, source: str) -> None:
    joins = next((candidate.joins for candidate in glyph.candidates if plain(candidate.text) == plain(text)), None)
    if joins is None and glyph.candidates:
        joins = glyph.candidates[0].joins
    glyph.candidates = [Candidate(text, joins, 0.0)]
    glyph.read(glyph.candidates[0], source, 1.0)


def _weigh(glyph: Glyph, verdict: Verdict, code: int) -> None:
    claims = verdict.font.claims_of(code)
    if verdict.verdict == "wrong" and "readers" in verdict.agreements:
        claims.pop("tounicode", None)
    claims = {source: unbound(text) for source, text in claims.items() if believed(verdict.agreements[source])}
    if glyph.blank:
        blank_text = next((text for source in SOURCES if (text := claims.get(source, "")).isspace()), "")
        text = blank_text or (" " if glyph.advance > ZERO_WIDTH else "\u200c")
        glyph.candidates = [Candidate(text, None, 0.0)]
        glyph.read(glyph.candidates[0], "blank", 1.0)
        return
    for source in SOURCES:
        text = claims.get(source, "")
        if (
            text
            and glyph.none > STRANGER
            and not any(plain(candidate.text) == plain(text) for candidate in glyph.candidates)
        ):
            _pin(glyph, text, source)  # the character has no label, and the outline is none of the labels
            return
        if text:
            _move(glyph, text, source, verdict.agreements[source])


def _move(glyph: Glyph, text: str, source: str, agreement: Agreement) -> None:
    rate = agreement.rate
    boost = log(rate / (1 - rate)) + (EXTRA if agreement.judged >= ENOUGH else EXTRA / 2)
    meant = plain(text)
    hits = [i for i, candidate in enumerate(glyph.candidates) if plain(candidate.text) == meant]
    if not hits:
        last = glyph.candidates[-1].log_p if glyph.candidates else 0.0
        glyph.candidates.append(Candidate(text, None, last - UNHEARD))
        hits = [len(glyph.candidates) - 1]
    first = glyph.candidates[0]
    glyph.candidates = [
        candidate._replace(log_p=candidate.log_p + boost) if i in hits else candidate
        for i, candidate in enumerate(glyph.candidates)
    ]
    best = max(glyph.candidates, key=lambda candidate: candidate.log_p)
    if plain(best.text) == meant != plain(first.text):
        glyph.read(best, source, rate)
    glyph.candidates.sort(
        key=lambda candidate: ((candidate.text, candidate.joins) != (glyph.text, glyph.joins), -candidate.log_p)
    )
