"""Choosing among values whose words, counts or number depend on the data: value in, value out.

Streamlit's own select boxes send the *words* of what was chosen and look them up among the words of the last run. Where
words change between runs (a count, a second file of one name) the lookup fails, and the words arrive as if they were a
value. This component sends values; words and counts are only painted. A value that is none of the options is refused
in one line, and nothing changes.

What is chosen shows at once. The browser sends all changes that the server has not acknowledged yet, so that two
quick ones in different lists both count.
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
"""Characters of a text, and of a refused value that is quoted."""

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
    """One thing that can be chosen."""

    name: str
    title: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Value → words, in their order; the first one is the default of a single choice."""
    chosen: tuple[str, ...] = ()
    """A value outside ``options`` is shown as it is, and can be taken away."""
    excluded: tuple[str, ...] | None = None
    """Values that a list says "is not" of; None where it cannot."""
    style: Literal["list", "segments", "text"] = "list"
    multiple: bool = False
    """A list of which several, or none, can be chosen."""
    counts: Sequence[FacetValue] | None = None
    """What choosing a value would show; a value without an entry shows nothing and is left out. None: not counted."""
    hint: str = ""
    """Placeholder of a text, or of a list of which nothing is chosen."""
    help: str = ""


def choices(
    choices_shown: Sequence[Choice], *, key: str, on_choose: Callable[[dict[str, tuple[str, ...]]], None],
    label: str, layout: Literal["panel", "line"] = "panel", preview: str = "",
) -> None:  # fmt: skip
    """Draw the choices, one under the other (``panel``, with titles) or side by side (``line``).

    ``on_choose`` gets what changed before the run: by name, the values that are chosen now, each one of its options. A
    text comes as one value, empty for none. What must not be comes under :func:`excluded_name`.

    ``preview``: the address of a page that shows what changes lead to before the run does (``preview.js``); the changes
    are added to it. Empty where nothing does.
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
        # Words are sent once; a browser that holds them gets their name only.
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
    """The token of the last change of the choices ``key`` that a run has followed; empty before the first."""
    return st.session_state.get(f"{key}_acknowledged", "")


def excluded_name(name: str) -> str:
    """What the excluded values of a choice are called among changes."""
    return f"not {name}"


def single(changes: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Changes of choices of which one value is chosen each."""
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
    """The changes that name a choice and its options; ``refused`` gets a line about each of the others."""
    by_name, valid = {choice.name: choice for choice in choices_shown}, {}
    excluding = {excluded_name(choice.name): choice for choice in choices_shown if choice.excluded is not None}
    for name, values in changes.items() if isinstance(changes, dict) else ():
        choice = by_name.get(name) or excluding.get(name)
        if choice is None or not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            refused("Something was chosen that is not on this page")
            continue
        if choice.style == "text":
            valid[name] = tuple(value[:MAX_CHARACTERS] for value in values[:1])
            continue
        known = {*choice.options, *choice.chosen, *(choice.excluded or ())}
        foreign = [value for value in values if value not in known]
        if foreign or (name in by_name and not choice.multiple and len(values) != 1):
            refused(f"{choice.title} has no choice “{', '.join(foreign)[:MAX_CHARACTERS]}”")
            continue
        valid[name] = tuple(dict.fromkeys(values))
    return valid
