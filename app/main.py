"""The app's frame: page config and navigation. Pages are in ``app/views``."""

from pathlib import Path

import streamlit as st

from app.cache import memory, sources
from app.components.evaluation import background
from app.components.keys import key_overlay
from app.components.notices import explained

LOOKS = Path(__file__).parent / "components"

# A file of ours: a named icon would be fetched from the network.
st.set_page_config(page_title="glyphcore", page_icon=(LOOKS / "icon.svg").read_text(), layout="wide")
st.html(LOOKS / "page.css")
pages = [
    st.Page("views/browse.py", title="Browse", icon=":material/apps:", default=True),
    st.Page("views/inspect.py", title="Inspect", icon=":material/grid_on:"),
    st.Page("views/dashboard.py", title="Dashboard", icon=":material/monitoring:"),
    st.Page("views/compare.py", title="Compare", icon=":material/compare_arrows:"),
    st.Page("views/primitives.py", title="Primitives", icon=":material/dataset:"),
    st.Page("views/map.py", title="Map", icon=":material/scatter_plot:"),
    st.Page("views/fonts.py", title="Fonts", icon=":material/font_download:"),
]
with explained():
    page = st.navigation(pages, position="top")
    with st.container(key="frame", horizontal=True):
        background(*sources.evaluation_places(), sources.running())
        key_overlay(page.title)
    page.run()
memory.settle()
