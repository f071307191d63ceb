"""The content of the screen once the app is idle. One call into the page waits and reads it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page

PATIENCE = 60_000
"""Milliseconds within which an app must come to rest."""
SOON = 15.0
"""Seconds within which a requested content must be on the screen."""
QUIET = 80
"""Milliseconds without activity that count as rest."""

WATCH = """(() => {
  // Messages of the socket and entries of the history: while an answer is on its way, the app is not at rest.
  const walked = (window.walked = { sent: 0, got: 0, pushes: 0 });
  const Native = window.WebSocket;
  const send = Native.prototype.send;
  Native.prototype.send = function (...data) {
    walked.sent = performance.now();
    return send.apply(this, data);
  };
  window.WebSocket = class extends Native {
    constructor(...how) {
      super(...how);
      this.addEventListener("message", () => { walked.got = performance.now(); });
    }
  };
  const push = history.pushState;
  history.pushState = function (...what) {
    push.apply(this, what);
    walked.pushes += 1;
  };
})()"""

SIGNS = {
    "browse": ".glyphs .card:not([hidden])",
    "inspect": ".inspector .title > *",
    "dashboard": ".sheet > *",
    "compare": ".compare .models tbody tr",
    "primitives": ".codebook .name:not(:empty)",
    "map": ".map .legend button",
    "fonts": ".fontsheet .place:not(:empty)",
    "pdf": ".pdf .place:not(:empty)",
}
"""Selectors of a page's own component with content."""
INSTEAD = {
    **dict.fromkeys(("browse", "inspect", "dashboard", "primitives"), "No glyph passes all filters"),
    "compare": ("A comparison needs two evaluated checkpoints", "No glyph passes all filters"),
    "map": "The map of these results is not computed yet",
    "fonts": "Which glyph is which character",
    "pdf": "Which fonts of a PDF have wrong text",
}
"""Texts that a page may show instead."""
SAYS = {
    "browse": ".selection, .headline, .glyphs .place",
    "inspect": ".selection, .inspector .place, .inspector .title",
    "dashboard": ".selection, .sheet",
    "compare": ".selection, .compare, .flips .place, .changes",
    "primitives": ".selection, .headline, .codebook .name",
    "map": ".selection, .map .sampled",
    "fonts": ".headline, .fontsheet .place",
    "pdf": ".headline, .pdf .place, .pdf .legend",
}
"""Features that identify a state of a page, the same wherever its address is opened."""

EXPECTED = re.compile("A comparison needs two checkpoints|No label is called|No label of .{1,80} stands for")
"""Messages about requests that cannot be met."""

LOOK = """async ({ patience, quiet, rest, elsewhere, signs, instead, says }) => {
  const start = performance.now();
  let last = "";
  const frame = () => new Promise((done) => { setTimeout(done, 40); }); // every painted frame would cost more
  const roots = () => [document, ...[...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
    .map((host) => host.shadowRoot).filter(Boolean)];
  const all = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]);
  const name = () => location.pathname.replaceAll("/", "") || "browse";
  const main = () => document.querySelector("[data-testid=stMain]");
  const shown = () => {
    const page = name();
    if (signs[page] && all(signs[page]).length) return "its component";
    const words = main()?.innerText ?? "";
    return [instead[page] ?? []].flat().some((line) => words.includes(line)) ? "words" : "";
  };
  const errors = "[data-testid=stException], [data-testid=stAlertContentError]";
  const failed = () => document.querySelector(errors);
  const { walked } = window;
  const busy = () => {
    const app = document.querySelector("[data-testid=stApp]");
    if (!app) return "no app";
    if (app.dataset.testConnectionState !== "CONNECTED") return "no connection";
    if (app.dataset.testScriptState !== "notRunning") return "a script runs";
    if (walked.sent > walked.got && performance.now() - walked.sent < 3000) return "an answer is on its way";
    if (performance.now() - walked.got < quiet) return "messages come";
    if (document.querySelector("[data-stale=true]")) return "something is stale";
    if (document.querySelector("[data-testid=stSpinner]")) return "a spinner";
    if (all("[aria-busy=true], [data-following], [data-sending], [data-pending]").length) return "a component waits";
    if (["fonts", "pdf"].includes(name()) && main()?.querySelector("[data-testid=stProgress]")) return "a file is read";
    const place = all(".glyphs .place")[0]?.textContent.split(" of ")[1];
    const counted = main()?.querySelector(".headline .shown strong") ?? main()?.querySelector(".headline b");
    if (name() === "browse" && place && place !== counted?.textContent && !failed())
      return "the grid and the headline differ";
    return "";
  };
  const left = () => performance.now() - start < (last.startsWith("the grid") ? 4000 : patience);
  if (elsewhere) while (location.href === elsewhere && performance.now() - start < 3000) await frame();
  let calm = null, bare = 0;
  while (left()) {
    const now = busy();
    if (now) [calm, last] = [null, now];
    calm ??= now ? null : performance.now();
    if (calm !== null && performance.now() - calm >= quiet + rest) {
      if (shown() || failed()) break;
      bare ||= performance.now();
      if (performance.now() - bare > 30_000) break; // at rest, and nothing comes
    }
    await frame();
  }
  const text = (element) => (element.innerText || element.textContent || "").trim().replace(/\\s+/g, " ");
  const page = name(), words = main()?.innerText ?? "", everything = document.body.innerText;
  const number = (words) => Number(words?.match(/[0-9,]+(?= glyphs?$|$)/)?.[0].replaceAll(",", "") ?? NaN);
  const headline = page === "browse" && document.querySelector("[data-testid=stMain] .headline");
  const wrong = [...document.querySelectorAll(errors)].map(text);
  for (const problem of all(".marks .problem, [data-testid=stToast]")) if (text(problem)) wrong.push(text(problem));
  const said = everything.match(
    /(encountered an error|Connection error|Page not found|Bad message|Component Error|Bidi[A-Z]\\w+)/);
  if (said) wrong.push(said[0]);
  return {
    url: location.href, page, shown: shown(), wrong, words: words.slice(0, 300), pushes: walked.pushes,
    said: all(says[page] ?? "body > none").map(text).join(" | "), unsettled: left() ? "" : last || "nothing comes",
    headline: headline ? [number(headline.querySelector("b")?.textContent),
      number(headline.querySelector("span")?.textContent),
      number((headline.querySelector(".shown strong") ?? headline.querySelector("b"))?.textContent)] : null,
    back: navigation.canGoBack, forward: navigation.canGoForward, ms: performance.now() - start,
  };
}"""


