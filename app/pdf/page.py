"""PDF: a document as it looks, every glyph by how far it can be trusted; correct one, and all of its kind follow."""

import streamlit as st

from app.pdf import controls, data
from app.pdf.viewer import pdf_viewer
from app.shared import parameters
from app.shared.messages import fragment


@fragment
def viewer(file: data.File) -> None:
    """One page of the PDF; a turn and a correction run only this."""
    report = data.overview(file)
    number = (parameters.integer("page", 1, 1, len(report["pages"])) or 1) - 1
    pdf_viewer(
        report, data.page(file, number), about=file.path.stem, cursor=parameters.integer("glyph"), key="pdf_viewer",
        on_turn=lambda page: parameters.update(page=page + 1 if page else None, glyph=None),
        on_edit=lambda edits: data.confirm(file, edits),
    )  # fmt: skip


def main() -> None:
    """Read the URL, have the PDF read, draw."""
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
    try:
        report = data.overview(file)
    except data.PasswordError as error:
        controls.password(file.name, str(error), key)
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        controls.headline(file.name, report)
        controls.exports(file.name, lambda kind: data.export(file, kind))
    with st.sidebar:
        controls.fonts(report["fonts"])
    viewer(file)


main()
