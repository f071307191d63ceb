"""The app as it is served: Streamlit with its pages, and a route for previews (``browse/preview.py``).

``streamlit run app/main.py`` serves the pages without that route; Browse then has no previews and shows its runs.
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
"""Most characters of a query. A longer link works, but has no preview."""
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def preview(request: Request) -> Response:
    """Return the page after a choice as JSON; 204 if there is no page to show, 400 and one line for a bad request.

    The route only reads. It answers the same clients as Streamlit's own socket: the app's pages at the app's address.
    """
    # Imported here: components register with the server that is running when their modules are first imported.
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
