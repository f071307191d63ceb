"""Single URL parameters, for pages whose state is not a selection of glyphs.

The URL is the only source of state here too. A page reads its parameters at the start of a run. Widgets write the
parameters when they change. Default values are left out. A malformed value counts as the default and is reported once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app.shared import address
from app.shared.refusals import refuse

MAX_CHARACTERS = 200
"""Most characters of a word; no name in the app is longer."""
MAX_QUOTED_CHARACTERS = 60
"""Most characters of a refused value that a message quotes."""


def word(name: str, default: str = "", choices: Collection[str] | None = None) -> str:
    """Return a word; it must be one of ``choices`` if they are given."""
    value = st.query_params.get(name, default)[:MAX_CHARACTERS]
    if choices is None or value in choices:
        return value
    _report_malformed(name)
    return default


def words(name: str) -> tuple[str, ...]:
    """Return all values of a parameter that may occur several times."""
    return tuple(value[:MAX_CHARACTERS] for value in st.query_params.get_all(name))


def integer(name: str, default: int | None = None, low: int = 0, high: int = 2**62) -> int | None:
    """Return an integer in [low, high]."""
    text = st.query_params.get(name, "")
    value = int(text) if re.fullmatch(r"-?\d{1,19}", text, re.ASCII) else None
    if value is not None and low <= value <= high:
        return value
    _report_malformed(name)
    return default


def fraction(name: str, default: float) -> float:
    """Return a number in [0, 1]."""
    try:
        value = float(st.query_params.get(name, ""))
    except ValueError:
        value = math.nan
    if 0 <= value <= 1:
        return value
    _report_malformed(name)
    return default


def _report_malformed(name: str) -> None:
    """Report once that a parameter of the link is malformed; a missing parameter is not malformed."""
    text = st.query_params.get(name, "").strip()
    reported = st.session_state.setdefault("malformed", set())
    if text and (name, text) not in reported:
        reported.add((name, text))
        refuse(f"The link's {name}={text[:MAX_QUOTED_CHARACTERS]} is not valid here and was ignored")


def update(**values: object) -> None:
    """Write parameters. None, an empty word and an empty tuple remove a parameter. Other parameters stay."""
    query_parameters = dict(address.query())
    for name, value in values.items():
        query_parameters[name] = [str(item) for item in value] if isinstance(value, (tuple, list)) else [str(value)]
        if value is None or value == "" or value == ():
            del query_parameters[name]
    address.write(query_parameters)


def reflect(name: str, value: object) -> str:
    """Give the widget ``name`` a value before it is drawn, and return its key: the URL decides the value of a widget.

    A widget whose value the URL changes gets another key. Every request of a browser carries the values that its
    widgets had when it was sent. Until the browser has drawn the new value, such a request would bring the old value,
    and the callback of the widget would write it back into the URL: a step back would be undone.
    """
    key = _key(name)
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[f"{name} changes"] = st.session_state.get(f"{name} changes", 0) + 1
        key = _key(name)
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def rewrite(name: str, value: object) -> None:
    """In the callback of a widget: show the typed value as the URL writes it, in the same widget."""
    st.session_state[_key(name)] = value


def reflected(name: str) -> Any:
    """Return the value of the widget that :func:`reflect` gave a value; None if it has not been drawn yet."""
    return st.session_state.get(_key(name))


def _key(name: str) -> str:
    changes = st.session_state.get(f"{name} changes", 0)
    return f"{name}-{changes}" if changes else name


def chosen_option(name: str, options: Collection[Any]) -> Any:
    """Return the chosen value of the widget ``name`` if it is among the options; otherwise report it and return None.

    If an option no longer exists, Streamlit passes on its display text as if it were its value.
    """
    value = reflected(name)
    if value in options:
        return value
    refuse(f"“{str(value)[:MAX_CHARACTERS]}” is not an option here")
    return None


def continued() -> bool:
    """Return whether a navigation link led here, so that the page continues the last view of this session.

    Call this once per run: the flag is removed from the address (``common.js`` puts it there). An address without
    parameters always means the default of the page, for every user and every visit.
    """
    return st.query_params.pop("continue", "") != ""


def link(page: str, query: Mapping[str, object]) -> str:
    """Return the address of a page (``browse`` is the root) with parameters, for links in components and charts."""
    path = "/" if page == "browse" else f"/{page}"
    return f"{path}?{urlencode(query, doseq=True)}" if query else path
