"""The content of the pages of a PDF: every glyph with its place, in drawing order.

Pages, forms, tiling patterns and appearances of annotations are walked with the text state of PDF 32000-1, 9.3 and 9.4.
Places are rotated so that text runs along x, whatever its direction on the page; the same holds for vertical text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf

from glyphcore.pdf.fonts import Font
from glyphcore.pdf.objects import (
    FAULTS,
    IDENTITY,
    elements,
    get,
    identity,
    inherited,
    is_dictionary,
    items,
    matrix,
    multiplied,
    pages,
)  # fmt: skip
from glyphcore.pdf.operators import Shown, State, TextOperators

DEEPEST = 12
"""Largest depth of forms within forms."""
MOST_GLYPHS = 100_000, 5_000_000
"""Largest number of glyphs of a page, and of all pages."""
MOST_STREAMS = 2_500, 200_000
"""Largest number of content streams that are walked of a page, and of all pages: forms that show forms that show forms
soon become many."""
MOST_FONTS = 2_000
ZERO = 0.03
"""In font sizes: a glyph with a smaller advance takes no room."""
LONGEST = 8
"""Largest number of characters of one glyph."""
MOST_TOKENS = 2_000_000, 30_000_000
"""Largest number of operands and operators of one content stream, and of all streams together."""


@dataclass
class Content:
    """Everything that a PDF shows."""

    fonts: list[Font] = field(default_factory=list)
    """Fonts in the order in which they are met; after :func:`walk`, only fonts that show a glyph."""
    shown: list[Shown] = field(default_factory=list)
    actual: list[str] = field(default_factory=list)
    """Texts that a PDF gives for parts of its content (``ActualText``)."""
    pages: int = 0
    fontless: Counter[int] = field(default_factory=Counter)
    """Pages, from 0, that show text in fonts that the file lacks, with the number of such strings."""
    empty: set[int] = field(default_factory=set)
    """Pages, from 0, without any contents."""
    snags: Counter[str] = field(default_factory=Counter)
    """Descriptions of parts that could not be read, with their counts."""


def walk(pdf: pikepdf.Pdf) -> Content:
    """Return everything that the pages of a PDF show; parts that cannot be read are counted in ``snags``."""
    return _walked(pdf, _Walker())


def traced(pdf: pikepdf.Pdf) -> tuple[list[Shown], dict[Any, Any]]:
    """Return all glyphs as :func:`walk` does, each with its place in its content stream, and the streams by key: pages,
    as their dictionaries, and forms."""
    walker = _Walker(trace=True)
    return _walked(pdf, walker).shown, walker.streams


def _walked(pdf: pikepdf.Pdf, walker: _Walker) -> Content:
    for number_, page in enumerate(pages(pdf)):
        walker.page(number_, page)
    found = walker.found
    found.fonts = [font for font in found.fonts if font.used]
    _tell_fonts(found)
    return found


def _tell_fonts(content: Content) -> None:
    """Tell fonts which of their glyphs have their text elsewhere: in ActualText, or in a mark or dot that stands on
    them. Also tell them the ActualText of single glyphs."""
    spans: dict[int, list[Shown]] = {}
    for shown in content.shown:
        if shown.actual >= 0:
            shown.font.enclosed[shown.code] += 1
            spans.setdefault(shown.actual, []).append(shown)
    for before, shown, after in zip([None, *content.shown], content.shown, [*content.shown[1:], None], strict=False):
        if shown.actual < 0 and (_bears(shown, before) or _bears(shown, after)):
            shown.font.enclosed[shown.code] += 1
    for number, span in spans.items():
        text = content.actual[number]
        if len(span) == 1 and 0 < len(text) <= LONGEST:
            span[0].font.actual.setdefault(span[0].code, Counter())[text] += 1


def _bears(shown: Shown, other: Shown | None) -> bool:
    """Whether another glyph takes no room beside this one, has a text and stands on it: a cluster has one text."""
    if other is None or other.page != shown.page or abs(other.advance) > ZERO * other.size:
        return False
    near = -ZERO * shown.size <= other.x - shown.x <= shown.advance + ZERO * shown.size
    return near and abs(other.y - shown.y) < shown.size and bool(other.font.shown_by_readers(other.code))


class _Walker:
    def __init__(self, trace: bool = False) -> None:
        self.found = Content()
        self._trace = trace
        self.streams: dict[Any, Any] = {}
        self._fonts: dict[Any, Font | None] = {}
        self._page = 0
        self._of_page = 0
        self._before = 0
        self._streams = 0
        self._tokens = 0
        self._actual: list[int] = []
        self._open: set[Any] = set()

    def page(self, number_: int, page: pikepdf.Object) -> None:
        self._page, self.found.pages = number_, number_ + 1
        self._of_page, self._before = 0, len(self.found.shown)
        resources = inherited(page, "/Resources")
        if get(page, "/Contents") is None:
            self.found.empty.add(number_)
        try:
            self._stream(page, resources, State(IDENTITY), 0)
            self._annotations(page, resources)
        except ValueError as error:
            self.found.snags[str(error)] += 1

    def _annotations(self, page: pikepdf.Object, resources: Any) -> None:
        for annotation in elements(get(page, "/Annots"), 20_000):
            appearance = get(get(annotation, "/AP"), "/N")
            states = [appearance] if isinstance(appearance, pikepdf.Stream) else [v for _, v in items(appearance)]
            for stream in states[:20]:
                self._stream(stream, get(stream, "/Resources", resources), State(IDENTITY), 1)

    def _stream(self, stream: Any, resources: Any, state: State, depth: int) -> None:
        """Walk the contents of a page or of a form; a stream that contains itself is not walked again."""
        key = identity(stream) if is_dictionary(stream) else b""
        if not key or depth > DEEPEST or key in self._open:
            return
        self._streams += 1
        self._of_page += 1
        if self._of_page > MOST_STREAMS[0] or self._streams > MOST_STREAMS[1]:
            raise ValueError("too many forms")  # also ends the streams that painted it, level by level
        self._open.add(key)
        marks = len(self._actual)
        if self._trace:
            self.streams[key] = stream
        text = TextOperators(self, resources, state, depth, key if self._trace else None)
        try:
            if isinstance(stream, pikepdf.Stream):
                # like the contents of a page; grouping by pikepdf takes memory
                pikepdf.Object._parse_stream(stream, text)
            else:
                pikepdf.Page(stream).parse_contents(text)
        except FAULTS as error:
            known = str(error) if str(error).startswith("too many") else f"a content stream: {type(error).__name__}"
            self.found.snags[known] += 1
        del self._actual[marks:]
        self._open.discard(key)

    def form(self, resources: Any, form: Any, state: State, depth: int) -> None:
        if get(form, "/Subtype") == pikepdf.Name.Form:
            placed = matrix(get(form, "/Matrix")) if get(form, "/Matrix") is not None else IDENTITY
            inner = replace(state, ctm=multiplied(placed, state.ctm))
            self._stream(form, get(form, "/Resources", resources), inner, depth + 1)

    def pattern(self, pattern: Any, depth: int) -> None:
        if isinstance(pattern, pikepdf.Stream):
            self._stream(pattern, get(pattern, "/Resources"), State(IDENTITY), depth + 1)

    def font(self, value: Any) -> Font | None:
        if not is_dictionary(value):
            return None
        key = identity(value)
        if key not in self._fonts:
            font = None
            if len(self._fonts) < MOST_FONTS:
                try:
                    font = Font(value)
                    self.found.fonts.append(font)
                except FAULTS as error:
                    self.found.snags[f"a font: {type(error).__name__}"] += 1
            self._fonts[key] = font
        elif isinstance(key, bytes) and (known := self._fonts[key]) and len(known.values) < 10_000:
            known.values.append(value)  # a repeated direct object: writes go to every copy
        return self._fonts[key]

    def mark(self, properties: Any) -> None:
        """Begin a marked part of the content; it has a text of its own or belongs to the part around it."""
        text = get(properties, "/ActualText")
        if isinstance(text, pikepdf.String):
            self.found.actual.append(str(text)[:10_000])
            self._actual.append(len(self.found.actual) - 1)
        else:
            self._actual.append(self._actual[-1] if self._actual else -1)

    def unmark(self) -> None:
        if self._actual:
            self._actual.pop()

    @property
    def actual(self) -> int:
        return self._actual[-1] if self._actual else -1

    def count(self, tokens: int) -> None:
        """Count the tokens of a stream so far; raises ValueError when there are too many."""
        self._tokens += 1
        if tokens > MOST_TOKENS[0] or self._tokens > MOST_TOKENS[1]:
            raise ValueError("too many operators")

    def show(self, shown: Shown) -> None:
        count = len(self.found.shown)
        if count - self._before >= MOST_GLYPHS[0] or count >= MOST_GLYPHS[1]:
            raise ValueError("too many glyphs")
        shown.page = self._page
        self.found.shown.append(shown)

    def lose(self) -> None:
        self.found.fontless[self._page] += 1
