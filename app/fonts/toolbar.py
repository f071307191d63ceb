"""Controls around the glyph sheet: choice of a font, reading options, verdicts, progress, exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from app.fonts.glyph_grid import NAMES, SIGNS
from app.shared import address, parameters
from app.shared.choices import Choice, choices, single
from app.shared.uploads import uploader
from glyphcore.audit.findings import VERDICTS
from glyphcore.results.selection import FacetValue

PREFIX = "fonts_"
CONFIRMED = {"": "All glyphs", "1": "✎ Unconfirmed"}


def font_chooser(
    known: Mapping[str, str], key: str, keep: Callable[[str, bytes], str], kinds: Sequence[str], largest: int
) -> None:
    """Upload a font or choose one of ``known`` (key → title). ``keep`` stores an upload and returns its key."""
    uploader("Your font", list(kinds), key=f"{PREFIX}upload", keep=keep, show=_open, largest=largest)
    if known:
        corpus = Choice("font", "or a font of the corpus", known, (key,) if key in known else (), hint="choose a font")
        choices([corpus], key=f"{PREFIX}known", on_choose=_chosen, label="Fonts of the corpus")


def reading_options(models: Sequence[Path], model: Path, faces: Sequence[str], face: int, per_glyph: bool) -> None:
    """Draw the reading options: the model, the face of a collection, and whether the font is read as a whole."""
    of = []
    if len(models) > 1:
        of.append(Choice("model", "Model", {path.name: path.name for path in models}, (model.name,)))
    if len(faces) > 1:
        of.append(Choice("face", "Face", {str(i): name for i, name in enumerate(faces)}, (str(face),)))
    if of:
        chosen = partial(_choose_model, models[0].name)
        choices(of, key=f"{PREFIX}reading", on_choose=chosen, label="Model and face")
    st.toggle(
        "Font-level decoding", key=parameters.reflect(f"{PREFIX}whole", not per_glyph), on_change=_toggle_per_glyph,
        help="All glyphs are decoded together, by the labels that the font draws, their sizes and their order.",
    )  # fmt: skip


def threshold_slider(threshold: float, covered: int, n: int) -> None:
    """Draw the probability threshold for trusting the model, and the share of glyphs that it covers."""
    st.slider(
        "Threshold", 0.0, 1.0, step=0.01, key=parameters.reflect(f"{PREFIX}t", threshold), on_change=_move_threshold,
        format="%.2f",
        help="From this probability, a prediction becomes text; below it, only where the font agrees.",
    )  # fmt: skip
    st.caption(f"{covered:,} of {n:,} glyphs covered ({covered / max(n, 1):.1%})")


def verdicts(counts: Mapping[str, int], verdict: str, sort: str, left: bool) -> None:
    """Draw the filter by verdict, with counts, the filter by ``left`` (unconfirmed glyphs), and the sort."""
    names = {"": "All"} | {verdict: f"{SIGNS[verdict]} {NAMES[verdict]}" for verdict in VERDICTS}
    shown = [FacetValue(verdict, counts[verdict or "n"], 0) for verdict in names if counts[verdict or "n"]]
    orders = {"worst": "Worst first", "glyph": "By glyph index"}
    of = [Choice("verdict", "Verdict", names, (verdict,), style="segments", counts=shown),
          Choice("left", "Confirmed", CONFIRMED, ("1" if left else "",), style="segments"),
          Choice("sort", "Sort", orders, (sort,))]  # fmt: skip
    choices(of, key=f"{PREFIX}verdict", on_choose=_filter_and_sort, label="Verdicts and order", layout="line")


def title(name: str, notes: Sequence[str]) -> None:
    """Draw the font's name and notes about unread parts."""
    left = "".join(f"<span>{escape(note)}</span>" for note in notes)
    st.html(f'<div class="headline" role="status"><b>{escape(name)}</b>{left}</div>', width="content")


def exports(name: str, write: Callable[[str], bytes], has_own_codes: bool) -> None:
    """Let the user download tables and CMaps of the font; ``write`` makes a file of a kind on request.

    ``has_own_codes``: whether the font has its own codes."""
    safe = "".join(character if character.isalnum() else "-" for character in name)
    with st.popover("Export", icon=":material/download:"):
        for kind, suffix, words in (
            ("cmap", "cmap", "ToUnicode CMap for PDFs"),
            *([("codes", "codes.cmap", "CMap for the font's own codes")] if has_own_codes else []),
            ("csv", "csv", "CSV for spreadsheets"),
            ("jsonl", "jsonl", "JSON lines for programs"),
            ("sheet", "html", "HTML sheet with pictures"),
            ("confirmed", "confirmed.csv", "Confirmed glyphs only, CSV"),
        ):  # fmt: skip
            st.download_button(
                words, partial(write, kind), file_name=f"{safe}.{suffix}", on_click="ignore", width="stretch",
                key=f"{PREFIX}{kind}",
            )  # fmt: skip


@st.fragment(run_every=0.5)
def reading_progress(name: str, progress: Callable[[], tuple[int, int, bool]]) -> None:
    """Draw a progress bar while a font is read; ``progress`` returns read glyphs, all glyphs, and finished."""
    done, total, finished = progress()
    if finished:
        address.rerun()
    words = f": {done:,} of {total:,} glyphs" if total else "…"  # the process that reads it is starting
    st.progress(min(1.0, done / max(total, 1)), f"Reading {name}{words}")


def introduction(known: int) -> None:
    """Draw the page before a font is chosen."""
    st.subheader("Which glyph is which character?")
    st.write(
        "Upload a font at the left"
        + (" or choose a font of the corpus" if known else "")
        + ". The model reads every glyph by its outline and compares it with the font's mapping; the worst come "
        "first. Confirm or correct the glyphs with the keyboard, then export a `ToUnicode` CMap, a table or JSON lines."
    )
    st.code("glyphcore audit broken.ttf --sheet audit.html --tounicode broken.cmap", language="shell")


def _choose_model(default: str, changes: dict[str, tuple[str, ...]]) -> None:
    parameters.update(**{name: None if value in (default, "0") else value for name, value in single(changes).items()})


def _move_threshold() -> None:
    parameters.update(t=parameters.reflected(f"{PREFIX}t"))


def _toggle_per_glyph() -> None:
    parameters.update(alone=None if parameters.reflected(f"{PREFIX}whole") else 1, at=None)


def _filter_and_sort(changes: dict[str, tuple[str, ...]]) -> None:
    plain = {name: None if value == "worst" else value for name, value in single(changes).items()}
    parameters.update(**plain, at=None, glyph=None)


def _chosen(changes: dict[str, tuple[str, ...]]) -> None:
    _open("".join(changes["font"]))


def _open(key: str | None) -> None:
    st.session_state.pop(f"{PREFIX}upload_fault", None)
    parameters.update(font=key, face=None, verdict=None, left=None, at=None, glyph=None)
