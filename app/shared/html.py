"""HTML that data cannot break: all text is escaped unless this module made it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from app.shared.naming import readable_character, readable_label
from glyphcore.data.labels import codepoints


class Html(str):
    """Text that is valid HTML already."""


def tag(name: str, *children: str, **attributes: object) -> Html:
    """Return an element. Attributes and children that are not :class:`Html` are escaped. An attribute with the value
    None or False is left out; one with True has no value. In attribute names, ``_`` becomes ``-``, and a ``_`` at the
    end is dropped (``class_``).
    """
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        written.append(f" {key}" if value is True else f' {key}="{escape(str(value))}"')
    inside = "".join(child if isinstance(child, Html) else escape(child) for child in children)
    return Html(f"<{name}{''.join(written)}>{inside}</{name}>")


def character(base: str, label: str) -> Html:
    """Return the readable character of a label; the script shows code points if no font has the character."""
    return tag("bdi", readable_character(base, label), class_="char", data_codes=codepoints(base))


def named(base: str, label: str, *, mark: bool = False) -> Html:
    """Return the character and the name of a label. Among marks, the name leaves out the word "mark" and a code point
    is added: a lone mark is hard to read."""
    words = readable_label(label).removesuffix(" · mark") if mark else readable_label(label)
    code = [" ", tag("span", codepoints(base), class_="code")] if mark else []
    return tag("span", character(base, label), " ", tag("span", words), *code, class_="named", title=label)


def percent(share: float | None) -> str:
    """Return ``88.4%``, or a dash for None."""
    return "–" if share is None else f"{100 * share:.1f}%"


def points(difference: float) -> str:
    """Return a difference of shares in percentage points: ``+3.3``, ``−6.9``, ``±0.0``."""
    text = f"{100 * abs(difference):.1f}"
    return f"{'±' if float(text) == 0 else '+' if difference > 0 else '−'}{text}"


def between(interval: list[float] | None) -> str:
    """Return ``81.2 – 92.8``; empty for None."""
    return "" if interval is None else f"{100 * interval[0]:.1f} – {100 * interval[1]:.1f}"


def panes(kind: str, *columns: Sequence[Html]) -> Html:
    """Return columns side by side; ``kind`` sets their widths (``sheet.css``)."""
    return tag("div", *(tag("div", *column, class_="pane") for column in columns), class_=f"panes {kind}")
