"""The panel of evaluations: running, waiting, failed, not evaluated, evaluated, and unusable checkpoints.

The panel is in the top bar of every page, in Compare next to the checkpoints, and in place of a page that has no
results to show. A glyphcore command prints the same information.
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
from app.shared.naming import short_path
from app.shared.results_chooser import titles
from glyphcore.results.standing import Standing

GetStanding = Callable[[], Standing]
SOON, LATER = 1.0, 10.0
"""Least and most seconds between two checks; the most while no evaluation runs."""
PERCENT_PER_SECOND = 100_000
"""Glyphs of a database of which one percent is evaluated in about a second."""
DISMISSED = "dismissed_files"


def status_panel(
    get_standing: GetStanding,
    database: Path,
    folder: Path,
    rasters: Path,
    evaluate_all_command: str,
    running: dict[Any, Any],
) -> None:
    """Draw the panel in the top bar, behind a button that shows the progress of the evaluation.

    The panel calls ``get_standing`` repeatedly, so that a new checkpoint appears without a reload.
    ``evaluate_all_command`` is the command that evaluates all checkpoints; ``running`` holds the evaluations of all
    sessions. These calls never rerun the page: a rerun would undo the user's current action on the page.
    """
    jobs = evaluations(database, folder, rasters, running)

    @st.fragment(run_every=_pause(jobs))
    def line() -> None:
        standing = get_standing()
        with st.popover(_title(standing, jobs), width="content", key="evaluations"):
            _panel(standing, jobs, evaluate_all_command, key="bar")

    line()


def evaluate_another(
    get_standing: GetStanding,
    database: Path,
    folder: Path,
    rasters: Path,
    evaluate_all_command: str,
    running: dict[Any, Any],
) -> None:
    """Draw the same panel where the user chooses another checkpoint to compare."""
    jobs = evaluations(database, folder, rasters, running)

    @st.fragment(run_every=_pause(jobs))
    def line() -> None:
        with st.popover("Evaluate another", icon=":material/play_circle:", width="stretch", key="evaluate_another"):
            _panel(get_standing(), jobs, evaluate_all_command, key="another")

    line()


def offer_evaluation(
    get_standing: GetStanding,
    database: Path,
    folder: Path,
    rasters: Path,
    evaluate_all_command: str,
    running: dict[Any, Any],
    *,
    title: str = "Nothing has been evaluated yet",
    needed: int = 1,
) -> None:
    """Draw the same panel in place of a page that needs results of ``needed`` checkpoints, until they exist."""
    if title:
        st.subheader(title)
    if not database.is_file():
        st.write(f"There is no glyph database at `{database}`. Build one, or name yours in `GLYPHCORE_DB`.")
        st.code("glyphcore db build FONTS… --out FILE", language="shell")
        return
    jobs = evaluations(database, folder, rasters, running)

    @st.fragment(run_every=_pause(jobs))
    def body() -> None:
        standing = get_standing()
        if len(standing.done) >= needed:
            address.rerun()
        with st.container(width=620):
            _panel(standing, jobs, evaluate_all_command, key="page")

    body()


def _pause(jobs: Evaluations) -> float:
    """Return the seconds until the next check, about those of one percent: every check runs in every open window."""
    running = jobs.running
    return min(LATER, max(SOON, running.total / PERCENT_PER_SECOND)) if running else SOON if jobs.busy else LATER


def _title(standing: Standing, jobs: Evaluations) -> str:
    running, waits = jobs.running, len(jobs.queue)
    if running is not None:
        more = f" +{waits}" if waits else ""
        return f":material/hourglass_top: {running.checkpoint.stem} {_pace(standing, jobs).share:.0%}{more}"
    if jobs.failed:
        return f":material/error: {next(iter(jobs.failed)).stem} failed"
    if standing.left:
        return f":material/play_circle: {len(standing.left)} not evaluated"
    if unusable := _noticed(standing):
        return f":material/error: {len(unusable)} not usable"
    return f":material/check: {len(standing.done)} evaluated"


def _pace(standing: Standing, jobs: Evaluations) -> Pace:
    """Return the progress of the running evaluation; ``standing`` has the count of its results."""
    running = jobs.running
    return (
        Pace(0, 0, 0.0)
        if running is None
        else running.pace(standing.written.get(running.checkpoint, 0), time.monotonic())
    )


def _panel(standing: Standing, jobs: Evaluations, evaluate_all_command: str, *, key: str) -> None:
    """Draw the panel: the running evaluation first, unusable files last."""
    left = [path for path in standing.left if not jobs.has(path) and path not in jobs.failed]
    with st.container(key=f"{key}_evaluations"):
        _running(standing, jobs, key)
        for path in tuple(jobs.queue):
            _row(f"**{path.stem}** is waiting", "Remove", partial(jobs.drop, path), f"{key}_drop_{path.name}")
        for path, problem in tuple(jobs.failed.items()):
            _failed(jobs, path, problem, key)
        _left(standing, jobs, left, key)
        _done(standing)
        _commands(standing, jobs, left, evaluate_all_command)
        for name, problem in _noticed(standing).items():
            _row(f":gray[{problem}]", "Dismiss", partial(_dismiss, name), f"{key}_dismiss_{name}")


def _running(standing: Standing, jobs: Evaluations, key: str) -> None:
    running = jobs.running
    if running is None:
        return
    pace = _pace(standing, jobs)
    st.progress(pace.share, f"**{running.checkpoint.stem}** {pace.words()}")
    _row(":gray[Stop ends only this evaluation and keeps its results so far. You can continue it later.]", "Stop",
         jobs.stop, f"{key}_stop")  # fmt: skip


def _failed(jobs: Evaluations, checkpoint: Path, problem: str, key: str) -> None:
    st.error(f"{checkpoint.stem}: {problem.splitlines()[-1]}", icon=":material/error:")
    with st.expander("Details"):
        st.code(problem, language=None)
    with st.container(horizontal=True):
        _button("Evaluate again", partial(jobs.add, checkpoint), f"{key}_again_{checkpoint.name}")
        _button("Dismiss", partial(jobs.forget, checkpoint), f"{key}_forget_{checkpoint.name}")


def _left(standing: Standing, jobs: Evaluations, left: Sequence[Path], key: str) -> None:
    if len(left) > 1:
        _row(f"{len(left)} checkpoints are not evaluated on `{jobs.database.name}` yet", "Evaluate all",
             partial(jobs.add, *left), f"{key}_evaluate_all", primary=True)  # fmt: skip
    for path in left:
        written = standing.written.get(path, 0)
        words = (
            f"**{path.stem}** stopped after {written:,} glyphs" if written else f"**{path.stem}** is not evaluated yet"
        )
        _row(words, "Continue" if written else "Evaluate", partial(jobs.add, path), f"{key}_evaluate_{path.name}",
             primary=len(left) == 1)  # fmt: skip


def _done(standing: Standing) -> None:
    if not standing.done:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Evaluated:", width="content")
        for name, title in titles(standing.done, database=False).items():
            st.page_link(
                "browse/page.py", label=title, width="content", help="Show its results in Browse",
                query_params=state.encode(state.View(results=name)),
            )  # fmt: skip


def _commands(standing: Standing, jobs: Evaluations, left: Sequence[Path], evaluate_all_command: str) -> None:
    """Draw the commands that do the same in a terminal."""
    if not (standing.left or standing.done or jobs.busy or jobs.failed):
        st.write("There is no checkpoint yet. Train one, or put a `.ckpt` file into `checkpoints/`.")
        st.code("glyphcore train", language="shell")
        return
    one = short_path(left[0]) if left else "FILE.ckpt"
    lines = [
        f"glyphcore evaluate {one} --db {short_path(jobs.database)}",
        *([evaluate_all_command] if evaluate_all_command and len(left) > 1 else []),
    ]
    st.code("\n".join(lines), language="shell", wrap_lines=True)


def _noticed(standing: Standing) -> dict[str, str]:
    """Return the unusable files that the user has not dismissed in this session."""
    dismissed = st.session_state.get(DISMISSED, frozenset())
    return {name: problem for name, problem in standing.unusable.items() if name not in dismissed}


def _dismiss(name: str) -> None:
    st.session_state[DISMISSED] = st.session_state.get(DISMISSED, frozenset()) | {name}


def _row(words: str, title: str, action: Callable[[], None], key: str, *, primary: bool = False) -> None:
    """Draw a line of text with a button at its end."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words, width="stretch")
        _button(title, action, key, primary=primary)


def _button(title: str, action: Callable[[], None], key: str, *, primary: bool = False) -> None:
    """Draw a button. After a click the whole page runs, because every panel changes and the run sets the next check."""
    if st.button(title, key=key, type="primary" if primary else "secondary"):
        action()
        address.rerun()
