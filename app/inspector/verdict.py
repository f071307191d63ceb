"""The line above the glyph that names the cause of its reading.

The line is drawn after the glyph, into a container above it: comparing with other fonts takes longer than showing the
glyph.
"""

from __future__ import annotations

from collections.abc import Callable

from app.shared.assets import component
from app.shared.events import on_event

HTML = """
<section class="glyphcore verdict-line" aria-label="Verdict">
  <p role="status"></p>
  <button type="button" hidden></button>
</section>
"""

_verdict_line = component(__file__, HTML)


def verdict_line(glyph: int, blame: str, text: str, model: str, *, key: str, on_ask: Callable[[], None]) -> None:
    """Draw the verdict on a glyph. ``blame`` and ``text`` are fields of :class:`glyphcore.analysis.verdict.Verdict`.

    ``model`` is the file name of the model that must be asked before cells can be judged, empty for none. ``on_ask`` is
    called before the run.
    """
    _verdict_line(
        data={"glyph": glyph, "blame": blame, "text": text, "model": model},
        key=key,
        on_ask_change=on_event(key, "ask", lambda _: on_ask()),
    )
