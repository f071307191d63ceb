"""Views saved under names, and all users' tags and notes as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import streamlit as st

from app.shared import view as state
from glyphcore.annotations.exchange import Imported
from glyphcore.annotations.store import LONGEST_TAG
from glyphcore.errors import GlyphError

BUILT_IN = {
    "Errors on val, worst first": "",
    "Label noise queue": "split=all&outcome=noise&sort=noise",
    "Confident and wrong, except confusables": "outcome=twin_wrong&sort=sure",
    "Wrong marks": "char_class=diacritic",
}
NAMED = 20
"""Most lines of an import that the message names."""


def saved_views(views: Mapping[str, str], save: Callable[[str, str], None], drop: Callable[[str], None]) -> None:
    """Open a view by its name, save the current view, or delete a view. A view is a selection and its order."""
    with st.popover("Views", icon=":material/bookmark:", width="stretch"):
        for name, query in BUILT_IN.items():
            st.button(name, key=f"view_{name}", on_click=_open, args=(query,), width="stretch", type="tertiary")
        for name, query in views.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(name, key=f"saved_{name}", on_click=_open, args=(query,), width="stretch")
                st.button("", icon=":material/delete:", key=f"drop_{name}", on_click=drop, args=(name,),
                          help=f"Delete the view {name}")  # fmt: skip
        with st.form("save_view", border=False, clear_on_submit=True):
            st.text_input("Save this view as", key="view_name", max_chars=LONGEST_TAG)
            st.form_submit_button("Save", on_click=_keep, args=(save,), width="stretch")
        _report("view_problem")


def tags_file(name: str, write: Callable[[], bytes], take: Callable[[bytes], Imported]) -> None:
    """Offer tags and notes as CSV: ``write`` makes the file on request, ``take`` reads an uploaded file."""
    with st.popover("Tags", icon=":material/label:", width="stretch"):
        st.download_button(
            "Tags and notes as CSV", write, file_name=f"{name}-tags.csv", on_click="ignore", width="stretch"
        )
        st.file_uploader(
            "Add tags and notes from CSV", type="csv", key="tags_upload", on_change=_import, args=(take,),
            help="A file that you downloaded here, with the columns `font, glyph_index, label, tags, note`.",
        )  # fmt: skip
        _report("tags_said")


def _open(query: str) -> None:
    opened = state.decode(parse_qs(query))
    state.write(replace(opened, results=st.session_state["view"].results))


def _keep(save: Callable[[str, str], None]) -> None:
    if not st.session_state["view_name"].strip():
        st.session_state["view_problem"] = ":orange[✗ Give the view a name.]"
        return
    view: state.View = st.session_state["view"]
    query = urlencode(state.encode(replace(view, results="", start=None, glyph=None)), doseq=True)
    try:
        save(st.session_state["view_name"], query)
    except GlyphError as error:
        st.session_state["view_problem"] = f":orange[✗ {error}]"


def _import(take: Callable[[bytes], Imported]) -> None:
    file = st.session_state["tags_upload"]
    if file is None:
        return
    try:
        done = take(file.getvalue())
    except GlyphError as error:
        st.session_state["tags_said"] = f":orange[✗ {error}]"
        return
    message = f"✓ {done.glyphs:,} glyphs"
    if done.unfit:
        lines = ", ".join(map(str, done.unfit[:NAMED])) + (" …" if len(done.unfit) > NAMED else "")
        message += f"; {len(done.unfit):,} lines belong to no glyph of this database and were ignored: {lines}"
    st.session_state["tags_said"] = message


def _report(key: str) -> None:
    if message := st.session_state.pop(key, ""):
        st.caption(message)
