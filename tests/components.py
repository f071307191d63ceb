"""Data of the app's components, as AppTest sees it."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def headline(app: AppTest) -> str:
    """Return the HTML of the line above the glyphs."""
    (found,) = [each.proto.body for each in app.get("html") if each.proto.body.startswith('<div class="headline"')]
    return str(found)


def offered(app: AppTest, key: str, name: str) -> dict[str, tuple[str, int, int]]:
    """Return the options of one choice of a component: value → words, and n and wrong where counted."""
    data = drawn(app, key)
    choice = next(each for each in data["choices"] if each["name"] == name)
    listed = data["lists"][choice["words"]]
    if choice["counts"] is None:
        return {value: (words, 0, 0) for value, words in listed}
    return {listed[i][0]: (listed[i][1], n, wrong) for i, n, wrong in choice["counts"]}


def chosen(app: AppTest, key: str, name: str) -> list[str]:
    """Return the chosen values of one choice."""
    return next(each["chosen"] for each in drawn(app, key)["choices"] if each["name"] == name)


def drawn(app: AppTest, key: str) -> dict[str, Any]:
    """Return the data of a component; the content and the view of a shown parcel are merged into it."""
    (component,) = [each for each in app.get("bidi_component") if each.key == key]
    data = json.loads(component.proto.json)
    return data | (data.get("shown") or {}).get("content", {}) | data.get("view", {})
