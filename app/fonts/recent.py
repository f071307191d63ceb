"""Recently opened fonts of this browser, each with a link. A font dropped anywhere on the page is uploaded.

The list is kept in the browser: uploads are private, and a server must not show one user the uploads of another user.
"""

from __future__ import annotations

from app.shared.assets import component

HTML = """
<section class="glyphcore recent" aria-label="Recent fonts" hidden>
  <span class="name">Recent</span>
  <span class="list" role="list"></span>
  <button type="button" class="forget" title="Clear this list; confirmations are kept">clear</button>
</section>
<div class="glyphcore dropped" hidden>Drop the font here to open it</div>
"""

_recent = component(__file__, HTML)


def recent(font: str, name: str, done: int, of: int, *, key: str) -> None:
    """Draw the fonts that were open in this browser, without the current ``font``, which joins the list by its key.

    ``done`` of ``of`` glyphs of the font are confirmed. ``of=0`` keeps the stored counts.
    """
    _recent(data={"font": font, "name": name, "done": done, "of": of}, key=key)
