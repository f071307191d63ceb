"""The message that the map is not computed yet, with a button that computes the layout in its own process."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.shared import address
from app.shared.naming import short_path
from glyphcore.background import Job


def offer_projection(results: Path, n: int, running: dict[str, Job]) -> None:
    """Explain the map, offer a button that starts the layout, and show its progress. Sessions share ``running``."""
    st.subheader("The map of these results is not computed yet")
    st.write(
        f"On the map, glyphs that are similar for the model are close together. The layout of {n:,} glyphs takes some "
        "minutes, once; you may leave the page meanwhile."
    )
    st.code(f"glyphcore map {short_path(results)}", language="shell")
    offer = st.empty()
    if str(results) not in running and offer.button("Compute now", type="primary"):
        offer.empty()
        running[str(results)] = Job(["map", results])
    if str(results) in running:
        _watch(results, running)


@st.fragment(run_every=1.0)
def _watch(results: Path, running: dict[str, Job]) -> None:
    job = running.get(str(results))
    if job is None:
        address.rerun()
    if not job.ended:
        st.progress(job.step.share, job.step.words())
        if st.button("Stop"):
            job.stop()
        return
    del running[str(results)]
    if not job.failed:
        address.rerun()
    st.error(job.problem, icon=":material/error:")
