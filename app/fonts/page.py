"""Fonts: every glyph of a font against its own mapping, worst first; confirm, correct, take home a CMap."""

import streamlit as st

from app.fonts import data as fonts
from app.fonts import files as fontfiles
from app.fonts import toolbar as fontbar
from app.fonts.charts import threshold_curve
from app.fonts.sheet import font_sheet
from app.shared import parameters
from app.shared.messages import fragment

SORTS = ("worst", "glyph")


@fragment
def sheet(font: fontfiles.Font, audit: fonts.Audit, threshold: float) -> None:
    """One page of glyphs; a turn and an edit run only this."""
    sort, verdict = parameters.word("sort", "worst", SORTS), parameters.word("verdict", "", fonts.VERDICTS)
    page = fonts.page(font, audit, verdict, sort == "glyph", parameters.whole("at"), parameters.whole("glyph"))
    font_sheet(
        page.findings,
        page.tiles,
        page.geometry,
        fonts.confirmed(font),
        audit.reading.labels,
        about=font.key,
        threshold=threshold,
        position=page.position,
        total=page.total,
        pages=page.pages,
        cursor=parameters.whole("glyph"),
        key="fontsheet",
        on_turn=lambda start: parameters.put(at=start, glyph=None),
        on_edit=lambda edits: fonts.confirm(font, audit, edits),
    )


def main() -> None:
    """Read the URL, have the font read, draw."""
    parameters.continued()
    key, known, models = parameters.word("font"), fontfiles.known(), fontfiles.models()
    with st.sidebar:
        fontbar.font_chooser(known, key, fontfiles.keep, fontfiles.KINDS, fontfiles.LARGEST)
    if not key or not models:
        fontbar.introduction(len(known))
        return
    names = [each.name for each in models]
    model = models[names.index(parameters.word("model", names[0], names))]
    path = fontfiles.path_of(key)
    face = parameters.whole("face", 0, 0, len(fontfiles.faces(path)) - 1) or 0
    font = fontfiles.Font(key, path, face, model)
    alone = parameters.word("alone") == "1"
    with st.sidebar:
        fontbar.reading_options(models, model, fontfiles.families(path), face, alone)
    if not fonts.wait(font):
        fontbar.reading(font.title, lambda: fonts.progress(font))
        return
    audit = fonts.audit(font, alone)
    threshold = parameters.share("t", fonts.THRESHOLD)
    with st.sidebar:
        fontbar.threshold_slider(threshold, audit.covered(threshold), len(audit.findings))
        st.plotly_chart(threshold_curve(audit.curve, threshold), config={"displayModeBar": False})
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        fontbar.title(font.name, fonts.notes(font))
        fontbar.exports(font.name, lambda kind: fonts.export(font, audit, threshold, kind), fonts.coded(font))
    with st.container(horizontal=True, vertical_alignment="center"):
        fontbar.verdicts(
            audit.counts, parameters.word("verdict", "", fonts.VERDICTS), parameters.word("sort", "worst", SORTS)
        )
    sheet(font, audit, threshold)


main()
