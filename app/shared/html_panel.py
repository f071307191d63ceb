"""A sheet of figures: HTML with links that stay in the session, buttons that change the URL, and thumbnails.

In the HTML, ``<a href>`` is followed without a reload, as every link of the app is; ``data-pick`` asks for the
glyphs of a figure that no filters name, ``data-put`` (``name=value``) for another URL parameter. ``data-key`` tells
where the focus stays.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.shared.assets import component
from app.shared.events import event_value, on_event
from app.shared.html import Html, tag

_html_panel = component(__file__, '<section class="glyphcore sheet"></section>')


def html_panel(
    html: Html, *, key: str, name: str, put: Callable[[str, str], None], sprite: tuple[str, int] = ("", 1)
) -> str:
    """Draw ``html``; returns what the figure is called whose glyphs were asked for in this run, else nothing.

    ``name`` is its accessible name, ``sprite`` (data URL, thumbnails a row) is what :func:`thumb` shows; ``put`` gets a
    parameter's name and value before the run.
    """
    answered = f"{key}_answered"

    def on_pick(sent: object) -> None:
        st.session_state[answered] = st.session_state.get(answered, 0) + 1

    def on_put(sent: object) -> None:
        on_pick(sent)
        parameter, _, value = str(sent or "").partition("=")
        put(parameter, value)

    result = _html_panel(
        data={
            "html": html,
            "sprite": sprite[0],
            "columns": sprite[1],
            "name": name,
            # A panel that would not change otherwise has to hear that its click was answered.
            "answered": st.session_state.get(answered, 0),
        },
        key=key,
        on_pick_change=on_event(key, "pick", on_pick),
        on_put_change=on_event(key, "put", on_put),
    )
    return str(event_value(result.pick) or "")


def thumb(position: tuple[int, int]) -> Html:
    """A thumbnail of the sheet's sprite, by column and row; the words beside it say what it is."""
    return tag("i", class_="thumb", style=f"--x:{position[0]};--y:{position[1]}", aria_hidden="true")


def linked(content: Html | str, address: str, pick: str = "", *, class_: str = "", **attributes: object) -> Html:
    """``content`` as a link to an address, else as a button that asks for glyphs, else as it is."""
    if address:
        return tag("a", content, href=address, target="_self", class_=class_ or None, **attributes)
    if pick:
        return tag("button", content, type="button", class_=f"pick {class_}".strip(), data_pick=pick, **attributes)
    return tag("span", content, class_=class_ or None)
