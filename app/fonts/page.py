"""Fonts: every glyph of a font compared with the font's own mapping, worst first; confirm, correct, export a CMap."""

import streamlit as st

from app.fonts import data as fonts
from app.fonts import files, toolbar
from app.fonts.charts import threshold_curve
from app.fonts.glyph_grid import glyph_grid
from app.fonts.recent import recent
from app.shared import parameters
from app.shared.messages import fragment

SORTS = ("worst", "glyph")


@fragment
def glyph_page(font: files.Font, audit: fonts.Audit, threshold: float) -> None:
    """Draw one page of glyphs. A page turn or an edit reruns only this fragment."""
    sort, verdict = parameters.word("sort", "worst", SORTS), parameters.word("verdict", "", fonts.VERDICTS)
    page = fonts.page(font, audit, verdict, sort == "glyph", parameters.integer("at"), parameters.integer("glyph"),
                      parameters.word("left") == "1")  # fmt: skip
    recent(font.key, font.name, page.done, page.of if not verdict else 0, key="recent")
    glyph_grid(
        page.findings,
        page.tiles,
        page.geometry,
        fonts.confirmed(font),
        audit.reading.labels,
        about=font.key,
        threshold=threshold,
        position=page.position,
        total=page.total,
        done_of=(page.done, page.of),
        pages=page.pages,
        cursor=parameters.integer("glyph"),
        key="fontsheet",
        on_turn=lambda start: parameters.update(at=start, glyph=None),
        on_edit=lambda edits: fonts.confirm(font, audit, edits),
    )


def main() -> None:
    """Read the URL, have the font read, and draw the page."""
    parameters.continued()
    key, known, models = parameters.word("font"), files.known(), files.models()
    with st.sidebar:
        toolbar.font_chooser(known, key, files.keep, files.KINDS, files.MAX_MEGABYTES)
    if not key or not models:
        toolbar.introduction(len(known))
        recent("", "", 0, 0, key="recent")
        return
    names = [path.name for path in models]
    model = models[names.index(parameters.word("model", names[0], names))]
    path = files.path_of(key)
    face = parameters.integer("face", 0, 0, len(files.faces(path)) - 1) or 0
    font = files.Font(key, path, face, model)
    per_glyph = parameters.word("alone") == "1"
    with st.sidebar:
        toolbar.reading_options(models, model, files.families(path), face, per_glyph)
    if not fonts.is_read(font):
        toolbar.reading_progress(font.title, lambda: fonts.progress(font))
        return
    audit = fonts.audit(font, per_glyph)
    threshold = parameters.fraction("t", fonts.THRESHOLD)
    with st.sidebar:
        toolbar.threshold_slider(threshold, audit.covered(threshold), len(audit.findings))
        st.plotly_chart(threshold_curve(audit.curve, threshold), config={"displayModeBar": False})
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        toolbar.title(font.name, [*fonts.notes(font), *audit.remarks])
        toolbar.exports(font.name, lambda kind: fonts.export(font, audit, threshold, kind), fonts.has_own_codes(font))
    with st.container(horizontal=True, vertical_alignment="center"):
        toolbar.verdicts(
            audit.counts, parameters.word("verdict", "", fonts.VERDICTS), parameters.word("sort", "worst", SORTS),
            parameters.word("left") == "1",
        )  # fmt: skip
    glyph_page(font, audit, threshold)


main()
