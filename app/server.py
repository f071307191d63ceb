"""The app as it is served: Streamlit with its pages, and beside them the route of previews (``browse/preview.py``).

``streamlit run app/main.py`` serves the pages alone; Browse then shows what its runs bring.
"""

from __future__ import annotations

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.web.server.server_util import is_url_from_allowed_origins

from app.shared.prefetch import PREVIEW
from glyphcore.errors import GlyphError

MAX_CHARACTERS = 8000
"""Characters of a query. A link with more of them works; it has no preview."""
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def preview(request: Request) -> Response:
    """The page that a choice leads to as JSON; 204 where there is none to show, 400 and one line for what is malformed.

    It only reads, and it answers to whom Streamlit's own socket does: the app's pages, under the app's own address.
    """
    # Not at the top: components are registered with the server that runs when their modules are first imported.
    from app.browse.preview import preview as preview_page

    site, host = request.headers.get("sec-fetch-site", "same-origin"), request.headers.get("host", "")
    if site != "same-origin" or not is_url_from_allowed_origins(f"http://{host}"):
        return _error("Previews are for the app's own pages.", 403)
    if len(request.url.query) > MAX_CHARACTERS:
        return _error(f"A preview is asked for in {MAX_CHARACTERS:,} characters.", 400)
    query = request.query_params
    try:
        found = preview_page(query.get("results", ""), query.get("view", ""), query.get("changes", ""))
    except GlyphError as error:
        return _error(str(error), 400)
    return Response(status_code=204) if found is None else JSONResponse(found, headers=HEADERS)


def _error(line: str, status: int) -> Response:
    return JSONResponse({"error": line}, status, headers=HEADERS)


app = st.App("main.py", routes=[Route(PREVIEW, preview)])
