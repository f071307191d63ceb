"""Choose among values whose display texts, counts or number depend on the data. Values come in and values go out.

Streamlit's own select boxes send the *display text* of the chosen option and look it up among the texts of the last
run. If texts change between runs (a count, a second file with the same name), the lookup fails, and Streamlit passes
the text on as if it were a value. This component sends values. Display texts and counts are only drawn. A value that is
not among the options is refused with a one-line message, and nothing changes.

The browser shows a choice at once. It sends all changes that the server has not acknowledged yet, so that two quick
changes in different lists both count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from zlib import crc32

import streamlit as st

from app.shared.assets import component
from app.shared.events import on_event
from app.shared.prefetch import forget_cached_keys, note_cached_keys
from app.shared.refusals import refuse
from glyphcore.results.selection import FacetValue

MAX_CHARACTERS = 200
"""Most characters of a text field, and of a refused value that a message quotes."""

HTML = """
<section class="glyphcore choices">
  <div class="all"></div>
  <div class="menu" popover="manual">
    <input type="search" class="find" role="combobox" aria-expanded="true" aria-controls="choices-options"
      aria-autocomplete="list" placeholder="Find" autocomplete="off" spellcheck="false" dir="auto">
    <div class="options" id="choices-options" role="listbox" tabindex="-1"></div>
    <p class="rest dim" role="status"></p>
  </div>
</section>
"""

_choices = component(__file__, HTML)


@dataclass(frozen=True)
class Choice:
    """One field in which the user chooses values."""

    name: str
    title: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Value → display text, in display order; the first value is the default of a single choice."""
    chosen: tuple[str, ...] = ()
    """The chosen values. A value outside ``options`` is shown as it is, and the user can remove it."""
    excluded: tuple[str, ...] | None = None
    """The values that a list excludes ("is not"); None if the list cannot exclude values."""
    style: Literal["list", "segments", "text"] = "list"
    multiple: bool = False
    """Whether several values, or none, can be chosen in a list."""
    counts: Sequence[FacetValue] | None = None
    """The number of glyphs for each value. A value without an entry selects none and is hidden. None: not counted."""
    hint: str = ""
    """Placeholder of a text field, or of a list without a chosen value."""
    help: str = ""


def choices(
    choices_shown: Sequence[Choice], *, key: str, on_choose: Callable[[dict[str, tuple[str, ...]]], None],
    label: str, layout: Literal["panel", "line"] = "panel", preview: str = "",
) -> None:  # fmt: skip
    """Draw the choices, one below the other (``panel``, with titles) or side by side (``line``).

    ``on_choose`` gets the changes before the run: by name, the values that are chosen now, each of them an option. A
    text field gives one value, or an empty tuple for no text. Excluded values come under :func:`excluded_name`.

    ``preview`` is the address of a route that returns the result of the changes before the run (``preview.js``). The
    browser appends the changes to it. Empty: there is no preview.
    """
    lists = {choice.name: [[value, words] for value, words in choice.options.items()] for choice in choices_shown}
    keys = {name: f"{crc32(repr(options).encode()):08x}" for name, options in lists.items()}
    by_key = {keys[name]: options for name, options in lists.items()}
    order = list(by_key)
    cached = st.session_state.get(f"{key}_cached", frozenset())
    data = {
        "label": label,
        "layout": layout,
        "acknowledged": acknowledged(key),
        "preview": preview,
        "choices": [_choice_json(choice, keys[choice.name]) for choice in choices_shown],
        # Display texts are sent once. A browser that already has a list gets only its key.
        "lists": {name: None if name in cached else by_key[name] for name in order},
    }

    def chosen(message: dict[str, Any]) -> None:
        note_cached_keys(key, message.get("cached"))
        st.session_state[f"{key}_acknowledged"] = str(message.get("token", ""))[:MAX_CHARACTERS]
        if changes := valid_changes(choices_shown, message.get("changes"), refuse):
            on_choose(changes)

    _choices(
        data=data, key=key, on_choose_change=on_event(key, "choose", chosen),
        on_words_change=on_event(key, "words", lambda keys: note_cached_keys(key, keys)),
    )  # fmt: skip
    forget_cached_keys(key)


def acknowledged(key: str) -> str:
    """Return the token of the last change of the choices ``key`` that a run has handled; empty before the first."""
    return st.session_state.get(f"{key}_acknowledged", "")


def excluded_name(name: str) -> str:
    """Return the name that changes use for the excluded values of a choice."""
    return f"not {name}"


def single(changes: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the changes of choices that have exactly one chosen value each."""
    return {name: "".join(values) for name, values in changes.items()}


def _choice_json(choice: Choice, words: str) -> dict[str, Any]:
    position = {value: i for i, value in enumerate(choice.options)}
    counts = None
    if choice.counts is not None:
        counts = [[position[facet.value], facet.n, facet.wrong] for facet in choice.counts if facet.value in position]
    return {
        "name": choice.name,
        "title": choice.title,
        "style": choice.style,
        "multiple": choice.multiple,
        "chosen": list(choice.chosen),
        "excluded": None if choice.excluded is None else list(choice.excluded),
        "words": words,
        "counts": counts,
        "hint": choice.hint,
        "help": choice.help,
    }


def valid_changes(
    choices_shown: Sequence[Choice], changes: object, refused: Callable[[str], object]
) -> dict[str, tuple[str, ...]]:
    """Return the changes that name a choice and its options; ``refused`` gets one line for each other change."""
    by_name, valid = {choice.name: choice for choice in choices_shown}, {}
    excluding = {excluded_name(choice.name): choice for choice in choices_shown if choice.excluded is not None}
    for name, values in changes.items() if isinstance(changes, dict) else ():
        choice = by_name.get(name) or excluding.get(name)
        if choice is None or not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            refused("The chosen option is not on this page")
            continue
        if choice.style == "text":
            valid[name] = tuple(value[:MAX_CHARACTERS] for value in values[:1])
            continue
        known = {*choice.options, *choice.chosen, *(choice.excluded or ())}
        foreign = [value for value in values if value not in known]
        if foreign or (name in by_name and not choice.multiple and len(values) != 1):
            refused(f"{choice.title} has no option “{', '.join(foreign)[:MAX_CHARACTERS]}”")
            continue
        valid[name] = tuple(dict.fromkeys(values))
    return valid
