"""Fonts that this browser has had open, with the way back to each; and a font dropped anywhere on the page is taken.

The list lies in the browser: uploads are private, and a server does not show one person what another one has uploaded.
"""

from __future__ import annotations

from app.shared.assets import component

HTML = """
<section class="glyphcore recent" aria-label="Recent fonts" hidden>
  <span class="name">Recent</span>
  <span class="list" role="list"></span>
  <button type="button" class="forget" title="Forget this list; what was confirmed stays">forget</button>
</section>
<div class="glyphcore dropped" hidden>Drop the font to have it read</div>
"""

_recent = component(__file__, HTML)


def recent(font: str, name: str, done: int, of: int, *, key: str) -> None:
    """Draw the fonts that were open in this browser, less ``font``, the one on show, which is noted by its key.

    ``done`` of its ``of`` glyphs are confirmed; 0 glyphs leave what was noted of that.
    """
    _recent(data={"font": font, "name": name, "done": done, "of": of}, key=key)
