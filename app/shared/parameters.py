"""Single URL parameters, for pages whose state is not a selection of glyphs.

The URL is the only truth here too: a page reads its parameters at the start of a run, widgets write them when they
change, what equals the default is left out, and what is malformed counts as the default and is said once.
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
"""Characters of a word; no name of ours is longer."""
MAX_QUOTED_CHARACTERS = 60
"""Characters of something refused that are repeated."""


def word(name: str, default: str = "", choices: Collection[str] | None = None) -> str:
    """A word, one of ``choices`` if they are given."""
    value = st.query_params.get(name, default)[:MAX_CHARACTERS]
    if choices is None or value in choices:
        return value
    _report_malformed(name)
    return default


def words(name: str) -> tuple[str, ...]:
    """All values of a parameter that may come several times."""
    return tuple(value[:MAX_CHARACTERS] for value in st.query_params.get_all(name))


def integer(name: str, default: int | None = None, low: int = 0, high: int = 2**62) -> int | None:
    """An integer in [low, high]."""
    text = st.query_params.get(name, "")
    value = int(text) if re.fullmatch(r"-?\d{1,19}", text, re.ASCII) else None
    if value is not None and low <= value <= high:
        return value
    _report_malformed(name)
    return default


def fraction(name: str, default: float) -> float:
    """A number in [0, 1]."""
    try:
        value = float(st.query_params.get(name, ""))
    except ValueError:
        value = math.nan
    if 0 <= value <= 1:
        return value
    _report_malformed(name)
    return default


def _report_malformed(name: str) -> None:
    """Say once that a parameter of the link is malformed; one that is not there is not."""
    text = st.query_params.get(name, "").strip()
    reported = st.session_state.setdefault("malformed", set())
    if text and (name, text) not in reported:
        reported.add((name, text))
        refuse(f"The link's {name}={text[:MAX_QUOTED_CHARACTERS]} means nothing here and was left out")


def update(**values: object) -> None:
    """Write parameters; None, an empty word and an empty tuple take one away. Others stay."""
    query_parameters = dict(address.query())
    for name, value in values.items():
        query_parameters[name] = [str(item) for item in value] if isinstance(value, (tuple, list)) else [str(value)]
        if value is None or value == "" or value == ():
            del query_parameters[name]
    address.write(query_parameters)


def reflect(key: str, value: object) -> None:
    """Give the widget of that key its value before it is drawn: the URL decides what a widget shows."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def chosen_option(key: str, options: Collection[Any]) -> Any:
    """What was chosen in the widget of that key, if it is one of the options; None where it is not, which is said.

    Streamlit hands on the words of an option that is no longer on offer, as if they were its value.
    """
    value = st.session_state[key]
    if value in options:
        return value
    refuse(f"“{str(value)[:MAX_CHARACTERS]}” is not on offer here")
    return None


def continued() -> bool:
    """Whether a link of the navigation led here: the page goes on with what this session looked at last.

    Asked once a run: the sign is taken out of the address (``common.js`` puts it there). A bare address means the
    page's default, whoever opens it and however often one comes back to it.
    """
    return st.query_params.pop("continue", "") != ""


def link(page: str, query: Mapping[str, object]) -> str:
    """Address of a page (``browse`` is the root) with parameters, for links inside components and charts."""
    path = "/" if page == "browse" else f"/{page}"
    return f"{path}?{urlencode(query, doseq=True)}" if query else path
