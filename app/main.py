"""The frame of the app: page config and navigation. Each page has a folder; shared code is in ``app/shared``."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator_singletons import context_dg_stack, get_default_dg_stack_value

from app.shared import address, gc_freeze, sources
from app.shared.evaluations_panel import status_panel
from app.shared.keys import key_overlay
from app.shared.messages import explained

SHARED = Path(__file__).parent / "shared"

# The icon is a local file: a named icon would be downloaded from the network.
st.set_page_config(page_title="glyphcore", page_icon=(SHARED / "icon.svg").read_text(), layout="wide")
# A page run that follows a fragment run on the same thread would be drawn inside the fragment
# (findings/streamlit_page_in_fragment.sh).
context_dg_stack.set(get_default_dg_stack_value())
st.html(SHARED / "page.css")
pages = [
    st.Page("browse/page.py", title="Browse", url_path="browse", icon=":material/apps:", default=True),
    st.Page("inspector/page.py", title="Inspect", url_path="inspect", icon=":material/grid_on:"),
    st.Page("dashboard/page.py", title="Dashboard", url_path="dashboard", icon=":material/monitoring:"),
    st.Page("compare/page.py", title="Compare", url_path="compare", icon=":material/compare_arrows:"),
    st.Page("primitives/page.py", title="Primitives", url_path="primitives", icon=":material/dataset:"),
    st.Page("map/page.py", title="Map", url_path="map", icon=":material/scatter_plot:"),
    st.Page("fonts/page.py", title="Fonts", url_path="fonts", icon=":material/font_download:"),
    st.Page("pdf/page.py", title="PDF", url_path="pdf", icon=":material/picture_as_pdf:"),
]
address.start_run()
with explained():
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · glyphcore")
    with st.container(key="frame", horizontal=True):
        status_panel(*sources.evaluation_paths(), sources.running())
        key_overlay(page.title)
    page.run()
gc_freeze.freeze()
