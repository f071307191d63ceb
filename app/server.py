"""The app as it is served: Streamlit with its pages, and a route for previews (``browse/preview.py``).

``streamlit run app/main.py`` serves the pages without that route; Browse then has no previews and shows its runs.
"""

from __future__ import annotations

import pkgutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.web.server.server_util import is_url_from_allowed_origins

from app.shared.prefetch import PREVIEW
from glyphcore.errors import GlyphError

MAX_CHARACTERS = 8000
"""Most characters of a query. A longer link works, but has no preview."""
DRAWING_SECONDS = 2
"""Until the first page is drawn, the processor is left to it."""
ENDING_SECONDS = 3
"""Until the sockets of windows are closed without their answer."""
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


def prepare() -> None:
    """Open the results that are shown first while the browser loads the frame, then import what other pages need.

    Without this the first drawing of each page took 100 to 400 ms longer. What cannot be imported or opened is reported
    by the page itself.
    """
    from app.shared import sources

    with suppress(GlyphError, OSError):
        if (file := next((file for file in sources.files() if file.complete), None)) is not None:
            store = sources.named(file.path.name).store
            time.sleep(DRAWING_SECONDS)
            _ = store.has_cell_index
    for module in pkgutil.walk_packages([str(Path(__file__).parent)], "app."):
        if not module.ispkg and module.name.split(".")[-1] not in {"main", "page", "server"}:  # these draw or serve
            with suppress(ImportError):
                import_module(module.name)


def end_in_time() -> None:
    """Close the connections of windows that do not answer soon after the server is told to end.

    uvicorn waits without limit for every window to close its socket, and a window whose tab sleeps does not. Streamlit
    passes no limit to uvicorn, so it is set on the running server, which handles the signals. All files are written in
    steps that an end cannot halve.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = ENDING_SECONDS


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Prepare the pages beside the server, which answers at once."""
    end_in_time()
    Thread(target=prepare, daemon=True).start()
    yield


app = st.App("main.py", routes=[Route(PREVIEW, preview)], lifespan=lifespan)
