"""The address of the page. The browser sends it, the server writes it, and both agree at the end of every run.

Each request brings the address that the browser had when it sent the request. While a new address is on its way to the
browser, the request still brings the old address. A page that used the old address would lose the last choice of the
user. So each message of a component carries its own address and a count of the browser's own navigations (Back,
Forward, links). While this count stays the same, only the server has changed the address, and the server's address is
the valid one.
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
    """Start a run: the address of its request is the valid one from now on."""
    st.session_state["address"] = query()


def write(parameters: Query) -> None:
    """Make ``parameters`` the address, and update the browser if its address may differ."""
    address = {name: [value] if isinstance(value, str) else list(value) for name, value in parameters.items()}
    if not address == query() == st.session_state.get("address"):
        st.query_params.from_dict(address)
    st.session_state["address"] = address


def reconcile(sent: Mapping[str, Any]) -> None:
    """Use the server's address where the browser's is older. Called before a component's message is handled.

    ``sent`` has the message's ``address`` (path and parameters) and ``travels``. If the address of the request differs
    from the address in the message, the user has pressed Back in the meantime, and the address of the request counts.
    """
    travels, known = sent.get("travels"), st.session_state.get("travels", 0)
    st.session_state["travels"] = travels
    _, _, parameters = str(sent.get("address", "")).partition("?")
    if travels == known and parse_qs(parameters, keep_blank_values=True) == query():
        write(st.session_state.get("address", query()))


def rerun() -> NoReturn:
    """Run the whole page from within a fragment. The request for the fragment may have brought an older address."""
    write(st.session_state.get("address", query()))
    st.rerun()
