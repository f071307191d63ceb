"""PDF: a document as it looks, with the trust in each glyph's text. A correction applies to all uses of a glyph."""

import streamlit as st

from app.pdf import controls, data
from app.pdf.viewer import pdf_viewer
from app.shared import parameters
from app.shared.messages import fragment


@fragment
def viewer(file: data.File) -> None:
    """Draw one page of the PDF. A page turn or a correction reruns only this fragment."""
    report = data.overview(file)
    number = (parameters.integer("page", 1, 1, len(report["pages"])) or 1) - 1
    pdf_viewer(
        report, data.page(file, number), about=file.path.stem, cursor=parameters.integer("glyph"), key="pdf_viewer",
        on_turn=lambda page: parameters.update(page=page + 1 if page else None, glyph=None),
        on_edit=lambda edits: data.confirm(file, edits),
    )  # fmt: skip


def main() -> None:
    """Read the URL, have the PDF read, and draw the page."""
    parameters.continued()
    key = parameters.word("pdf")
    with st.sidebar:
        controls.chooser(data.keep, data.recent(), key, data.MAX_MEGABYTES)
    if not key:
        controls.introduction()
        return
    file = data.opened(key, controls.passwords().get(key, ""))
    if data.is_reading(file):
        controls.reading(file.name, lambda: data.is_reading(file))
        return
    if problem := data.locked(file):
        controls.password(file.name, problem, key)
        return
    report = data.overview(file)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        controls.headline(file.name, report)
        controls.exports(file.name, lambda kind: data.export(file, kind))
    with st.sidebar:
        controls.fonts(report["fonts"])
    viewer(file)


main()
