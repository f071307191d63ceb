"""Navigation to another page of the app, with its parameters, as one step of the browser's history.

``st.switch_page`` first writes the parameters of the new page into the address of the old page. Back would then show
the old page with wrong parameters. Here the browser itself navigates (``navigate`` in ``common.js``).
"""

from __future__ import annotations

import secrets

from app.shared import parameters
from app.shared.assets import component
from app.shared.view import Query

_go = component(__file__, "<span hidden></span>")


def go(page: str, query: Query) -> None:
    """Go to ``page`` (``browse``, ``inspect``, …). Call this last in a run, after the current page is drawn."""
    _go(data={"address": parameters.link(page, query), "once": secrets.token_hex(4)}, key="go")
