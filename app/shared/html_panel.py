"""A sheet of figures: HTML with links that stay in the session, buttons that change the URL, and thumbnails.

An ``<a href>`` in the HTML is followed without a reload, like every link of the app. ``data-pick`` requests the glyphs
of a figure that filters cannot express. ``data-put`` (``name=value``) changes another URL parameter. ``data-key``
names an element, so that it keeps the focus.
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
    """Draw ``html``. Return the name of the figure whose glyphs were requested in this run, else an empty string.

    ``name`` is the accessible name. ``sprite`` (data URL, thumbnails per row) is the sprite for :func:`thumb`. ``put``
    gets the name and value of a parameter before the run.
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
            # The data must change after each click, or the panel would not learn that its click was answered.
            "answered": st.session_state.get(answered, 0),
        },
        key=key,
        on_pick_change=on_event(key, "pick", on_pick),
        on_put_change=on_event(key, "put", on_put),
    )
    return str(event_value(result.pick) or "")


def thumb(position: tuple[int, int]) -> Html:
    """Return a thumbnail of the sheet's sprite, by column and row; the text next to it describes it."""
    return tag("i", class_="thumb", style=f"--x:{position[0]};--y:{position[1]}", aria_hidden="true")


def linked(content: Html | str, address: str, pick: str = "", *, class_: str = "", **attributes: object) -> Html:
    """Return ``content`` as a link if there is an address, as a button if there is ``pick``, else as plain text."""
    if address:
        return tag("a", content, href=address, target="_self", class_=class_ or None, **attributes)
    if pick:
        return tag("button", content, type="button", class_=f"pick {class_}".strip(), data_pick=pick, **attributes)
    return tag("span", content, class_=class_ or None)
