"""Going to another page of the app, with its parameters, as one step of the browser's history.

``st.switch_page`` writes the parameters of the new page into the address of the old one first, so that Back finds the
old page with parameters that are not its own. Here the browser goes itself (``navigate`` in ``common.js``).
"""

from __future__ import annotations

import secrets

from app.shared import parameters
from app.shared.assets import component
from app.shared.view import Query

_go = component(__file__, "<span hidden></span>")


def go(page: str, query: Query) -> None:
    """Go to ``page`` (``browse``, ``inspect``, …). Call it last in a run, when the page that is left is drawn."""
    _go(data={"address": parameters.link(page, query), "once": secrets.token_hex(4)}, key="go")
