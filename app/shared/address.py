"""The address of the page: read from the browser, written by the server, the same in both at the end of every run.

Each request brings the address that the browser had when it was sent. While a new address is on its way to the browser,
that is the old one, and a page that believed it would forget what was chosen last. So what a component sends carries
its own address and how often the browser has gone to another one by itself (Back, Forward, links): while that number
stays the same, only the server has changed the address, and the server's is the true one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qs

import streamlit as st

Query = Mapping[str, "str | Sequence[str]"]


def query() -> dict[str, list[str]]:
    """All parameters of the address, by name."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def start_run() -> None:
    """A run begins: its address is the true one from now on."""
    st.session_state["address"] = query()


def write(parameters: Query) -> None:
    """Make these parameters the address, for the browser too if it may have another one."""
    address = {name: [value] if isinstance(value, str) else list(value) for name, value in parameters.items()}
    if not address == query() == st.session_state.get("address"):
        st.query_params.from_dict(address)
    st.session_state["address"] = address


def reconcile(sent: Mapping[str, Any]) -> None:
    """Before a component's message is acted on: take the server's address where the browser's is older.

    ``sent`` has the message's ``address`` (path and parameters) and ``travels``. Where the request has another address
    than the message, somebody has gone Back meanwhile, and that counts.
    """
    travels, known = sent.get("travels"), st.session_state.get("travels", 0)
    st.session_state["travels"] = travels
    _, _, parameters = str(sent.get("address", "")).partition("?")
    if travels == known and parse_qs(parameters, keep_blank_values=True) == query():
        write(st.session_state.get("address", query()))


def rerun() -> NoReturn:
    """Run the whole page, from within a part of it that may have been asked for under an older address."""
    write(st.session_state.get("address", query()))
    st.rerun()