@dataclass(frozen=True)
class Seen:
    """A page at rest."""

    url: str
    page: str
    """The first word of its path, ``browse`` for the root."""
    shown: str
    """Kind of the content: its component, or words in place of the component; empty for neither."""
    wrong: tuple[str, ...]
    """Errors that the page shows."""
    words: str
    said: str
    """Features of this state of the page."""
    headline: tuple[float, float, float] | None
    """The counts above Browse: selected, of all, and shown with a limit for each group."""
    pushes: int
    """Entries that this document has added to the history."""
    back: bool
    forward: bool
    unsettled: str
    """Activity that had not ended at the time limit."""

    @property
    def address(self) -> str:
        """Return the path and query."""
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


def agreed(page: Page, wanted: Callable[[], Seen], seconds: float = SOON) -> tuple[Seen, Seen]:
    """Read ``page`` and ``wanted`` until both have the same content or time is over; return both contents.

    On a slow machine one of them is late.
    """
    end = time.monotonic() + seconds
    while True:
        there, here = look(page), wanted()
        if (alike(there, here) and there.shown) or there.wrong or time.monotonic() > end:
            return there, here


def alike(one: Seen, other: Seen) -> bool:
    """Return whether two tabs show the same."""
    return (one.page, one.headline, one.said) == (other.page, other.headline, other.said)


def look(page: Page, *, rest: int = 0, elsewhere: str = "", patience: int = PATIENCE) -> Seen:
    """Wait until ``page`` is at rest and return its content.

    ``rest``: milliseconds for which the last gesture's component waits before it tells the server. ``elsewhere``: an
    address that the page is leaving.
    """
    how = {"patience": patience, "quiet": QUIET, "rest": rest, "elsewhere": elsewhere, "signs": SIGNS,
           "instead": INSTEAD, "says": SAYS}  # fmt: skip
    screen: dict[str, Any] = {}
    for attempt in range(5):
        try:
            screen = page.evaluate(LOOK, how)
            break
        except Error as error:  # the page has just left the document that was read
            gone = any(text in error.message for text in ("destroyed", "navigat", "Cannot find context"))
            if not gone or attempt == 4:
                raise
            page.wait_for_load_state("domcontentloaded")
    headline = screen["headline"]
    messages = ["an error page" if "encountered an error" in text else text for text in screen["wrong"]]
    wrong = dict.fromkeys(text for text in messages if not EXPECTED.search(text))
    return Seen(
        screen["url"], screen["page"], screen["shown"], tuple(wrong), screen["words"], screen["said"],
        None if headline is None else (headline[0], headline[1], headline[2]),
        screen["pushes"], screen["back"], screen["forward"], screen["unsettled"],
    )  # fmt: skip


def differ(one: str, other: str) -> str:
    """Return some words of each text from the place where they differ."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    at = max(0, at - 30)
    return f"{one[at : at + 100]!r} became {other[at : at + 100]!r}"
