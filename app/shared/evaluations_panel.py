"""The one place for evaluations: what runs, waits, has failed, is not evaluated yet, is evaluated, cannot be used.

It is in the bar of every page, in Compare beside the checkpoints, and instead of a page that has no results to show. A
glyphcore command says the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from app.shared import address
from app.shared import view as state
from app.shared.evaluations import Evaluations, Pace, evaluations
from app.shared.naming import near
from app.shared.results_chooser import titles
from glyphcore.results.standing import Standing

Look = Callable[[], Standing]
SOON, LATER = 1.0, 10.0
"""Seconds between two looks, while something runs and while nothing does."""
DISMISSED = "dismissed_files"


def background(look: Look, database: Path, folder: Path, rasters: Path, every: str, running: dict[Any, Any]) -> None:
    """The panel in the bar at the top, behind a button that says how far the evaluation is.

    ``look`` is asked again and again, so that a checkpoint that is dropped in shows by itself. ``every`` is the command
    that evaluates all checkpoints, ``running`` holds the evaluations of all sessions. A look never runs the page: it
    would undo what is being done on the page meanwhile.
    """
    its = evaluations(database, folder, rasters, running)

    @st.fragment(run_every=_pause(its))
    def line() -> None:
        standing = look()
        with st.popover(_title(standing, its), width="content", key="evaluations"):
            _panel(standing, its, every, key="bar")

    line()


def another(look: Look, database: Path, folder: Path, rasters: Path, every: str, running: dict[Any, Any]) -> None:
    """The same panel where one looks for another checkpoint to compare."""
    its = evaluations(database, folder, rasters, running)

    @st.fragment(run_every=_pause(its))
    def line() -> None:
        with st.popover("Evaluate another", icon=":material/play_circle:", width="stretch", key="evaluate_another"):
            _panel(look(), its, every, key="another")

    line()


def offer(
    look: Look, database: Path, folder: Path, rasters: Path, every: str, running: dict[Any, Any],
    *, title: str = "Nothing has been evaluated yet", needed: int = 1,
) -> None:  # fmt: skip
    """The same panel instead of a page that needs results of ``needed`` checkpoints; it comes when they are there."""
    if title:
        st.subheader(title)
    if not database.is_file():
        st.write(f"There is no glyph database at `{database}`. Build one, or name yours in `GLYPHCORE_DB`.")
        st.code("glyphcore db build FONTS… --out FILE", language="shell")
        return
    its = evaluations(database, folder, rasters, running)

    @st.fragment(run_every=_pause(its))
    def body() -> None:
        standing = look()
        if len(standing.done) >= needed:
            address.rerun()
        with st.container(width=620):
            _panel(standing, its, every, key="page")

    body()


def _pause(its: Evaluations) -> float:
    return SOON if its.busy else LATER


def _title(standing: Standing, its: Evaluations) -> str:
    running, waits = its.running, len(its.queue)
    if running is not None:
        more = f" +{waits}" if waits else ""
        return f":material/hourglass_top: {running.checkpoint.stem} {_pace(standing, its).share:.0%}{more}"
    if its.failed:
        return f":material/error: {next(iter(its.failed)).stem} failed"
    if standing.left:
        return f":material/play_circle: {len(standing.left)} not evaluated"
    if unusable := _noticed(standing):
        return f":material/error: {len(unusable)} not usable"
    return f":material/check: {len(standing.done)} evaluated"


def _pace(standing: Standing, its: Evaluations) -> Pace:
    """How far the one that runs is; its results are counted by ``standing``."""
    running = its.running
    return (
        Pace(0, 0, 0.0)
        if running is None
        else running.pace(standing.written.get(running.checkpoint, 0), time.monotonic())
    )


def _panel(standing: Standing, its: Evaluations, every: str, *, key: str) -> None:
    """What runs first, what cannot be used last."""
    left = [path for path in standing.left if not its.has(path) and path not in its.failed]
    with st.container(key=f"{key}_evaluations"):
        _running(standing, its, key)
        for path in tuple(its.queue):
            _row(f"**{path.stem}** waits", "Take out", partial(its.drop, path), f"{key}_drop_{path.name}")
        for path, said in tuple(its.failed.items()):
            _failed(its, path, said, key)
        _left(standing, its, left, key)
        _done(standing)
        _commands(standing, its, left, every)
        for name, problem in _noticed(standing).items():
            _row(f":gray[{problem}]", "Dismiss", partial(_dismiss, name), f"{key}_dismiss_{name}")


def _running(standing: Standing, its: Evaluations, key: str) -> None:
    running = its.running
    if running is None:
        return
    at = _pace(standing, its)
    st.progress(at.share, f"**{running.checkpoint.stem}** {at.words()}")
    _row(":gray[Stop ends this one only. What is written stays; evaluating again goes on from there.]", "Stop",
         its.stop, f"{key}_stop")  # fmt: skip


def _failed(its: Evaluations, checkpoint: Path, said: str, key: str) -> None:
    st.error(f"{checkpoint.stem}: {said.splitlines()[-1]}", icon=":material/error:")
    with st.expander("Details"):
        st.code(said, language=None)
    with st.container(horizontal=True):
        _button("Evaluate again", partial(its.add, checkpoint), f"{key}_again_{checkpoint.name}")
        _button("Dismiss", partial(its.forget, checkpoint), f"{key}_forget_{checkpoint.name}")


def _left(standing: Standing, its: Evaluations, left: Sequence[Path], key: str) -> None:
    if len(left) > 1:
        _row(f"{len(left)} checkpoints are not evaluated on `{its.database.name}` yet", "Evaluate all",
             partial(its.add, *left), f"{key}_evaluate_all", primary=True)  # fmt: skip
    for path in left:
        kept = standing.written.get(path, 0)
        words = f"**{path.stem}** stopped after {kept:,} glyphs" if kept else f"**{path.stem}** is not evaluated yet"
        _row(words, "Go on" if kept else "Evaluate", partial(its.add, path), f"{key}_evaluate_{path.name}",
             primary=len(left) == 1)  # fmt: skip


def _done(standing: Standing) -> None:
    if not standing.done:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Evaluated:", width="content")
        for name, title in titles(standing.done, database=False).items():
            st.page_link(
                "browse/page.py", label=title, width="content", help="Browse what it read",
                query_params=state.encode(state.View(results=name)),
            )  # fmt: skip


def _commands(standing: Standing, its: Evaluations, left: Sequence[Path], every: str) -> None:
    """The same in a terminal."""
    if not (standing.left or standing.done or its.busy or its.failed):
        st.write("There is no checkpoint yet. Train one, or drop a `.ckpt` file into `checkpoints/`.")
        st.code("glyphcore train", language="shell")
        return
    one = near(left[0]) if left else "FILE.ckpt"
    lines = [f"glyphcore evaluate {one} --db {near(its.database)}", *([every] if every and len(left) > 1 else [])]
    st.code("\n".join(lines), language="shell", wrap_lines=True)


def _noticed(standing: Standing) -> dict[str, str]:
    """What cannot be used and was not dismissed in this session."""
    dismissed = st.session_state.get(DISMISSED, frozenset())
    return {name: problem for name, problem in standing.unusable.items() if name not in dismissed}


def _dismiss(name: str) -> None:
    st.session_state[DISMISSED] = st.session_state.get(DISMISSED, frozenset()) | {name}


def _row(words: str, title: str, act: Callable[[], None], key: str, *, primary: bool = False) -> None:
    """A line with a button at its end."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words, width="stretch")
        _button(title, act, key, primary=primary)


def _button(title: str, act: Callable[[], None], key: str, *, primary: bool = False) -> None:
    """A button; the page is run after it: what follows shows everywhere, and a run decides how soon to look again."""
    if st.button(title, key=key, type="primary" if primary else "secondary"):
        act()
        address.rerun()
